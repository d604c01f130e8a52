import { fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { describe, expect, test, vi } from "vitest";
import { Trial } from "../../src/report/Trial";
import type { Trial as TrialAnswer } from "../../src/server/answers";
import { sample, serve } from "../server";
import { open, show } from "../tab";

const trial = (): TrialAnswer => sample("proven").diagnosis.trial!;

describe("what each change brings", () => {
  test("one row a change: what is changed, the measure with its deviation, and a word", () => {
    render(<Trial trial={trial()} findings={[]} />);
    const rows = screen.getAllByRole("row").slice(1).map((row) => row.textContent);
    expect(rows).toEqual([
      "As it is0.50 ± 0.01",
      'Output activation does not fit the lossactivation="sigmoid" in dense_20.94 ± 0.01✓ proven',
      "Unscaled inputsscaled inputs0.67 ± 0.27↗ helps a little",
      "Learning rate too highlearning_rate=0.00010.45 ± 0.01↘ makes it worse",
      "Too little data– not triedWhat to change is not one certain edit: it leaves something to decide.",
      'Output activation does not fit the loss + Unscaled inputsactivation="sigmoid" in dense_2, scaled inputs0.998 ± 0.001✓ proven, brings most',
    ]);
  });

  test("the curves of the changes stand beside one another on the same axes, with the control in each", () => {
    render(<Trial trial={trial()} findings={[]} />);
    const panels = within(screen.getByTestId("trial-curves")).getAllByRole("img");
    expect(panels.length).toBe(4); // the change that was not tried has none
    const paths = (kind: string) => panels.map((panel) => panel.querySelector(`.${kind} path`)!.getAttribute("d"));
    expect(new Set(paths("control")).size).toBe(1);
    expect(new Set(paths("changed")).size).toBe(4);
    expect(new Set(panels.map((panel) => [...panel.querySelectorAll("text")].map((text) => text.textContent).join())).size).toBe(1);
    expect(panels[0].getAttribute("aria-label")).toBe(
      "Output activation does not fit the loss: accuracy 0.767 at first, 0.94 after 5 epochs; the run as it is 0.5 after 5 epochs.",
    );
  });

  test("the axis holds what is worse than the best constant answer", () => {
    const given = trial();
    given.measure = "explained variance";
    given.rows[0].curve.values = [-1, -1, null, -0.5, 0.1];
    render(<Trial trial={given} findings={[]} />);
    const [panel] = within(screen.getByTestId("trial-curves")).getAllByRole("img");
    expect([...panel.querySelectorAll(".level")].map((text) => text.textContent)).toEqual(["−1", "0", "1"]);
    expect(panel.querySelector(".control path")!.getAttribute("d")!.match(/M/g)).toHaveLength(2); // a gap
    const heights = [...panel.querySelectorAll("path")].flatMap((path) => path.getAttribute("d")!.split(/[ML]/).slice(1).map((point) => Number(point.split(" ")[1])));
    expect(heights.every((y) => y >= 0 && y <= 76)).toBe(true);
  });

  test("a trial of one epoch has dots", () => {
    const given = trial();
    for (const row of given.rows) row.curve = { epochs: row.curve.epochs.slice(-1), values: row.curve.values.slice(-1) };
    render(<Trial trial={given} findings={[]} />);
    const [panel] = within(screen.getByTestId("trial-curves")).getAllByRole("img");
    expect(panel.querySelectorAll("circle").length).toBe(2);
    expect(panel.getAttribute("aria-label")).toContain("0.94 after 5 epochs");
  });

  test("a trial without curves, of an earlier version, has its table", () => {
    const given = trial();
    for (const row of given.rows) row.curve = { epochs: [], values: [] };
    render(<Trial trial={given} findings={[]} />);
    expect(screen.queryByTestId("trial-curves")).toBeNull();
    expect(screen.getAllByRole("row").length).toBe(7);
  });

  test("Copy gives the lines of the proven change", async () => {
    const written = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText: written } });
    render(<Trial trial={trial()} findings={[]} />);
    fireEvent.click(within(screen.getByTestId("trial-patch")).getByRole("button", { name: "Copy" }));
    const lines = ['Dense(1, activation="sigmoid")', "mean, std = x.mean(axis=0), x.std(axis=0)", "x = (x - mean) / np.where(std > 0, std, 1)"];
    await waitFor(() => expect(written).toHaveBeenCalledWith(lines.join("\n")));
  });

  test("is absent where there was no trial, or nothing to try", () => {
    const { container } = render(<Trial trial={null} findings={[]} />);
    expect(container.innerHTML).toBe("");
    render(<Trial trial={{ ...trial(), rows: [] }} findings={[]} />, { container });
    expect(container.innerHTML).toBe("");
  });
});

describe("in the report", () => {
  test("what is proven stands first, and its lines once", async () => {
    await open("proven");
    expect(screen.getByTestId("headline").textContent).toContain("Proven: with");
    const [section, card] = [screen.getByTestId("trial"), screen.getAllByTestId("probable-cause")[0]];
    expect(section.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    expect(screen.queryByTestId("patch")).toBeNull();
    expect(within(card).getByTestId("tried").textContent).toContain("Proven together with the change of");
  });

  test("what of the proven change has no lines is named beside them", async () => {
    const server = serve("proven");
    const { diagnosis } = server.samples[0];
    diagnosis.probable_causes[1].code = [];
    diagnosis.trial!.patch = diagnosis.trial!.patch.slice(0, 1);
    await show();
    expect(screen.getByTestId("trial").textContent).toContain("Not in these lines: Unscaled inputs. See what to change below.");
  });

  test("without a proof it stands below the causes, and what does not help is taken back in words", async () => {
    const server = serve("proven");
    const { diagnosis } = server.samples[0];
    Object.assign(diagnosis.trial!, { proven: [], patch: [], taken_back: ["unscaled_inputs"] });
    await show();
    const cards = screen.getAllByTestId("probable-cause");
    expect(cards[0].compareDocumentPosition(screen.getByTestId("trial")) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    expect(screen.getByTestId("patch")).toBeTruthy();
    expect(cards.map((card) => card.textContent.includes("Taken back: its change was tried and does not help."))).toEqual([false, true]);
  });

  test("a run without a trial has no such section", async () => {
    await open("stalled");
    expect(screen.queryByTestId("trial")).toBeNull();
    expect(screen.queryByTestId("tried")).toBeNull();
  });
});
