import { describe, expect, test } from "vitest";
import { tallest, widest } from "../../src/charts/bars";
import { readDrawings } from "../../src/charts/drawings";
import { EvidenceStore, gridOf } from "../../src/charts/EvidenceStore";
import { labelsOnAxis, labelShares } from "../../src/charts/labels";
import { inWords as limitInWords, isBeyond, limitOf } from "../../src/charts/limits";
import { layerMap, shownEpochs } from "../../src/charts/maps";
import { inWords, plansFor } from "../../src/charts/plans";
import { epochTicks, isFraction, scaleFor, symlogFor, thinned } from "../../src/charts/scales";
import { stepsFor } from "../../src/charts/steps";
import { exact, percent } from "../../src/common/format";
import type { Evidence, Picture } from "../../src/server/answers";
import type { Fact } from "../../src/server/parts";
import { sample, sampleNames, serve } from "../server";

const picture = (name: string, more: Partial<Picture> = {}): Picture => ({
  name,
  kind: "series",
  limit: null,
  limit_name: null,
  beyond: null,
  since: null,
  layers: [],
  ...more,
});
const series = (axes: string[], shape: number[]) => ({ axes, shape, labels: null, unit: "", meaning: "" });
const fact = (value: unknown, axes: string[] = [], labels: string[] | null = null): Fact => ({ axes, value, labels, unit: "", meaning: "" });

describe("how a picture is chosen", () => {
  const evidence: Evidence = {
    schema: 2,
    run: "t",
    unit: "epoch",
    epochs: [0, 1],
    series: {
      loss: series(["epoch"], [2]),
      few: series(["epoch", "layer"], [2, 6]),
      many: series(["epoch", "layer"], [2, 7]),
      share: series(["epoch", "class"], [2, 10]),
      histogram: series(["epoch", "bin"], [2, 30]),
      none: series(["epoch", "layer"], [2, 0]),
      cube: series(["epoch", "layer", "bin"], [2, 3, 4]),
      rows: series(["row"], [9]),
      outputs: series(["epoch", "output", "bin"], [2, 3, 30]),
    },
    facts: {
      input_min: fact([0, 1], ["feature"]),
      input_max: fact([1, null], ["feature"]),
      label_counts: fact([3, 4], ["class"]),
      batch_size: fact(5),
      loss_name: fact("mse"),
      loss_settings: fact({ name: "mse", from_logits: false }),
      kinds: fact(["int64", "float32"]),
      model: fact({ name: "x", config: {} }),
      names: fact(Array(40).fill("a"), ["class"]),
      empty: fact([], ["class"]),
    },
  };

  test.each([
    ["loss", "line"],
    ["few", "layers"],
    ["many", "cells"],
    ["share", "classes"],
    ["histogram", "histogram"],
    ["none", "nothing"],
    ["cube", "nothing"],
    ["rows", "nothing"],
    ["outputs", "histogram"],
    ["loss_settings", "value"],
    ["kinds", "value"],
    ["input_max", "ranges"],
    ["label_counts", "bars"],
    ["batch_size", "value"],
    ["loss_name", "value"],
    ["model", "nothing"],
    ["names", "nothing"],
    ["empty", "nothing"],
    ["unheard_of", "nothing"],
    ["constructor", "nothing"],
  ])("%s is drawn as %s", (name, draw) => expect(plansFor([picture(name)], evidence)[0].draw).toBe(draw));

  test("all input ranges share one picture", () => {
    expect(plansFor([picture("input_min"), picture("input_max"), picture("input_mean")], evidence).map((plan) => plan.draw)).toEqual([
      "ranges",
      "nothing",
    ]);
  });

  test("what has a limit comes first", () => {
    const plans = plansFor([picture("loss"), picture("few", { limit: 1 })], evidence);
    expect(plans.map((plan) => plan.picture.name)).toEqual(["few", "loss"]);
  });
});

