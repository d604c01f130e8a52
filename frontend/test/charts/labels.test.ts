import { describe, expect, test } from "vitest";
import { readDrawings } from "../../src/charts/drawings";
import { EvidenceStore } from "../../src/charts/EvidenceStore";
import { labelShares, labelsOnAxis } from "../../src/charts/labels";
import { serve } from "../server";
import { fact, picture } from "./pieces";

describe("labels beside predictions", () => {
  const counts = (value: number[], labels: string[] | null = null) => fact(value, ["class"], labels);

  test("those of a single output have a place on its axis", () => {
    expect(labelsOnAxis({ label_counts: counts([30, 10], ["-1", "1"]) }, 1)?.values).toEqual([
      { value: -1, count: 30, share: 0.75 },
      { value: 1, count: 10, share: 0.25 },
    ]);
    expect(labelsOnAxis({ label_counts: counts([1, 1], ["cat", "dog"]), label_form: fact("binary") }, 1)?.values.map((label) => label.value)).toEqual([0, 1]);
    const facts = { label_form: fact("continuous"), label_min: fact(-1), label_max: fact(3), label_mean: fact(1), label_std: fact(0.5) };
    expect(labelsOnAxis(facts, 1)?.span).toEqual({ low: -1, high: 3, mean: 1, std: 0.5 });
  });

  test("elsewhere they have none", () => {
    expect(labelsOnAxis({ label_counts: counts([1, 1], ["0", "1"]) }, 2)).toBeNull();
    expect(labelsOnAxis({ label_counts: counts([1, 1], ["cat", "dog"]) }, 1)).toBeNull();
    expect(labelsOnAxis({ label_counts: counts([0, 0], ["0", "1"]) }, 1)).toBeNull();
    expect(labelsOnAxis({}, 1)).toBeNull();
  });

  test("their shares are those of the same classes", () => {
    expect(labelShares({ label_counts: counts([3, 1]) }, 2)).toEqual([0.75, 0.25]);
    expect(labelShares({ label_counts: counts([3, 1]) }, 3)).toBeNull();
    expect(labelShares({ label_counts: counts([3, 1]), label_form: fact("multi_label") }, 2)).toBeNull();
  });

  test("the class that takes the others' share is coloured, and has its name", async () => {
    const server = serve("stalled");
    const { evidence, series } = server.samples[0];
    Object.assign(evidence.series.predicted_fraction, { shape: [evidence.epochs.length, 4], labels: null });
    Object.assign(evidence.facts.label_counts, counts([25, 25, 25, 25]));
    series.predicted_fraction = evidence.epochs.map(() => [0.1, 0.6, 0.15, 0.15]);
    const { drawings } = await readDrawings([picture("predicted_fraction")], new EvidenceStore({ run: "threshold" }));
    const text = drawings[0].draw(600).textContent;
    expect(text).toContain("class 1");
    expect(text).not.toMatch(/class [023]/);
    expect(drawings[0].fitted!(600).textContent).not.toBe(text); // an axis of its own
  });

  test("both are drawn and described", async () => {
    serve("stalled");
    const { drawings } = await readDrawings([picture("predicted_fraction"), picture("prediction_histogram")], new EvidenceStore({ run: "threshold" }));
    const [share, histogram] = drawings;
    expect(share.draw(600).textContent).toContain("labels: 50 % each");
    expect(share.draw(600).textContent).toContain("share of samples");
    expect(share.label).toContain("49.79 % among the labels");
    expect(histogram.draw(600).textContent).toContain("labels");
    expect(histogram.label).toContain("Labels: 0 in 49.79 %; 1 in 50.21 %.");
  });
});
