import { fireEvent, screen, waitFor } from "@testing-library/preact";
import { beforeEach, expect, test } from "vitest";
import { json, refusal, sample, serve } from "../server";
import { show } from "../tab";

beforeEach(() => {
  window.location.hash = "";
});

/** A server over an index of a thousand runs: 2 of them, the first of which is stalled, are a page. */
async function indexed() {
  const server = serve("stalled", "learning");
  const rows = ["stalled", "learning"].map((name) => sample(name).row);
  const asked: string[] = [];
  server.override = (url) => {
    if (!url.pathname.endsWith("/runs")) return undefined;
    asked.push(url.search);
    const where = url.searchParams.get("where");
    if (where === "status =") return refusal(400, "The filter 'status =' cannot be understood at its end.");
    const runs = where === "epochs > 99" ? [] : where ? [rows[0]] : rows;
    const offset = Number(url.searchParams.get("offset") ?? 0);
    const message = runs.length ? null : "No run fits.";
    return json({ schema: 2, logdir: "", message, runs, index: { total: where ? runs.length : 1000, statuses: {}, offset, shown: runs.length } });
  };
  await show();
  return asked;
}

const filterBy = (text: string) => {
  const input = screen.getByLabelText(/^Filter/);
  fireEvent.input(input, { target: { value: text } });
  fireEvent.submit(input.closest("form")!);
};

test("the server filters, sorts and turns pages; the list counts all runs", async () => {
  const asked = await indexed();
  expect(screen.getByRole("heading", { name: "1,000 runs" })).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Next page" }));
  await waitFor(() => expect(asked.at(-1)).toBe("?offset=2"));
  fireEvent.change(screen.getByLabelText("Order"), { target: { value: "worst" } });
  await waitFor(() => expect(asked.at(-1)).toBe("?offset=0&sort=worst"));
  filterBy("status = 'stalled'");
  await waitFor(() => expect(screen.getAllByTestId("run-item")).toHaveLength(1));
  expect(new URLSearchParams(asked.at(-1)).get("where")).toBe("status = 'stalled'");
  expect(screen.getByRole("heading", { name: "1 run" })).toBeTruthy();
});

test("a filter that nothing fits, or that is none, leaves the list to be filtered anew", async () => {
  await indexed();
  for (const [text, sentence] of [
    ["epochs > 99", "No run fits."],
    ["status =", "The filter 'status =' cannot be understood at its end."],
  ]) {
    filterBy(text);
    await waitFor(() => expect(screen.getByTestId("message").textContent).toBe(sentence));
    expect(screen.getAllByTestId("run-item")).toHaveLength(2);
  }
});