describe("scales", () => {
  test("over two decades: logarithmic, zero on a line of its own", () => {
    const scale = scaleFor([0, 1e-6, 0.5, NaN, Infinity]);
    expect(scale.type).toBe("log");
    expect(scale.place(0)).toBeGreaterThan(0);
    expect(scale.place(0)).toBeLessThan(1e-6);
    expect(scale.tickFormat(scale.place(0))).toBe("0");
    expect(scale.ticks).toContain(scale.place(0));
  });

  test("within two decades or with both signs: linear, from zero", () => {
    expect(scaleFor([8.12, 8.12])).toMatchObject({ type: "linear", domain: [0, expect.closeTo(8.526)] });
    expect(scaleFor([-1, 1e6]).type).toBe("linear");
    expect(scaleFor([1, 100]).type).toBe("linear");
  });

  test("a fraction is read against 0 and 1, whatever it spans", () => {
    expect(scaleFor([0.001, 0.9], true).domain).toEqual([0, 1]);
    expect(["predicted_fraction", "dead_fraction", "val_accuracy", "loss"].map(isFraction)).toEqual([true, true, true, false]);
  });

  test("nothing measured still has a scale", () => {
    for (const values of [[], [NaN], [Infinity], [0]]) {
      const [low, high] = scaleFor(values).domain;
      expect(Number.isFinite(low) && Number.isFinite(high) && high > low).toBe(true);
    }
  });

  test("ranges with both signs and many decades are symlog", () => {
    expect(symlogFor([-50000, 0.01, 99998])).toMatchObject({ type: "symlog" });
    expect(symlogFor([0, 1]).type).toBe("linear");
    expect(symlogFor([0, 0]).type).toBe("linear");
    expect(symlogFor([-90000, -3, 2]).ticks!.some((x) => x < 0)).toBe(true);
  });

  test("epochs are whole", () => {
    expect(epochTicks(0, 3, 8)).toEqual([0, 1, 2, 3]);
    expect(epochTicks(0, 80, 8)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80]);
    expect(epochTicks(5, 5, 8)).toEqual([5]);
    expect(thinned([1, 2, 3, 4, 5], 2)).toEqual([2, 5]);
  });
});

describe("tables", () => {
  test("an epoch written between two answers is left out", () => {
    const grid = gridOf([0, 1], [2, 2], new Float32Array([1, 2, 3, 4, 5, 6]));
    expect(grid).toEqual({ unit: "epoch", epochs: [0, 1], rows: [[1, 2], [3, 4]] });
    expect(gridOf([0, 1, 2], [3, 2], new Float32Array([1, 2, 3]))).toEqual({ unit: "epoch", epochs: [0], rows: [[1, 2]] });
    expect(gridOf([0, 1], [2], new Float32Array([1, 2])).rows).toEqual([[1], [2]]);
    expect(gridOf([0], [1, 0], new Float32Array([])).rows).toEqual([]);
  });

  test("thousands of epochs are thinned, the first bad one is kept", () => {
    const epochs = Array.from({ length: 2001 }, (_, i) => i);
    const shown = shownEpochs(epochs, 7);
    expect(shown.length).toBeLessThanOrEqual(121);
    expect(shown).toContain(7);
    expect(shown[shown.length - 1]).toBe(2000);
  });

  test("at most 30 bars, the largest, in their own order", () => {
    const ranges = Array.from({ length: 100 }, (_, i) => ({ name: String(i), low: 0, high: i === 3 ? 1e6 : i, mean: null }));
    expect(widest(ranges)).toHaveLength(30);
    expect(widest(ranges)[0].name).toBe("3");
    expect(tallest([{ name: "a", value: 1 }])).toHaveLength(1);
  });
});

describe("which side of a limit is healthy", () => {
  const grid = { unit: "epoch", epochs: [0, 1, 2], rows: [[0, 0.9], [0.1, 0.9], [0.8, 0.9]] };
  const names = ["a", "b"];

  test("is what the server says; without a limit there is none", () => {
    const sideOf = (more: Partial<Picture>) => limitOf(picture("x", more))?.side;
    expect(sideOf({ limit: 0.5, beyond: "above" })).toBe("above");
    expect(sideOf({ limit: 0.5, beyond: "below" })).toBe("below");
    expect(sideOf({ limit: 0.5, beyond: null })).toBeNull();
    expect(sideOf({ limit: null })).toBeUndefined();
  });

  test("the limit itself is healthy, and so is what a float32 makes of it", () => {
    expect(isBeyond(Math.fround(0.1), 0.1, "above")).toBe(false);
    expect(isBeyond(0, 0, "above")).toBe(false);
    expect(isBeyond(1e-9, 0, "above")).toBe(true);
    expect(isBeyond(Infinity, 3, "above")).toBe(true);
    expect(isBeyond(NaN, 3, "below")).toBe(false);
  });

  test("in words", () => {
    expect(limitInWords({ name: "healthy limit", value: 0.5, side: "above" }, percent)).toBe("Healthy: at most 50 %.");
    expect(limitInWords({ name: "best so far", value: 0.5, side: "below" }, String)).toBe("Healthy: at least 0.5, the best so far.");
    expect(limitInWords({ name: "healthy limit", value: 0.5, side: null }, String)).toBe("Healthy limit 0.5.");
  });

  test("no colour is healthy and unhealthy at once", () => {
    const limit = { name: "healthy limit", value: 0.5, side: "above" as const };
    expect(stepsFor([0, 1], limit, true).bounds).toEqual([0.2, 0.4, 0.5, 0.6, 0.8]);
    expect(stepsFor([1e-8, 1], { ...limit, value: 1.1e-4 }, false).bounds).toContain(1.1e-4);
    expect(stepsFor([], limit, false).bounds).toContain(0.5);
    const { bounds, colours } = stepsFor([1e-8, 1], null, false);
    expect(colours).toHaveLength(bounds.length + 1);
    expect(new Set(colours).size).toBe(colours.length);
  });

  test("the map says it, and hatches the rest", () => {
    const map = { what: "Dead fraction", axis: "share of units", grid, layers: names, named: ["a"], since: 2, percent: true };
    const texts = (chart: Element) => [...chart.querySelectorAll("text")].map((text) => text.textContent);
    const high = layerMap({ ...map, limit: { name: "healthy limit", value: 0.5, side: "above" } }, 600);
    expect(texts(high)).toEqual(expect.arrayContaining(["healthy", "too high (hatched)", "50 %", "share of units"]));
    expect(high.querySelectorAll("svg:last-of-type rect[fill^='url'], svg:last-of-type [fill^='url'] rect")).toHaveLength(2);
    const low = layerMap({ ...map, limit: { name: "healthy limit", value: 0.5, side: "below" } }, 600);
    expect(texts(low)).toEqual(expect.arrayContaining(["too low (hatched)", "healthy"]));
    const none = layerMap({ ...map, limit: null }, 600);
    expect(none.querySelectorAll("[fill^='url']")).toHaveLength(0);
  });
});

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

