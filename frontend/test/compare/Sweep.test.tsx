import { fireEvent, screen, waitFor, within } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import type { Sweep } from "../../src/server/answers";
import { json, sample } from "../server";
import { open } from "../tab";

const runs = ["stalled", "reached", "learning"].map((name) => sample(name).row);
const part = { to: null, runs: 1, best: 0.9, median: 0.9, scores: [0.9] };

/** Two of three runs are good, with the smaller rate; the last one has no score. */
const SWEEP: Sweep = {
  schema: 2,
  judged: 3,
  score: "validation accuracy",
  higher_is_better: true,
  are_settings_known: true,
  settings: [
    {
      name: "hparams.rate",
      together_with: ["hparams.width"],
      explains: 0.984,
      separates: true,
      parts: [
        { value: 0.001, to: 0.01, runs: 2, best: 0.95, median: 0.94, scores: [0.95, 0.93] },
        { ...part, value: 1, best: null, median: null, scores: [null] },
      ],
    },
    { name: "optimizer.name", together_with: [], explains: 0.1, separates: false, parts: [{ ...part, value: "<b>sgd</b>" }] },
  ],
  runs: [
    { run: runs[1].run, score: 0.95, status: "reached", cause: null, settings: [0.01, "adam"] },
    { run: runs[2].run, score: 0.93, status: "learning", cause: null, settings: [0.001, "<b>sgd</b>"] },
    { run: runs[0].run, score: null, status: "stalled", cause: { id: "output_activation", title: "Output activation" }, settings: [1, null] },
  ],
};

/** The fold, opened, with this answer. */
async function opened(sweep: Sweep): Promise<{ fold: HTMLDetailsElement; asked: () => number }> {
  const server = await open("stalled", "reached", "learning");
  let asked = 0;
  server.override = (url) => {
    if (!url.pathname.endsWith("/sweep")) return undefined;
    asked++;
    return json(sweep);
  };
  const fold = screen.getByTestId<HTMLDetailsElement>("sweep");
  expect(asked).toBe(0);
  fold.open = true;
  fireEvent(fold, new Event("toggle"));
  await waitFor(() => expect(fold.querySelector(".inside p, table")?.textContent).not.toMatch(/^Reading|^$/));
  return { fold, asked: () => asked };
}

const cells = (table: HTMLElement) => [...table.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent.trim()));
const ranked = () => screen.getByTestId("ranked-runs");
const names = () => cells(ranked()).map(([name]) => name);

describe("a sweep", () => {
  test("shows what tells the scores apart, by value, with a picture of them", async () => {
    const { fold, asked } = await opened(SWEEP);
    const table = fold.querySelector("table")!;
    expect(document.getElementById(table.getAttribute("aria-labelledby")!)!.textContent).toBe(
      "rate accounts for 98 % of the differences in validation accuracy, together with width, which changes in the same runs.",
    );
    expect(cells(table)).toEqual([
      ["0.001 to 0.01", "2", "0.95", "0.94", ""],
      ["1", "1", "–", "–", ""],
    ]);
    expect([...table.querySelectorAll("svg")].map((strip) => strip.querySelectorAll("circle").length)).toEqual([2, 0]);
    expect(within(fold.querySelector<HTMLElement>(".others")!).getByRole("rowheader", { hidden: true }).textContent).toBe("<b>sgd</b>");
    expect(asked()).toBe(1);
  });

  test("ranks the runs, and a click on a head sorts them", async () => {
    await opened(SWEEP);
    expect(cells(ranked())[0]).toEqual([runs[1].run, "0.95", "0.01", "adam", "Reached its ceiling", "–"]);
    expect(cells(ranked())[2]).toEqual([runs[0].run, "–", "1", "–", "Stalled", "Output activation"]);
    const [first, second, third] = [runs[1].run, runs[2].run, runs[0].run];
    const sortOf = (title: string) => within(ranked()).getByRole("columnheader", { name: title }).getAttribute("aria-sort");
    const sort = (title: string) => fireEvent.click(within(ranked()).getByRole("button", { name: title }));
    expect(sortOf("Validation accuracy")).toBe("descending");
    sort("rate");
    expect([names(), sortOf("rate"), sortOf("Validation accuracy")]).toEqual([[second, first, third], "ascending", null]);
    sort("rate");
    expect([names(), sortOf("rate")]).toEqual([[third, first, second], "descending"]);
    sort("Validation accuracy");
    expect([names(), sortOf("Validation accuracy")]).toEqual([[first, second, third], "descending"]);
    sort("Validation accuracy"); // what has none stays last
    expect([names(), sortOf("Validation accuracy")]).toEqual([[second, first, third], "ascending"]);
  });

  test("every row leads to its run", async () => {
    await opened(SWEEP);
    const shown = screen.getByRole("main").getAttribute("aria-label");
    const other = SWEEP.runs.find(({ run }) => !shown!.endsWith(run))!.run;
    const link = within(ranked()).getByRole<HTMLAnchorElement>("link", { name: other });
    expect(new URL(link.href).hash).toBe(`#diagnosis&p.diagnosis.run=${other}`);
    fireEvent.click(link);
    await waitFor(() => expect(screen.getByRole("main").getAttribute("aria-label")).toBe(`Diagnosis of ${other}`));
  });

  test.each([
    [{ are_settings_known: false, settings: [] }, "What was set in these runs is not known."],
    [{ settings: [] }, "Nothing that was set differs between these runs."],
    [{ settings: [SWEEP.settings[1]] }, "No setting tells the scores of the 3 runs apart better than chance would."],
    [{ settings: [{ ...SWEEP.settings[1], separates: null }] }, "Fewer than 6 runs: nothing tells whether a setting matters."],
    [{ score: null, settings: [{ ...SWEEP.settings[1], separates: null }] }, "These runs have no score in common."],
  ])("of %j says so", async (change, sentence) => {
    const { fold } = await opened({ ...SWEEP, ...change });
    expect(fold.querySelector(".inside p")!.textContent).toContain(sentence);
    expect(screen.queryByTestId("ranked-runs") === null).toBe(change.settings.length === 0);
  });
});
