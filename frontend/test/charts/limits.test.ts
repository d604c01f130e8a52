import { describe, expect, test } from "vitest";
import { inWords as limitInWords, isBeyond, limitOf } from "../../src/charts/limits";
import { layerMap } from "../../src/charts/maps";
import { stepsFor } from "../../src/charts/steps";
import { percent } from "../../src/common/format";
import type { Picture } from "../../src/server/answers";
import { picture } from "./pieces";

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