test("who points at a value gets all of it", () => {
  expect([0.1, 1e-7 / 3, 1234567, 0.12345678, NaN].map((x) => exact(Math.fround(x)))).toEqual(["0.1", "3.333333e−8", "1,234,567", "0.1234568", "not measured"]);
  expect([0.5, 0.0004, Infinity].map(percent)).toEqual(["50 %", "0.04 %", "∞"]);
});

describe("every picture of every sample is drawn", () => {
  const pictures = sampleNames.flatMap((name) =>
    [...sample(name).diagnosis.probable_causes, ...sample(name).diagnosis.notes].map((finding) => [name, finding.title, finding] as const),
  );

  test.each(pictures)("%s: %s", async (name, _title, finding) => {
    serve(name);
    const shown = await readDrawings(finding.pictures!, new EvidenceStore(sample(name).row));
    expect(shown.values.length + shown.drawings.length + shown.without.length).toBeGreaterThanOrEqual(Math.min(1, finding.pictures!.length));
    for (const drawing of shown.drawings) {
      expect(drawing.label.length).toBeGreaterThan(20);
      for (const width of [900, 280]) {
        const html = drawing.draw(width).outerHTML;
        expect(html).toContain("<svg");
        expect(html).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });

  test("the limit, the first bad epoch and the layers in question are named", async () => {
    serve("stalled");
    const [finding] = sample("stalled").diagnosis.probable_causes;
    const { drawings, values, without } = await readDrawings(finding.pictures!, new EvidenceStore({ run: "threshold" }));
    const gradient = drawings.find((drawing) => drawing.name === "gradient_norm")!;
    const texts = [...gradient.draw(600).querySelectorAll("text")].map((text) => text.textContent);
    expect(texts).toEqual(expect.arrayContaining(["healthy limit 1e−4", "since epoch 1", "dense", "dense_1", "0"]));
    expect(gradient.label).toContain("healthy limit: 1e−4");
    expect(values.map(({ value }) => value)).toEqual(["relu", "5 samples"]);
    expect(without).toEqual(["model_layers"]);
  });

  test("facts in words", () => {
    expect(inWords({ name: "dense_2", activation: "relu", units: 1, use_bias: true, seed: null })).toBe(
      "name dense_2, activation relu, units 1, use bias yes, seed none",
    );
    expect(inWords(["int64"])).toBe("int64");
    expect(inWords(0.25, "fraction")).toBe("0.25");
    expect([inWords([]), inWords({}), inWords(null), inWords([1, 2])]).toEqual([null, null, null, null]);
  });

  test("a histogram of several outputs is drawn as one", async () => {
    const server = serve("stalled");
    Object.assign(server.samples[0].evidence.series.prediction_histogram, { axes: ["epoch", "output", "bin"], shape: [11, 3, 10] });
    const { drawings } = await readDrawings([picture("prediction_histogram")], new EvidenceStore({ run: "threshold" }));
    expect(drawings[0].note).toContain("All 3 outputs together.");
    expect(drawings[0].draw(600).querySelectorAll("rect").length).toBeGreaterThan(10);
  });

  test("infinity is written where it was measured", async () => {
    serve("diverged");
    const [finding] = sample("diverged").diagnosis.probable_causes;
    const { drawings } = await readDrawings(finding.pictures!, new EvidenceStore({ run: "diverged" }));
    expect(drawings.find(({ name }) => name === "loss")!.draw(600).textContent).toContain("∞");
  });

  test("each part is asked for once", async () => {
    const server = serve("stalled");
    const [finding] = sample("stalled").diagnosis.probable_causes;
    const store = new EvidenceStore({ run: "threshold" });
    await Promise.all([readDrawings(finding.pictures!, store), readDrawings(finding.pictures!, store)]);
    expect(new Set(server.asked).size).toBe(server.asked.length);
  });
});
