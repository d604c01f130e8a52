import { fireEvent, screen, waitFor, within } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { json, sample } from "../server";
import { comeBack, open } from "../tab";

describe("two runs", () => {
  test("are compared by name, what differs before where they part", async () => {
    const server = await open("stalled", "reached");
    const [stalled, reached] = [sample("stalled"), sample("reached")].map(({ row }) => row.run);
    server.override = (url) =>
      url.pathname.endsWith("/compare")
        ? json({
            schema: 2,
            unit: "epoch",
            differences: [{ name: "output.activation", values: ["relu", "<b>sigmoid</b>"] }, { name: "batch_size", values: [32, null] }],
            partings: [{ name: "probe_loss", since: 0, values: [0.7, 0.1] }, { name: "accuracy", since: 2, values: [0.5, 0.9] }],
          })
        : undefined;
    const compare = screen.getByTestId("compare");
    const shown = screen.getByTestId("headline").textContent;
    const wanted = shown.includes("stalled") ? reached : stalled;
    fireEvent.input(within(compare).getByLabelText("Name of the other run"), { target: { value: "nonsense" } });
    expect(compare.textContent).toContain("No run has that name.");
    fireEvent.input(within(compare).getByLabelText("Name of the other run"), { target: { value: wanted } });
    await waitFor(() => expect(compare.querySelectorAll("table").length).toBe(2));
    expect(compare.textContent).toContain("<b>sigmoid</b>");
    const rows = [...compare.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows).toEqual([
      ["output.activation", "relu", "<b>sigmoid</b>"],
      ["batch_size", "32", "–"],
      ["Probe loss", "the start", "0.7", "0.1"],
      ["Accuracy", "epoch 2", "0.5", "0.9"],
    ]);
  });

  test("are compared anew when one of them has grown", async () => {
    const server = await open("stalled", "reached");
    let asked = 0;
    server.override = (url) => {
      if (!url.pathname.endsWith("/compare")) return undefined;
      return json({ schema: 2, unit: "epoch", differences: [{ name: "seed", values: [123456789, ++asked] }], partings: [] });
    };
    const compare = screen.getByTestId("compare");
    fireEvent.input(within(compare).getByLabelText("Name of the other run"), { target: { value: "reached" } });
    await waitFor(() => expect(compare.querySelector("tbody")!.textContent).toBe("seed1234567891"));
    server.samples[0].row.updated! += 60;
    comeBack();
    await waitFor(() => expect(compare.querySelector("tbody")!.textContent).toBe("seed1234567892"));
  });

  test("are not offered where there is one", async () => {
    await open("stalled");
    expect(screen.queryByTestId("compare")).toBeNull();
    expect(screen.queryByTestId("sweep")).toBeNull();
  });

  test("the best run is a click away", async () => {
    await open("stalled", "reached", "learning");
    const compare = screen.getByTestId("compare");
    fireEvent.click(within(compare).getByRole("button", { name: /^The best run:/ }));
    const chosen = within(compare).getByLabelText<HTMLInputElement>("Name of the other run").value;
    expect(chosen).toBe(sample("learning").row.run); // by validation accuracy
  });
});
