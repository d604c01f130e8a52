import { screen } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { isGood, STATUSES, statusTone } from "../../src/common/StatusMark";
import type { Diagnosis, Status } from "../../src/server/answers";
import { serve } from "../server";
import { show } from "../tab";

const told = (id: string) => ({ id, title: id, saw: "0" });
const notTold = (id: string) => ({ id, title: id, missing: ["loss"], log: "Log it." });

async function leadOf(status: Status, change: Partial<Diagnosis>): Promise<string> {
  const server = serve("learning");
  Object.assign(server.samples[0].diagnosis, { status, fine: [], does_not_apply: [], could_not_tell: [], notes: [], ...change });
  await show();
  return screen.getByRole("main").querySelector(".lead")!.textContent;
}

describe("without a cause", () => {
  test.each<[Status, Partial<Diagnosis>, string]>([
    ["learning", { fine: [told("a")] }, "Nothing needs to change. 1 possible cause was checked and found fine."],
    ["reached", { fine: [told("a"), told("b")], could_not_tell: [notTold("c")] }, "Nothing needs to change. 2 possible causes were checked and found fine; 1 more could not be told with what was logged."],
    ["levelled off", { fine: [told("a")] }, "No probable cause was found. 1 possible cause was checked and found fine."],
    ["not judged", { fine: [told("a")] }, "No probable cause was found. 1 possible cause was checked and found fine."],
    ["too short to tell", { fine: [told("a")] }, "No fault shows so far. 1 possible cause was checked and found fine."],
    ["stalled", { fine: [told("a")], could_not_tell: [notTold("c")] }, "No probable cause was found. 1 possible cause was checked and found fine; 1 more could not be told with what was logged."],
  ])("%s, %j", async (status, change, expected) => expect(await leadOf(status, change)).toBe(expected));

  test.each<[Status, Partial<Diagnosis>]>([
    ["learning", {}],
    ["reached", { could_not_tell: [notTold("a")] }],
    ["reached", { does_not_apply: [told("a")] }],
    ["stalled", { could_not_tell: [notTold("a")] }],
  ])("%s, and nothing that was fine: nothing is called fine", async (status, change) => {
    expect(await leadOf(status, change)).toBe("No cause could be checked with what was logged.");
  });
});

test("a run that is not judged says so once, in its headline", async () => {
  const server = serve("learning");
  Object.assign(server.samples[0].diagnosis, { status: "not judged", fine: [], notes: [] });
  await show();
  expect(screen.getByRole("main").querySelector(".lead")).toBeNull();
});

test.each([
  [3, true],
  [40, false],
])("%s causes that could not be told are open: %s", async (size, isOpen) => {
  const many = Array.from({ length: size }, (_, index) => notTold(`cause${index}`));
  await leadOf("stalled", { probable_causes: [], could_not_tell: many });
  expect(screen.getByTestId<HTMLDetailsElement>("could_not_tell").open).toBe(isOpen);
});

test("only what learns or has reached its ceiling is green", () => {
  expect(STATUSES.filter(isGood)).toEqual(["learning", "reached"]);
  expect(statusTone("levelled off")).toBe("open");
  expect(statusTone("not judged")).toBe("open");
});
