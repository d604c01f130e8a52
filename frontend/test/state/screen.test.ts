// @vitest-environment node
import { describe, expect, test } from "vitest";
import type { RunList } from "../../src/server/answers";
import { NOTHING, type Report, runsOn, selectedOn, withFilling, withList, withoutList, withoutServer, withReport, withRows, withWanted } from "../../src/state/screen";
import { sample } from "../server";

const unknown = () => undefined;
const list = (...names: string[]): RunList => ({ schema: 2, logdir: "/logs", message: null, runs: names.map((name) => sample(name).row) });
const report = (name: string): Report => ({ kind: "read", value: sample(name).diagnosis });

const listed = withList(NOTHING, list("stalled", "short"), null, unknown);
const reported = withReport(listed, "threshold", report("stalled"), []);

describe("what the page shows", () => {
  test("first the list with what was trained last, then its report", () => {
    expect(listed).toMatchObject({ kind: "list", selected: "threshold" });
    expect(reported).toMatchObject({ kind: "report", selected: "threshold", news: [] });
    expect(withList(NOTHING, list(), null, unknown)).toMatchObject({ kind: "list", selected: null });
  });

  test("what is wanted, where it is in the list", () => {
    expect(withWanted(reported, "short", unknown)).toMatchObject({ kind: "list", selected: "short", runs: { missing: null } });
    expect(withWanted(reported, "short", () => report("short"))).toMatchObject({ kind: "report", selected: "short" });
    expect(withWanted(reported, "deleted", unknown)).toMatchObject({ kind: "report", selected: "threshold", runs: { missing: "deleted" } });
  });

  test("a report that nobody waits for any more is dropped", () => {
    expect(withReport(withWanted(reported, "short", unknown), "threshold", report("stalled"), [])).toMatchObject({ kind: "list", selected: "short" });
  });

  test("without a server, what was read before; with it, that goes on", () => {
    const gone = withoutServer(withoutServer(reported));
    expect(gone).toEqual({ kind: "gone", before: reported });
    expect(selectedOn(gone)).toBe("threshold");
    expect(withWanted(gone, "short", unknown)).toMatchObject({ kind: "gone", before: { kind: "list", selected: "short" } });
    expect(withList(gone, list("stalled"), null, unknown)).toMatchObject({ kind: "report", selected: "threshold" });
  });

  test("a list that is refused leaves what is shown", () => {
    expect(withoutList(NOTHING, "No.")).toEqual({ kind: "loading", refused: "No." });
    expect(withoutList(reported, "No.")).toMatchObject({ kind: "report", runs: { refused: "No." } });
  });

  test("rows come into their places, and the list says which ones are news", () => {
    const [row] = list("short").runs;
    const read = withRows(withFilling(reported, true), { short: [{ ...row, run: "short (earlier 1)" }, { ...row, status: "stalled" }] });
    expect(runsOn(read)!.list.runs.map(({ run }) => run)).toEqual(["threshold", "short (earlier 1)", "short"]);
    expect([...runsOn(read)!.changed]).toEqual(["short"]);
    expect([...runsOn(withWanted(read, "short", unknown))!.changed]).toEqual([]);
  });
});
