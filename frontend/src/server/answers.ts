/* Generated from tb_diagnose/report/answers.schema.json: change that file, then run `npm run types`. */

/**
 * Status of a run.
 */
export type Status =
  | "learning"
  | "stalled"
  | "reached"
  | "levelled off"
  | "not generalizing"
  | "unfinished"
  | "misreported"
  | "diverged"
  | "crashed"
  | "too short to tell"
  | "not judged"
  | "unreadable";
/**
 * What epochs count: steps in logs that tell nothing of epochs.
 */
export type Unit = "epoch" | "step";
export type NumberOrNull = number | null;
export type Family = "configuration" | "data" | "training" | "mechanism" | "outcome";

/**
 * Every answer of the plugin's routes, and what `tb-diagnose --json` prints (a list of Report). Schema 2.
 */
export interface Answers {
  runs?: RunList;
  rows?: Rows;
  diagnosis?: Diagnosis;
  compare?: Comparison;
  sweep?: Sweep;
  evidence?: Evidence;
  overview?: Overview;
}
export interface RunList {
  schema: 2;
  logdir: string;
  /**
   * A sentence where there is nothing to list.
   */
  message: string | null;
  runs: RunRow[];
  /**
   * Where the list is a page of an index: what is beyond the page.
   */
  index?: {
    /**
     * Runs that fit the filter.
     */
    total: number;
    /**
     * How many of these have each status.
     */
    statuses: {
      [k: string]: number;
    };
    /**
     * Runs before the page.
     */
    offset: number;
    /**
     * Runs of the page; a run that was asked for by its name stands before them.
     */
    shown: number;
  };
}
/**
 * A run in the list.
 */
export interface RunRow {
  run: string;
  /**
   * null: not judged yet.
   */
  status: Status | null;
  since: number | null;
  until: number | null;
  unit: Unit;
  headline: string;
  /**
   * The most probable one.
   */
  cause: CauseName | null;
  /**
   * All probable ones, the most harmful first.
   */
  causes: CauseName[];
  /**
   * What a trial of the run has proven; null where there was none, or nothing is proven.
   */
  proven: Proven | null;
  /**
   * Finished epochs.
   */
  epochs: number;
  /**
   * How far it has come, such as "epoch 18 of 30, running, 2 min left"; null: all planned epochs are over, or nobody knows how many there are.
   */
  extent: string | null;
  /**
   * Seconds since 1970 of the last event.
   */
  updated: number | null;
  /**
   * The last one, on validation samples where there are any.
   */
  accuracy: number | null;
  /**
   * Which samples it was measured on; null: there is none.
   */
  accuracy_of: "validation" | "training" | null;
  /**
   * The judged curve at a few epochs.
   */
  spark: NumberOrNull[];
  /**
   * Loss of the best constant answer, where `spark` is a loss; null: it is none, or that is not known.
   */
  constant: number | null;
  /**
   * Alike for runs of the same training data, however it was scaled; null: not known.
   */
  data: string | null;
  /**
   * Alike for models with layers of the same classes; null: not known.
   */
  model: string | null;
}
export interface CauseName {
  id: string;
  title: string;
}
export interface Proven {
  /**
   * The causes whose changes, together, bring most.
   */
  causes: CauseName[];
  /**
   * Such as "accuracy".
   */
  measure: string;
  /**
   * Its mean over the seeds with these changes.
   */
  value: number;
}
/**
 * The runs of some names: a script that ran twice into one folder gives several.
 */
export interface Rows {
  schema: 2;
  rows: {
    [k: string]: RunRow[];
  };
}
/**
 * A report with what the tab draws.
 */
