/** What the facts say about the labels, to be compared with the predictions. */

import type { Fact } from "../server/parts";
import { numbersOf } from "./plans";

type Facts = Record<string, Fact>;

export interface LabelValue {
  value: number; // where on the axis of the predictions
  count: number;
  share: number; // of all samples
}

export interface Labels {
  values: LabelValue[]; // of classes that are numbers
  span: { low: number; high: number; mean: number; std: number } | null; // of continuous labels
}

/** The labels on the axis of a single output. Classes have a place there only if they are numbers. */
export function labelsOnAxis(facts: Facts, outputs: number): Labels | null {
  if (outputs !== 1) return null;
  const values = classValues(facts);
  if (values) return { values, span: null };
  const [low, high, mean, std] = ["min", "max", "mean", "std"].map((what) => Number(facts[`label_${what}`]?.value ?? NaN));
  if (facts.label_form?.value !== "continuous" || ![low, high, mean].every(Number.isFinite)) return null;
  return { values: [], span: { low, high, mean, std: Number.isFinite(std) ? std : 0 } };
}

function classValues(facts: Facts): LabelValue[] | null {
  const counts = countsOf(facts);
  if (!counts) return null;
  const names = facts.label_counts.labels ?? (Array.isArray(facts.classes?.value) ? (facts.classes.value as unknown[]).map(String) : null);
  const isBinary = facts.label_form?.value === "binary" && counts.length === 2;
  const values = names?.length === counts.length ? names.map((name) => (name.trim() === "" ? NaN : Number(name))) : [];
  const known = values.length > 0 && values.every(Number.isFinite);
  if (!known && !isBinary) return null;
  const total = sum(counts);
  return counts.map((count, i) => ({ value: known ? values[i] : i, count, share: count / total }));
}

/** The share of each class among the labels; null unless the predictions have the same classes. */
export function labelShares(facts: Facts, classes: number): number[] | null {
  if (facts.label_form?.value === "multi_label") return null; // a sample has several
  const counts = countsOf(facts);
  return counts?.length === classes ? counts.map((count) => count / sum(counts)) : null;
}

function countsOf(facts: Facts): number[] | null {
  if (!Object.hasOwn(facts, "label_counts") || !Array.isArray(facts.label_counts.value)) return null;
  const counts = numbersOf(facts.label_counts);
  return counts.every((count) => count >= 0) && sum(counts) > 0 ? counts : null;
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
