/** Pieces of answers, as short as tests want them. */

import type { Picture } from "../../src/server/answers";
import type { Fact, Series } from "../../src/server/parts";

export const picture = (name: string, more: Partial<Picture> = {}): Picture => ({
  name,
  kind: "series",
  limit: null,
  limit_name: null,
  beyond: null,
  since: null,
  layers: [],
  ...more,
});

export const series = (axes: string[], shape: number[]): Series => ({ axes, shape, labels: null, unit: "", meaning: "" });

export const fact = (value: unknown, axes: string[] = [], labels: string[] | null = null): Fact => ({
  axes,
  value,
  labels,
  unit: "",
  meaning: "",
});