export interface Diagnosis {
  schema: 2;
  run: string;
  status: Status;
  since: number | null;
  until: number | null;
  unit: Unit;
  /**
   * Place of a stall, such as "at the majority share".
   */
  where: string | null;
  /**
   * How far it has come, such as "epoch 18 of 30, running, 2 min left"; null: all planned epochs are over, or nobody knows how many there are.
   */
  extent: string | null;
  headline: string;
  /**
   * All of them are to be changed, the most harmful first.
   */
  probable_causes: Finding[];
  notes: Finding[];
  /**
   * The lines of all probable causes together.
   */
  patch: CodeLine[];
  /**
   * What each change brought in a trial; null where none was made.
   */
  trial: Trial | null;
  fine: Told[];
  does_not_apply: Told[];
  could_not_tell: NotTold[];
  failed: Failed[];
  curve: Curve | null;
  /**
   * A closing line for logs that lack much.
   */
  advice: string | null;
}
export interface Finding {
  id: string;
  title: string;
  family: Family;
  /**
   * 0 to 1: how much of what the run lacks this can account for.
   */
  harm: number;
  /**
   * 0 to 1: how sure it is that this is so.
   */
  certainty: number;
  saw: string;
  expected: string;
  fix: string;
  /**
   * The fix without the code that `code` shows; empty where the lines say all of it.
   */
  change: string;
  since: number | null;
  layers: string[];
  /**
   * File and line, such as "train.py:31", of what the fix changes, or of the layers that show it; empty where they were not noted.
   */
  places: string[];
  code: CodeLine[];
  consequences: Consequence[];
  /**
   * The more certain cause that leaves the same traces.
   */
  set_aside_by: CauseName | null;
  origins: Origins | null;
  record: TrackRecord | null;
  /**
   * What a trial says of its change, a sentence; null where there was none, or it has nothing of it.
   */
  trial: string | null;
  /**
   * Its documentation; only in the answer for the tab.
   */
  why?: string;
  /**
   * Where its reasoning and its thresholds come from; only in the answer for the tab.
   */
  sources?: string[];
  /**
   * Only in the answer for the tab.
   */
  pictures?: Picture[];
}
/**
 * A line of the user's own program, as it is and as it is to be; null: there is none.
 */
export interface CodeLine {
  /**
   * Name of a layer, "model", "compile", "fit" or "data".
   */
  where: string;
  old: string | null;
  new: string | null;
  /**
   * Whether `old` is how Keras has it: how the program says it was not noted.
   */
  inferred: boolean;
  /**
   * File and line of the user's own program, such as "train.py:31"; null: it was not noted.
   */
  place: string | null;
}
/**
 * A mechanism or outcome that a finding brings about.
 */
export interface Consequence {
  id: string;
  title: string;
  saw: string;
  since: number | null;
  layers: string[];
  /**
   * Only in the answer for the tab.
   */
  pictures?: Picture[];
}
/**
 * A series or fact that shows a finding best.
 */
export interface Picture {
  /**
   * A name in Evidence.series or Evidence.facts.
   */
  name: string;
  kind: "series" | "fact";
  limit: number | null;
  limit_name: string | null;
  /**
   * The side of the limit that is not healthy.
   */
  beyond: "above" | "below" | null;
  since: number | null;
  layers: string[];
}
/**
 * Of a mechanism without a fault: which of the causes that bring it about were cleared, and which could not be tried.
 */
export interface Origins {
  fine: CauseName[];
  could_not_tell: CauseName[];
}
/**
 * How often a cause was named first in the project's own test runs, and how often that was right.
 */
export interface TrackRecord {
  named: number;
  right: number;
}
/**
 * Copies of the model, trained with each change.
 */
