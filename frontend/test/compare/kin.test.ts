// @vitest-environment node
import { describe, expect, test } from "vitest";
import { betterRun, sameData, sinceLast } from "../../src/compare/kin";
import type { RunRow } from "../../src/server/answers";

const cause = (id: string) => ({ id, title: id });
const row = (run: string, updated: number, more: Partial<RunRow> = {}): RunRow => ({
  run,
  status: "stalled",
  since: 1,
  until: 5,
  unit: "epoch",
  headline: "",
  cause: null,
  causes: [],
  epochs: 5,
  extent: null,
  updated,
  accuracy: 0.5,
  accuracy_of: "validation",
  spark: [],
  constant: null,
  proven: null,
  data: "data",
  model: "model",
  ...more,
});
const good = (run: string, updated: number, more: Partial<RunRow> = {}) => row(run, updated, { status: "learning", accuracy: 0.9, ...more });

describe("the better run", () => {
  const run = row("run", 100);

  test("is one of the same data that goes well, of the same model first, then the next in time", () => {
    const far = good("far", 500);
    const near = good("near", 90);
    const otherModel = good("other model", 101, { model: "another" });
    expect(betterRun([run, far, near, otherModel], run)).toBe(near);
    expect(betterRun([run, otherModel], run)).toBe(otherModel);
  });

  test("is none of other data, none that is no better, none that is not read", () => {
    const rows = [run, good("a", 1, { data: "other" }), good("b", 2, { data: null }), good("c", 3, { accuracy: 0.5 }), good("d", 4, { status: null }), row("e", 5, { accuracy: 0.9 })];
    expect(betterRun(rows, run)).toBeNull();
  });

  test("is not known where the data are not", () => {
    const unknown = row("run", 100, { data: null });
    expect(sameData([unknown, good("a", 1, { data: null })], unknown)).toEqual([]);
  });
});

describe("since the last run", () => {
  test("causes are fixed, still open, or new", () => {
    const before = row("before", 50, { causes: [cause("relu"), cause("unscaled")] });
    const now = row("now", 100, { causes: [cause("unscaled"), cause("rate")] });
    expect(sinceLast([now, before, row("older", 10), row("other", 60, { data: "other" })], now)).toEqual({
      run: "before",
      fixed: [cause("relu")],
      open: [cause("unscaled")],
      fresh: [cause("rate")],
      proven: null,
    });
  });

  test("nothing is said where neither run has a cause, or one of them cannot tell", () => {
    const now = row("now", 100, { causes: [cause("rate")] });
    expect(sinceLast([row("now", 100), row("before", 50)], row("now", 100))).toBeNull();
    expect(sinceLast([now, row("before", 50, { status: "too short to tell" })], now)).toBeNull();
    expect(sinceLast([now, row("before", 50, { model: "another" })], now)).toBeNull();
    expect(sinceLast([now], now)).toBeNull();
  });

  test("a run between the two that was not read yet may be the last one", () => {
    const now = row("now", 100, { causes: [cause("rate")] });
    expect(sinceLast([now, row("between", 70, { status: null, data: null }), row("before", 50)], now)).toBeNull();
  });
});
