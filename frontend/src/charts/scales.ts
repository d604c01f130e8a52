/** Which range of numbers a picture shows, and where it puts ticks. */

import { tick } from "../common/format";

const DECADES_FOR_LOG = 2;
const MOST_TICKS = 6;

export interface Scale {
  type: "linear" | "log";
  domain: [number, number];
  ticks?: number[];
  tickFormat: (x: number) => string;
  /** Where a value is drawn: zero has no place on a log scale and gets the bottom line. */
  place: (x: number) => number;
}

/** Fractions are read against 0 and 1, whatever part of it they use. */
export const isFraction = (name: string) => /(_fraction|accuracy)$/.test(name);

/** These are written in percent. An accuracy is not: the headline says 0.50 too. */
export const isPercent = (name: string) => name.endsWith("_fraction");

export function scaleFor(values: number[], share = false): Scale {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(0, least(finite));
  const high = greatest(finite);
  if (share && low >= 0 && high <= 1) return linear([0, 1]);
  const smallest = least(finite.filter((x) => x > 0));
  if (low >= 0 && high > smallest * 10 ** DECADES_FOR_LOG) return log(smallest, high, finite.includes(0));
  if (high <= low) return linear([low, low + 1]);
  return linear([low, Math.max(0, high) + (Math.max(0, high) - low) * 0.05]);
}

const ROOM = 0.05; // of the range, above and below
const LEAST_SHARE = 0.1; // of so small a part of 0 to 1 the noise of a flat curve would look like mountains
const LEAST_RATIO = 0.05; // the same of other numbers, as a share of the largest

/** As large as the values allow, and no larger than shows a flat curve as flat. */
export function fittedScale(values: number[], share: boolean): Scale {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [least(finite), greatest(finite)];
  if (!(high >= low)) return scaleFor(values, share);
  if (!share && low > 0 && high > low * 10 ** DECADES_FOR_LOG) return scaleFor(finite);
  const smallest = share ? LEAST_SHARE : Math.max(Math.abs(low), Math.abs(high)) * LEAST_RATIO || 1;
  const extent = Math.max(high - low, smallest);
  const middle = (low + high) / 2;
  const [bottom, top] = [middle - extent * (0.5 + ROOM), middle + extent * (0.5 + ROOM)];
  if (!share || low < 0 || high > 1) return linear([bottom, top]);
  const shift = Math.max(0, -bottom) - Math.max(0, top - 1); // a share ends at 0 and 1
  return linear([Math.max(0, bottom + shift), Math.min(1, top + shift)]);
}

/** What the reader asks for: a log scale from the smallest positive value on. */
export function logScale(values: number[]): Scale {
  const positive = values.filter((x) => x > 0 && Number.isFinite(x));
  if (positive.length === 0) return scaleFor(values);
  const domain: [number, number] = [least(positive) / 1.1, greatest(positive) * 1.1];
  const steps = powers(domain[0] / 10, domain[1]).flatMap((power) => [1, 2, 5].map((digit) => digit * power));
  const inside = steps.filter((step) => step >= domain[0] && step <= domain[1]);
  const decades = inside.filter((step) => Number.isInteger(Math.round(1e6 * Math.log10(step)) / 1e6));
  const ticks = thinned(decades.length > 2 ? decades : inside, MOST_TICKS);
  return { type: "log", domain, ticks, tickFormat: tick, place: (x) => (x > 0 ? x : NaN) };
}

function linear(domain: [number, number]): Scale {
  return { type: "linear", domain, tickFormat: tick, place: (x) => x };
}

function log(smallest: number, high: number, hasZero: boolean): Scale {
  const lowest = decadeBelow(smallest);
  const floor = hasZero ? lowest / 10 : lowest;
  const decades = thinned(powers(lowest, high), MOST_TICKS);
  return {
    type: "log",
    domain: [floor, high * 1.3],
    ticks: hasZero ? [floor, ...decades] : decades,
    tickFormat: (x) => (hasZero && x === floor ? "0" : tick(x)),
    place: (x) => (x === 0 ? floor : x),
  };
}

/** Ranges of inputs: both signs and many decades, so symlog where linear would hide the small ones. */
export function symlogFor(values: number[]): { type: "linear" | "symlog"; ticks?: number[]; constant?: number } {
  const sizes = values.map(Math.abs).filter((x) => Number.isFinite(x) && x > 0);
  const high = greatest(sizes);
  if (!(high > least(sizes) * 10 ** DECADES_FOR_LOG) || high <= 10) return { type: "linear" };
  const decades = thinned(powers(1, high), MOST_TICKS / 2).filter((x) => x > 1);
  const negative = decades.filter((x) => values.some((value) => value <= -x / 10)).map((x) => -x);
  const positive = decades.filter((x) => values.some((value) => value >= x / 10));
  return { type: "symlog", constant: 1, ticks: [...negative.reverse(), 0, ...positive] };
}

/** Whole epochs only. */
export function epochTicks(first: number, last: number, most: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].find((s) => (last - first) / s <= most) ?? 1e5;
  const ticks: number[] = [];
  for (let epoch = Math.ceil(first / step) * step; epoch <= last; epoch += step) ticks.push(epoch);
  return ticks;
}

export function powers(low: number, high: number): number[] {
  const decades: number[] = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); 10 ** power <= high * (1 + 1e-9); power++) decades.push(10 ** power);
  return decades;
}

/** Keeps the last, which is the one people compare with. */
export function thinned<T>(items: T[], most: number): T[] {
  const step = Math.ceil(items.length / most);
  return items.filter((_, i) => (items.length - 1 - i) % step === 0);
}

const decadeBelow = (x: number) => 10 ** Math.floor(Math.log10(x) + 1e-9);

// Not Math.min(...values): a long run has more values than a call may have arguments.
export const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
export const greatest = (values: number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity);
