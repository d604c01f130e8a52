// @vitest-environment node
import { expect, test } from "vitest";
import { age, count, epochs, exact, inSentence, number, percent, runName, shortened, tick, words } from "../../src/common/format";

test.each([
  [0, "0"],
  [-0, "0"],
  [0.4905123, "0.4905"],
  [0.5, "0.5"],
  [Math.fround(0.001), "0.001"],
  [1.23456e-7, "1.235e−7"],
  [4905, "4,905"],
  [99998, "99,998"],
  [31234.56, "31,235"],
  [12.34567, "12.35"],
  [1e9, "1 billion"],
  [53_400_000, "53.4 million"],
  [-2.5e12, "−2.5 trillion"],
  [7e24, "7e24"],
  [-0.25, "−0.25"],
  [NaN, "not measured"],
  [Infinity, "∞"],
  [-Infinity, "−∞"],
])("number %f is %s", (x, text) => expect(number(x)).toBe(text));

test.each([
  [1000, "1000"],
  [10000, "10,000"],
  [100_000, "100K"],
  [2.5e6, "2.5M"],
  [1e24, "1e24"],
  [1e-5, "1e−5"],
  [0.30000000000000004, "0.3"],
])("tick %f is %s", (x, text) => expect(tick(x)).toBe(text));

test("epochs", () => {
  expect(epochs(null, 4)).toBeNull();
  expect(epochs(3, null)).toBe("epoch 3");
  expect(epochs(3, 3)).toBe("epoch 3");
  expect(epochs(1, 10)).toBe("epochs 1 to 10");
});

test("names", () => {
  expect(words("gradient_norm")).toBe("Gradient norm");
  expect(words("val_loss")).toBe("Validation loss");
  expect(words("interval")).toBe("Interval");
  expect(words("")).toBe("");
  expect(count(1, "cause")).toBe("1 cause");
  expect(count(2000, "cause")).toBe("2,000 causes");
  expect(runName("run1", "/logs")).toBe("run1");
  expect(runName(".", "/logs/mine/")).toBe("mine");
  expect(runName(".", "C:\\logs\\mine")).toBe("mine");
  expect(runName(".", "")).toBe(".");
  expect(shortened("functional/conv2d_12", 12)).toBe("funct…v2d_12");
  expect(shortened("dense", 12)).toBe("dense");
});

test.each([
  [0, "now"],
  [-30, "now"],
  [59, "now"],
  [60, "1 min ago"],
  [7199, "1 h ago"],
  [3 * 86400, "3 d ago"],
])("%d s ago is %s", (seconds, expected) => {
  expect(age(1_763_770_000 - seconds, 1_763_770_000)).toBe(expected);
});

test("what is long ago has a date", () => {
  expect(age(1_763_770_000 - 90 * 86400, 1_763_770_000)).toBe("2025-08-24");
});

test("who points at a value gets all of it", () => {
  expect([0.1, 1e-7 / 3, 1234567, 0.12345678, NaN].map((x) => exact(Math.fround(x)))).toEqual(["0.1", "3.333333e−8", "1,234,567", "0.1234568", "not measured"]);
  expect([0.5, 0.0004, Infinity].map(percent)).toEqual(["50 %", "0.04 %", "∞"]);
});

test("several names in a sentence", () => {
  expect([["a"], ["a", "b"], ["a", "b", "c"]].map(inSentence)).toEqual(["a", "a and b", "a, b and c"]);
});
