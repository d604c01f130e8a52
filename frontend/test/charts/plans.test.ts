// @vitest-environment node
import { describe, expect, test } from "vitest";
import { inWords, plansFor } from "../../src/charts/plans";
import type { Evidence } from "../../src/server/answers";
import { fact, picture, series } from "./pieces";

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

test("facts in words", () => {
  expect(inWords({ name: "dense_2", activation: "relu", units: 1, use_bias: true, seed: null })).toBe(
    "name dense_2, activation relu, units 1, use bias yes, seed none",
  );
  expect(inWords(["int64"])).toBe("int64");
  expect(inWords(0.25, "fraction")).toBe("0.25");
  expect([inWords([]), inWords({}), inWords(null), inWords([1, 2])]).toEqual([null, null, null, null]);
});
