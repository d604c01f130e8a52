import { fireEvent, screen, waitFor, within } from "@testing-library/preact";
import { beforeEach, expect, test } from "vitest";
import { json, refusal, sample, serve } from "../server";
import { show } from "../tab";

beforeEach(() => {
  window.location.hash = "";
});

const LAYERS = "Dense";
const CAUSES = { dead_relu: "Dead ReLU units", overfitting: "Overfitting" };
const cause = (id: keyof typeof CAUSES) => ({ id, title: CAUSES[id] });

const OVERVIEW = {
  schema: 2,
  runs: 1200,
  statuses: { stalled: 1000, learning: 200 },
  hours: 400,
  lost_hours: 100,
  lost_fraction: 0.25,
  timed_runs: 1100,
  causes_by_week: [
    { of: "2026-11-16", cause: cause("dead_relu"), runs: 300, all_runs: 400 },
    { of: "2026-11-23", cause: cause("overfitting"), runs: 600, all_runs: 800 },
    { of: "2026-11-23", cause: cause("dead_relu"), runs: 8, all_runs: 800 },
  ],
  causes_by_model: [{ of: LAYERS, cause: cause("dead_relu"), runs: 308, all_runs: 1200 }],
  separating: [],
  compared_runs: 40,
  score: "validation accuracy",
  look_at: [{ run: "logs/far", status: "stalled", cause: cause("dead_relu"), headline: "It stalled.", lost_hours: 12 }],
};

/** A server over an index, of which one run is a page; the others are listed when they are asked for. */
async function indexed(overview: (where: string | null) => Response) {
  const server = serve("stalled", "learning");
  const [first, far] = ["stalled", "learning"].map((name) => sample(name).row);
  const asked: string[] = [];
  server.override = (url) => {
    if (url.pathname.endsWith("/overview")) {
      asked.push(url.search);
      return overview(url.searchParams.get("where"));
    }
    if (!url.pathname.endsWith("/runs")) return undefined;
    const runs = url.searchParams.get("run") === "logs/far" ? [{ ...far, run: "logs/far" }, first] : [first];
    return json({ schema: 2, logdir: "", message: null, runs, index: { total: 1200, statuses: {}, offset: 0, shown: 1 } });
  };
  await show();
  return asked;
}

const open = () => fireEvent.click(screen.getByRole("button", { name: "Overview of these runs" }));

test("it says what holds the runs up, week by week, the newest first", async () => {
  await indexed(() => json(OVERVIEW));
  open();
  const overview = await screen.findByTestId("overview");
  expect(overview.textContent).toContain("100 h of 400 h (25 %) came after a run had stalled or diverged. 1,100 runs tell how long they took.");
  const rows = within(screen.getByRole("table", { name: "Probable causes by week" })).getAllByRole("row");
  expect(rows.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ["Week of", "Runs", "Overfitting", "Dead ReLU units"],
    ["2026-11-23", "800", "600", "8"],
    ["2026-11-16", "400", "–", "300"],
  ]);
  expect(within(rows[2]).getByText("300").getAttribute("style")).toContain("1.000");
  expect(overview.textContent).toContain("Of 40 runs on the same data, no setting tells the scores apart");
});

test("a run that is to be looked at opens, though it is on another page of the list", async () => {
  await indexed(() => json(OVERVIEW));
  open();
  fireEvent.click(await screen.findByRole("link", { name: "logs/far" }));
  await waitFor(() => expect(screen.getByRole("main", { name: "Diagnosis of logs/far" })).toBeTruthy());
  expect(screen.queryByTestId("overview")).toBeNull();
  expect(screen.getAllByTestId("run-item").map((item) => item.dataset.run)).toContain("logs/far");
});

test("it is of the runs that fit the filter, and says why there is none", async () => {
  const asked = await indexed((where) => (where ? refusal(400, "The index is gone.") : json(OVERVIEW)));
  open();
  await screen.findByTestId("overview");
  const input = screen.getByLabelText(/^Filter/);
  fireEvent.input(input, { target: { value: "epochs > 3" } });
  fireEvent.submit(input.closest("form")!);
  await waitFor(() => expect(screen.getByTestId("message").textContent).toBe("The index is gone."));
  expect(new URLSearchParams(asked.at(-1)).get("where")).toBe("epochs > 3");
});