export interface Trial {
  /**
   * Such as "accuracy".
   */
  measure: string;
  /**
   * How it was measured.
   */
  sentence: string;
  /**
   * What is proven, a sentence; null where nothing is.
   */
  headline: string | null;
  /**
   * Epochs of each copy.
   */
  epochs: number;
  /**
   * Ids of the causes whose changes together are proven to bring most; empty where nothing is.
   */
  proven: string[];
  /**
   * The lines of the user's program that these changes are; empty where they are not known.
   */
  patch: CodeLine[];
  /**
   * Ids of the causes whose change does not help, alone or with others.
   */
  taken_back: string[];
  /**
   * The run as it is first.
   */
  rows: TrialRow[];
}
export interface TrialRow {
  /**
   * Ids of the causes whose changes were made; empty for the run as it is.
   */
  causes: string[];
  /**
   * What it is called: the titles of its causes.
   */
  title: string;
  /**
   * What was changed, a phrase each.
   */
  changes: string[];
  verdict: "as it is" | "proven" | "helps a little" | "does not help" | "makes it worse" | "not tried";
  /**
   * The measure, of each seed.
   */
  values: (number | null)[];
  /**
   * Their mean; null where it was not tried.
   */
  value: number | null;
  /**
   * The same as a person writes it, with its standard deviation over the seeds; "" where it was not tried.
   */
  measured: string;
  /**
   * Skill above that of the run as it is.
   */
  gain: number | null;
  /**
   * Probability that chance alone gives it, corrected for the number of rows.
   */
  chance: number | null;
  epochs: number;
  /**
   * Why it was not tried, a sentence; or why a gain is not proven.
   */
  reason: string | null;
  curve: TrialCurve;
}
/**
 * The measure while it was trained, the mean over the seeds; empty where it was not taken.
 */
export interface TrialCurve {
  /**
   * At most 20 of them.
   */
  epochs: number[];
  /**
   * After each, on at most 500 samples; the last one on all.
   */
  values: (number | null)[];
}
/**
 * A cause that was tried and is not there, with the number that cleared it; or does not apply, with why.
 */
export interface Told {
  id: string;
  title: string;
  saw: string;
}
/**
 * A cause that could not be told, and what to log.
 */
export interface NotTold {
  id: string;
  title: string;
  missing: string[];
  log: string;
}
/**
 * A cause whose code raised.
 */
export interface Failed {
  id: string;
  title: string;
  error: string;
}
export interface Curve {
  name: string;
  label: string;
  epochs: number[];
  values: NumberOrNull[];
  validation: NumberOrNull[] | null;
  /**
   * Named horizontal lines.
   */
  levels: Level[];
  /**
   * First and last epoch of the stall.
   */
  stalled: [number, number] | null;
  higher_is_better: boolean;
  /**
   * Of a run that diverged: where this curve, or else its loss, is no number or infinite.
   */
  not_finite: {
    epoch: number;
    /**
     * Name of the series.
     */
    of: string;
    value: "NaN" | "Infinity" | "-Infinity";
  }[];
}
export interface Level {
  name: string;
  value: number;
}
export interface Comparison {
  schema: 2;
  differences: {
    name: string;
    /**
     * @minItems 2
     * @maxItems 2
     */
    values: [unknown, unknown];
  }[];
  /**
   * What both count; null: their series cannot be compared.
   */
  unit: Unit | null;
  partings: {
    name: string;
    since: number;
    /**
     * @minItems 2
     * @maxItems 2
     */
    values: [NumberOrNull, NumberOrNull];
  }[];
  /**
   * The differences for people, the same fact once: what was set, then the data, then figures that come of it.
   */
  in_words: {
    what: string;
    kind: "setting" | "data" | "figure";
    /**
     * @minItems 2
     * @maxItems 2
     */
    values: [string, string];
  }[];
  /**
   * What a trial of each has shown, a sentence; null where there was none.
   *
   * @minItems 2
   * @maxItems 2
   */
  trials: [string | null, string | null];
}
export interface Sweep {
  schema: 2;
  /**
   * How many runs were judged so far.
   */
  judged: number;
  /**
   * What the runs are ranked by; null: they have no score in common.
   */
  score: string | null;
  higher_is_better: boolean;
  /**
   * Whether anything that was set is known of any run.
   */
  are_settings_known: boolean;
  /**
   * What was set and differs, what tells the scores apart first.
   */
  settings: SweepSetting[];
  /**
   * The best first, those without a score last.
   */
  runs: RankedRun[];
}
export interface SweepSetting {
  name: string;
  /**
   * Other settings that change in the same runs.
   */
  together_with: string[];
  /**
   * Share of the differences between the scores that it accounts for; null: it was not tested.
   */
  explains: number | null;
  /**
   * Whether that is more than chance would give; null: too few runs have it, or each has its own.
   */
  separates: boolean | null;
  /**
   * The runs by its value, or by stretches from `value` to `to` (null: one value); empty where each run has its own.
   */
  parts: {
    value: unknown;
    to: unknown;
    /**
     * How many runs have it.
     */
    runs: number;
    best: NumberOrNull;
    median: NumberOrNull;
    /**
     * The best first; null: a loss that is not finite.
     */
    scores: NumberOrNull[];
  }[];
}
export interface RankedRun {
  run: string;
  /**
   * null: it has none of the kind, or its loss is not finite.
   */
  score: number | null;
  status: Status;
  /**
   * The most probable one.
   */
  cause: CauseName | null;
  /**
   * Its values of the settings, in their order; null: it lacks one.
   */
  settings: unknown[];
}
export interface Evidence {
  schema: 2;
  run: string;
  unit: Unit;
  /**
   * 0: before the first step.
   */
  epochs: number[];
  series: {
    [k: string]: {
      axes: string[];
      /**
       * Names of the entries of the last axis.
       */
      labels: string[] | null;
      unit: string;
      meaning: string;
      shape: number[];
    };
  };
  facts: {
    [k: string]: {
      axes: string[];
      labels: string[] | null;
      unit: string;
      meaning: string;
      value: unknown;
    };
  };
}
/**
 * What is in an index, or in the runs of it that fit a filter.
 */
