import { describe, expect, test } from "vitest";
import { tallest, widest } from "../../src/charts/bars";
import { gridOf } from "../../src/charts/EvidenceStore";
import { shownEpochs } from "../../src/charts/maps";

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
