// @vitest-environment node
import { describe, expect, test } from "vitest";
import { epochTicks, fittedScale, isFraction, logScale, scaleFor, symlogFor, thinned } from "../../src/charts/scales";

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

  test("fitted to the values, and a flat curve stays flat", () => {
    expect(fittedScale([0.95, 0.99], true).domain[0]).toBeGreaterThan(0.85);
    const [low, high] = fittedScale([0.497, 0.503], true).domain;
    expect(high - low).toBeGreaterThanOrEqual(0.1);
    expect(fittedScale([0.98, 1], true).domain[1]).toBe(1);
    expect(fittedScale([0, 0.01], true).domain).toEqual([0, expect.closeTo(0.11)]);
    expect(fittedScale([8, 8.1], false).domain[0]).toBeGreaterThan(7);
    expect(fittedScale([1e-6, 1], false).type).toBe("log");
  });

  test("logarithmic where it was asked for, with ticks that are read", () => {
    const scale = logScale([0.5, 0.9, 0]);
    expect(scale.type).toBe("log");
    expect(scale.ticks!.length).toBeGreaterThan(0);
    expect(scale.ticks!.length).toBeLessThanOrEqual(6);
    expect(scale.place(0)).toBeNaN();
  });
});