export interface Overview {
  schema: 2;
  runs: number;
  /**
   * Runs by status, the worst first.
   */
  statuses: {
    [k: string]: number;
  };
  /**
   * Hours that the runs took, as far as their logs tell.
   */
  hours: number;
  /**
   * Those after a run had stalled or diverged.
   */
  lost_hours: number;
  /**
   * null: no log tells how long its run took.
   */
  lost_fraction: number | null;
  /**
   * Runs of which the logs tell how long they took.
   */
  timed_runs: number;
  /**
   * The weeks in their order, in each the most frequent cause first.
   */
  causes_by_week: CauseCount[];
  /**
   * The models with most runs first.
   */
  causes_by_model: CauseCount[];
  /**
   * Settings that tell the scores of runs on the same data apart.
   */
  separating: SweepSetting[];
  /**
   * Runs that were compared for that.
   */
  compared_runs: number;
  /**
   * What they were compared by; null: they have no score in common.
   */
  score: string | null;
  /**
   * The runs that cost most, the most first.
   */
  look_at: CostlyRun[];
}
export interface CauseCount {
  /**
   * The week, as its Monday, or the classes of the layers.
   */
  of: string;
  cause: CauseName;
  /**
   * Runs of which it was a probable cause.
   */
  runs: number;
  /**
   * All runs of that week, or of such models.
   */
  all_runs: number;
}
export interface CostlyRun {
  /**
   * As it is listed.
   */
  run: string;
  status: Status;
  cause: CauseName | null;
  headline: string;
  lost_hours: number;
}
export interface TrialCurve1 {
  /**
   * At most 20 of them.
   */
  epochs: number[];
  /**
   * After each, on at most 500 samples; the last one on all.
   */
  values: (number | null)[];
}
/**
 * One run, as `tb-diagnose --json` prints it.
 */
export interface Report {
  schema: 2;
  /**
   * Only on the command line.
   */
  logdir?: string;
  run: string;
  status: Status;
  since: number | null;
  until: number | null;
  unit: Unit;
  /**
   * Place of a stall, such as "at the majority share".
   */
  where: string | null;
  /**
   * How far it has come, such as "epoch 18 of 30, running, 2 min left"; null: all planned epochs are over, or nobody knows how many there are.
   */
  extent: string | null;
  headline: string;
  /**
   * All of them are to be changed, the most harmful first.
   */
  probable_causes: Finding[];
  notes: Finding[];
  /**
   * The lines of all probable causes together.
   */
  patch: CodeLine[];
  /**
   * What each change brought in a trial; null where none was made.
   */
  trial: Trial | null;
  fine: Told[];
  does_not_apply: Told[];
  could_not_tell: NotTold[];
  failed: Failed[];
}
