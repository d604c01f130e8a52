/** Numbers and names, written for people. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 2 });

const MILLIONS: [number, string][] = [
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
];
/** From here on nobody counts digits: it is so many millions. */
const LARGEST_DIGITS = 1e7;
/** What is as large, as a loss that diverged is, is no number of anything. */
const UNREADABLE = 1e15;

/** Four significant digits; whole numbers in full: 0.4905, 4,905, 53.4 million, 1.2e-7. */
export function number(x: number): string {
  if (Number.isNaN(x)) return "not measured";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  if (size === 0) return "0";
  if (size >= LARGEST_DIGITS || size < 1e-3) return large(x, 4);
  if (size >= 1000 || Number.isInteger(x)) return minus(grouped.format(x));
  return minus(String(Number(x.toPrecision(4))));
}

/** A label at an axis, as short as possible. */
export function tick(x: number): string {
  const size = Math.abs(x);
  if (size >= UNREADABLE || (size > 0 && size < 1e-3)) return exponent(x, 3);
  if (size >= 1e5) return minus(short.format(x));
  return minus(size >= 1e4 ? grouped.format(x) : String(Number(x.toPrecision(6))));
}

/** A value in full, for the tip at the pointer: the seven digits that a float32 holds. */
export function exact(x: number): string {
  const size = Math.abs(x);
  if (!Number.isFinite(x) || Number.isInteger(x)) return number(x);
  if (size < 1e-3 || size >= LARGEST_DIGITS) return large(x, 7);
  return minus(String(Number(x.toPrecision(7))));
}

/** A share as people say it: 0.5 is "50 %". */
export const percent = (x: number) => (Number.isFinite(x) ? `${number(100 * x)} %` : number(x));
export const exactPercent = (x: number) => (Number.isFinite(x) ? `${exact(100 * Number(x.toPrecision(7)))} %` : number(x));

/** A unit to write after a number; none for "0.1 norm". */
export const saidUnit = (unit: string | null | undefined): string =>
  unit && !/^(1|0 or 1|ratio|fraction|norm|loss|count|number)$/.test(unit) ? unit : "";

/** Millions in words; what is larger, or very small, as a power of ten. */
function large(x: number, digits: number): string {
  const [unit, word] = MILLIONS.find(([size]) => Math.abs(x) >= size) ?? [];
  if (unit === undefined || Math.abs(x) >= UNREADABLE) return exponent(x, digits - 1);
  return minus(`${Number((x / unit).toPrecision(digits))} ${word}`);
}

function exponent(x: number, decimals: number): string {
  const [digits, power] = x.toExponential(decimals).split("e");
  return minus(`${Number(digits)}e${Number(power)}`);
}

const minus = (text: string) => text.replace(/-/g, "−");

/** "gradient_norm" -> "Gradient norm", "val_loss" -> "Validation loss" */
export function words(name: string): string {
  const text = name.replace(/_/g, " ").trim().replace(/\bval\b/, "validation");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${grouped.format(n)} ${n === 1 ? singular : plural}`;
}

/** "epoch 3", "epochs 1 to 10", "steps 100 to 900" */
export function epochs(since: number | null, until: number | null, unit = "epoch"): string | null {
  if (since === null) return null;
  if (until === null || until === since) return `${unit} ${since}`;
  return `${unit}s ${since} to ${until}`;
}

/** Approximate width of a letter in a chart, in px. */
export const LETTER = 6.8;

/** How many letters of a name fit beside a chart of this width. */
export const lettersFor = (width: number) => Math.min(24, Math.floor((width * 0.4) / LETTER));

/** Cuts the middle out of a long name: names of layers differ at their ends. */
export function shortened(name: string, most: number): string {
  if (name.length <= most) return name;
  const end = Math.ceil((most - 1) / 2);
  return `${name.slice(0, most - 1 - end)}…${name.slice(-end)}`;
}

const conjunction = new Intl.ListFormat("en-GB", { type: "conjunction" });

/** ["a", "b", "c"] -> "a, b and c" */
export const inSentence = (names: string[]) => conjunction.format(names);

export const sinceEpoch = (epoch: number, unit = "epoch") => (epoch === 0 ? "before training" : `since ${unit} ${epoch}`);

/** The run in the log directory itself is called "."; people know it by its folder. */
export function runName(run: string, logdir: string): string {
  // "." is the log directory itself, ". (earlier 1)" a run that was written there before.
  if (run !== "." && !run.startsWith(". (")) return run;
  const last = logdir.split(/[\\/]/).filter(Boolean).pop() ?? ".";
  return last + run.slice(1);
}

export function clock(time: Date): string {
  return time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

const AGES: [number, string][] = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];

/** How long ago something was, as short as possible: "now", "5 min ago", "3 d ago", or a date. */
export function age(seconds: number, now = Date.now() / 1000): string {
  const passed = now - seconds;
  if (passed < 60) return "now"; // clocks of two machines differ
  if (passed > 60 * 86400) return new Date(seconds * 1000).toISOString().slice(0, 10);
  const [unit, name] = AGES.find(([length]) => passed >= length)!;
  return `${Math.floor(passed / unit)} ${name} ago`;
}

/** A length of time: "3,200 h", "1.5 h", "12 min", "40 s" */
export function hours(length: number): string {
  if (length >= 1) return `${length >= 10 ? grouped.format(length) : length.toFixed(1)} h`;
  return length >= 1 / 60 ? `${Math.round(60 * length)} min` : `${Math.round(3600 * length)} s`;
}

/** What went wrong, as a sentence. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
