/** What the server answers. The Python side of this contract is tb_diagnose/report.py and plugin.py. */

export const SCHEMA = 1;

export type Status =
  | "learning"
  | "stalled"
  | "reached"
  | "diverged"
  | "crashed"
  | "not generalizing"
  | "unfinished"
  | "misreported"
  | "too short to tell"
  | "unreadable";

export interface TrainingRow {
  training: string;
  status: Status | null; // null: not judged yet
  since: number | null;
  until: number | null;
  unit?: string; // what is counted: "epoch", or "step" in logs that tell nothing of epochs
  headline: string;
  cause: { id: string; title: string } | null;
  epochs: number;
  updated: number | null; // seconds since 1970
  accuracy?: number | null; // the last one, on validation rows where there are any
  spark?: (number | null)[]; // the judged curve at a few epochs
}

export interface Trainings {
  schema: number;
  logdir: string;
  message: string | null;
  trainings: TrainingRow[];
}

/** The trainings of some names: a script that ran twice into one folder gives several. */
export interface Rows {
  schema: number;
  rows: Record<string, TrainingRow[]>;
}

export interface Picture {
  name: string; // a name in Evidence.series or Evidence.facts
  kind: "series" | "fact";
  limit: number | null;
  limit_name: string | null;
  beyond: "above" | "below" | null; // the side of the limit that is not healthy
  since: number | null;
  layers: string[];
}

/** A line of the user's own model, as it is and as it is to be; null: there is none. */
export interface CodeLine {
  where: string; // a layer's name, "compile", "fit" or "data"
  old: string | null;
  new: string | null;
}

export interface Consequence {
  id: string;
  title: string;
  saw: string;
  since: number | null;
  layers: string[];
  pictures: Picture[];
}

export interface Finding extends Consequence {
  severity: number;
  expected: string;
  fix: string;
  consequences: Consequence[];
  why: string;
  code?: CodeLine[];
}

export interface AccuracyCurve {
  name: string;
  label: string;
  epochs: number[];
  values: (number | null)[];
  validation: (number | null)[] | null;
  levels: { name: string; value: number }[];
  stalled: [number, number] | null;
  higher_is_better: boolean;
}

export interface Cleared {
  id: string;
  title: string;
  saw: string;
}

export interface Untried {
  id: string;
  title: string;
  missing: string[];
  log: string;
}

export interface Failed {
  id: string;
  title: string;
  error: string;
}

export interface Diagnosis {
  schema: number;
  training: string;
  status: Status;
  since: number | null;
  until: number | null;
  unit?: string;
  where: string | null;
  headline: string;
  probable_causes: Finding[];
  notes: Finding[];
  cleared: Cleared[];
  untried: Untried[];
  failed: Failed[];
  curve: AccuracyCurve | null;
  advice: string | null;
}

export interface Comparison {
  schema: number;
  differences: { name: string; values: [unknown, unknown] }[];
  unit: string | null; // what both count; null: their series cannot be compared
  partings: { name: string; since: number; values: [number | null, number | null] }[];
}

/** A setting that divides a sweep: by value, how many trainings go well and how many do not. */
export interface Separation {
  name: string;
  counts: [unknown, number, number][];
  right: number; // share of the trainings that the value alone tells apart
}

export interface Sweep {
  schema: number;
  judged: number;
  separations: Separation[];
}

export interface Quantity {
  axes: string[];
  labels?: string[] | null;
  unit?: string | null;
  meaning?: string | null;
}

export interface Series extends Quantity {
  shape: number[];
}

export interface Fact extends Quantity {
  value: unknown;
}

export interface Evidence {
  training: string;
  unit: string; // what the epochs are: "epoch", or "step"
  epochs: number[]; // 0 = before training
  series: Record<string, Series>;
  facts: Record<string, Fact>;
}
