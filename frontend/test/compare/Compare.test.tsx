import { fireEvent, screen, waitFor, within } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { json, sample } from "../server";
import { comeBack, open } from "../tab";

/** The fold, opened as by a click. */
async function folded(): Promise<HTMLElement> {
  const compare = screen.getByTestId<HTMLDetailsElement>("compare");
  compare.open = true;
  fireEvent(compare, new Event("toggle"));
  return compare;
}

describe("two runs", () => {
  test("are compared by name, in words, what was set before where they part", async () => {
    const server = await open("stalled", "reached");
    server.override = (url) =>
      url.pathname.endsWith("/compare")
        ? json({
            schema: 2,
            unit: "epoch",
            differences: [{ name: "output.activation", values: ["relu", "<b>sigmoid</b>"] }],
            in_words: [
              { what: "Output activation", kind: "setting", values: ["relu", "<b>sigmoid</b>"] },
              { what: "Inputs", kind: "data", values: ["0 to 99,997", "0 to 1"] },
              { what: "Auc error", kind: "figure", values: ["0.1", "not there"] },
            ],
            partings: [{ name: "gradient_norm", since: 0, values: [0.7, 0.1] }, { name: "accuracy", since: 2, values: [0.53, 0.84] }],
            trials: ["Proven: with `epochs=30` accuracy is 0.94 after 30 epochs (0.60 as it is).", null],
          })
        : undefined;
    const compare = await folded();
    const [stalled, reached] = [sample("stalled"), sample("reached")].map(({ row }) => row.run);
    const wanted = screen.getByTestId("headline").textContent.includes("stalled") ? reached : stalled;
    const field = within(compare).getByLabelText("Name of the other run");
    fireEvent.input(field, { target: { value: "nonsense" } });
    expect(compare.textContent).toContain("No run has that name.");
    fireEvent.input(field, { target: { value: wanted } });
    await waitFor(() => expect(compare.querySelectorAll("table").length).toBe(3));
    const rows = [...compare.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows).toEqual([
      ["Output activation", "relu", "<b>sigmoid</b>"],
      ["Inputs", "0 to 99,997", "0 to 1"],
      ["Auc error", "0.1", "not there"],
      ["Gradient norm", "the start", "0.7", "0.1"],
      ["Accuracy", "epoch 2", "0.53", "0.84"],
    ]);
    expect(compare.textContent).toContain("Accuracy: first differ at epoch 2, 0.53 / 0.84.");
    const trials = screen.getAllByTestId("compared-trial").map((line) => line.textContent);
    expect(trials).toEqual([expect.stringMatching(/: Proven: with epochs=30 accuracy is 0.94 after 30 epochs/)]);
  });

  test("are compared anew when one of them has grown", async () => {
    const server = await open("stalled", "reached");
    let asked = 0;
    server.override = (url) => {
      if (!url.pathname.endsWith("/compare")) return undefined;
      return json({ schema: 2, unit: "epoch", differences: [], in_words: [{ what: "seed", kind: "setting", values: ["1", `${++asked}`] }], partings: [], trials: [null, null] });
    };
    const compare = await folded();
    fireEvent.input(within(compare).getByLabelText("Name of the other run"), { target: { value: "reached" } });
    await waitFor(() => expect(compare.querySelector("tbody")!.textContent).toBe("seed11"));
    server.samples[0].row.updated! += 60;
    comeBack();
    await waitFor(() => expect(compare.querySelector("tbody")!.textContent).toBe("seed12"));
  });

  test("are not offered where there is one", async () => {
    await open("stalled");
    expect(screen.queryByTestId("compare")).toBeNull();
    expect(screen.queryByTestId("sweep")).toBeNull();
  });

  test("the nearest better one of the same data is there without a click, and another one of them a choice away", async () => {
    const server = await open("stalled", "reached", "learning", "deep");
    const field = within(screen.getByTestId("compare")).getByLabelText<HTMLInputElement>("Name of the other run");
    expect(field.value).toBe("fixed/lr=0.001"); // "learning": the next in time; "deep" is of other data
    const select = screen.getByLabelText<HTMLSelectElement>("Beside it");
    expect([...select.options].map(({ value }) => value)).toEqual(["", "reached", "fixed/lr=0.001"]);
    await waitFor(() => expect(screen.getByTestId("curve").textContent).toContain("fixed/lr=0.001, validation"));
    fireEvent.change(select, { target: { value: "reached" } });
    await waitFor(() => expect(screen.getByTestId("curve").textContent).toContain("reached, validation"));
    expect(field.value).toBe("reached");
    fireEvent.change(select, { target: { value: "" } });
    await waitFor(() => expect(screen.getByTestId("curve").textContent).not.toContain("this run"));
    expect(server.asked.some((address) => address.startsWith("api/compare"))).toBe(false); // the fold is closed
  });
});
