import { number, saidUnit } from "../common/format";
import type { Evidence, Picture } from "../server/answers";
import type { Fact, Series } from "../server/parts";

/** How each piece of evidence is drawn, read from its axes. */
export type Plan =
  | { draw: "line" | "layers" | "cells" | "classes" | "histogram"; picture: Picture; series: Series }
  | { draw: "ranges"; picture: Picture; low: Fact; high: Fact; mean: Fact | null }
  | { draw: "bars"; picture: Picture; fact: Fact }
  | { draw: "value"; picture: Picture; fact: Fact }
  | { draw: "nothing"; picture: Picture };

const MOST_WORDS = 8;
const MOST_LINES = 6; // that can be told apart by a label at the end
const INPUT_RANGE = /^input_(min|max|mean|std|range)$/; // one picture of all of them

export function plansFor(pictures: Picture[], evidence: Evidence): Plan[] {
  const plans: Plan[] = [];
  for (const picture of pictures) {
    const plan = planFor(picture, evidence);
    if (plan.draw === "ranges" && plans.some((other) => other.draw === "ranges")) continue;
    plans.push(plan);
  }
  // A picture with a healthy limit shows most.
  const rank = (plan: Plan) => Number(plan.picture.limit === null);
  return plans.sort((a, b) => rank(a) - rank(b));
}

function planFor(picture: Picture, { series, facts }: Evidence): Plan {
  if (Object.hasOwn(series, picture.name)) return planForSeries(picture, series[picture.name]);
  if (Object.hasOwn(facts, picture.name)) return planForFact(picture, facts);
  return { draw: "nothing", picture };
}

function planForSeries(picture: Picture, series: Series): Plan {
  const [epoch, column, ...more] = series.axes;
  const width = series.shape[1] ?? 1;
  if (epoch !== "epoch" || series.shape.includes(0)) return { draw: "nothing", picture };
  if (/^epoch,(output,)?bin$/.test(series.axes.join())) return { draw: "histogram", picture, series };
  if (more.length > 0) return { draw: "nothing", picture };
  if (column === undefined) return { draw: "line", picture, series };
  if (column === "layer") return { draw: width > MOST_LINES ? "cells" : "layers", picture, series };
  return { draw: "classes", picture, series };
}

function planForFact(picture: Picture, facts: Record<string, Fact>): Plan {
  const fact = facts[picture.name];
  if (INPUT_RANGE.test(picture.name) && isList(facts.input_min?.value) && isList(facts.input_max?.value)) {
    const mean = isList(facts.input_mean?.value) ? facts.input_mean : null;
    return { draw: "ranges", picture, low: facts.input_min, high: facts.input_max, mean };
  }
  if (inWords(fact.value, fact.unit) !== null) return { draw: "value", picture, fact };
  if (fact.axes.length === 1 && isList(fact.value)) return { draw: "bars", picture, fact };
  return { draw: "nothing", picture };
}

// JSON has no NaN: servers send null or the strings "NaN" and "Infinity".
const isNumber = (x: unknown) => typeof x === "number" || x === null || x === "NaN" || x === "Infinity" || x === "-Infinity";
const isList = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isNumber);
const isScalar = (value: unknown) => ["number", "string", "boolean"].includes(typeof value);
const isPlain = (value: unknown) => isScalar(value) || value === null;

/** A fact that is better written than drawn: a number, a name, a few settings; null for other facts. */
export function inWords(value: unknown, unit?: string | null): string | null {
  if (typeof value === "number") return withUnit(number(value), unit);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    return value.length > 0 && value.every((item) => typeof item === "string") && value.length <= MOST_WORDS ? value.join(", ") : null;
  }
  if (value === null || typeof value !== "object") return null;
  const settings = Object.entries(value);
  if (settings.length === 0 || settings.length > MOST_WORDS || !settings.every(([, item]) => isPlain(item))) return null;
  return settings.map(([key, item]) => `${key.replace(/_/g, " ")} ${item === null ? "none" : inWords(item)}`).join(", ");
}

/** A number of samples is "5 samples"; a ratio is just a number. */
const withUnit = (text: string, unit: string | null | undefined) => [text, saidUnit(unit)].filter(Boolean).join(" ");

export const numbersOf = (fact: Fact): number[] => (fact.value as unknown[]).map((x) => (x === null ? NaN : Number(x)));

export function labelsOf(labels: string[] | null | undefined, size: number, axis: string): string[] {
  return Array.from({ length: size }, (_, i) => labels?.[i] ?? `${axis} ${i}`);
}
