/** The four states of the page, and how one follows from another. Nothing here asks the server. */

import type { Diagnosis, RunList, RunRow } from "../server/answers";
import type { Answered } from "../server/reading";
import { changedRows, latestRow, withKnownRows, withReadRows } from "./rows";

export type Screen = Shown | Gone;
export type Shown = Loading | Listed | Reported;

/** Nothing was read yet. */
export interface Loading {
  kind: "loading";
  refused: string | null; // why there is no list
}

/** The list is there, the report is not yet. */
export interface Listed {
  kind: "list";
  runs: Runs;
  selected: string | null; // whose report is read; null: the list is empty
}

/** The list and the report of one run. */
export interface Reported {
  kind: "report";
  runs: Runs;
  selected: string;
  report: Report;
  news: string[]; // what the report says that the one before did not
}

/** The server does not answer. What was read before stays. */
export interface Gone {
  kind: "gone";
  before: Shown;
}

/** The list, and what is known about it. */
export interface Runs {
  list: RunList;
  readAt: Date;
  changed: ReadonlySet<string>; // these have another row since the last reload, and nobody has looked at them
  missing: string | null; // asked for by the user or the link, but not in the list
  refused: string | null; // why the list could not be read again
  filling: boolean; // whether rows are being read
  unfilled: string | null; // why rows could not be read
}

/** A report, or the server's sentence why there is none. */
export type Report = Answered<Diagnosis>;

/** Gives the report of a run if it was read before. */
export type KnownReport = (run: string) => Report | undefined;

export const NOTHING: Loading = { kind: "loading", refused: null };

export const shownOn = (screen: Screen): Shown => (screen.kind === "gone" ? screen.before : screen);

export const runsOn = (screen: Screen): Runs | null => {
  const shown = shownOn(screen);
  return shown.kind === "loading" ? null : shown.runs;
};

export const selectedOn = (screen: Screen): string | null => {
  const shown = shownOn(screen);
  return shown.kind === "loading" ? null : shown.selected;
};

export const withoutServer = (screen: Screen): Gone => ({ kind: "gone", before: shownOn(screen) });

/** The list was read. */
export function withList(screen: Screen, list: RunList, wanted: string | null, known: KnownReport): Shown {
  const shown = shownOn(screen);
  const before = shown.kind === "loading" ? null : shown.runs;
  const rows = withKnownRows(list.runs, before?.list.runs ?? []);
  const runs: Runs = {
    list: { ...list, runs: rows },
    readAt: new Date(),
    changed: changedIn(before, rows, selectedOn(screen)),
    missing: null,
    refused: null,
    filling: before?.filling ?? false,
    unfilled: null,
  };
  return selecting(shown, runs, wanted, known);
}

/** The server refused to give the list. */
export function withoutList(screen: Screen, refused: string): Shown {
  const shown = shownOn(screen);
  return shown.kind === "loading" ? { ...shown, refused } : { ...shown, runs: { ...shown.runs, refused } };
}

/** The rows of some names were read. */
export function withRows(screen: Screen, read: Record<string, RunRow[]>): Screen {
  return changingRuns(screen, (runs, selected) => {
    const rows = withReadRows(runs.list.runs, read);
    return { ...runs, list: { ...runs.list, runs: rows }, changed: changedIn(runs, rows, selected) };
  });
}

/** Whether rows are being read; `unfilled` says why some could not be read. */
export const withFilling = (screen: Screen, filling: boolean, unfilled: string | null = null): Screen =>
  changingRuns(screen, (runs) => ({ ...runs, filling, unfilled }));

/** The user, or the link, asks for a run. */
export function withWanted(screen: Screen, wanted: string, known: KnownReport): Screen {
  const shown = shownOn(screen);
  if (shown.kind === "loading") return screen;
  const changed = new Set(shown.runs.changed);
  changed.delete(wanted);
  const after = selecting(shown, { ...shown.runs, changed }, wanted, known);
  return screen.kind === "gone" ? withoutServer(after) : after;
}

/** The report of a run was read. */
export function withReport(screen: Screen, run: string, report: Report, news: string[]): Shown {
  const shown = shownOn(screen);
  if (shown.kind === "loading" || shown.selected !== run) return shown;
  return { kind: "report", runs: { ...shown.runs, readAt: new Date() }, selected: run, report, news };
}

function changingRuns(screen: Screen, change: (runs: Runs, selected: string | null) => Runs): Screen {
  const shown = shownOn(screen);
  if (shown.kind === "loading") return screen;
  const after = { ...shown, runs: change(shown.runs, shown.selected) };
  return screen.kind === "gone" ? withoutServer(after) : after;
}

/** Selects the wanted run, or else the one that is shown, or else the latest. */
function selecting(before: Shown, runs: Runs, wanted: string | null, known: KnownReport): Listed | Reported {
  const rows = runs.list.runs;
  const there = (run: string | null) => rows.find((row) => row.run === run);
  const row = there(wanted) ?? there(selectedOn(before)) ?? latestRow(rows);
  const selected = row?.run ?? null;
  const now = { ...runs, missing: wanted === selected ? null : wanted };
  if (selected === null) return { kind: "list", runs: now, selected };
  if (before.kind === "report" && before.selected === selected) return { ...before, runs: now };
  const report = known(selected);
  return report ? { kind: "report", runs: now, selected, report, news: [] } : { kind: "list", runs: now, selected };
}

/** Which runs are marked as changed. The report of the shown run says itself what is new. */
function changedIn(before: Runs | null, rows: RunRow[], selected: string | null): ReadonlySet<string> {
  const changed = new Set([...(before?.changed ?? []), ...changedRows(before?.list.runs ?? [], rows)]);
  if (selected !== null) changed.delete(selected);
  return changed;
}
