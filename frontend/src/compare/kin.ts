/** Which runs of the list say something of one another: those of the same data. */

import { isGood } from "../common/StatusMark";
import type { CauseName, RunRow } from "../server/answers";

const UNTOLD = new Set(["too short to tell", "crashed", "unreadable", "not judged"]); // a cause that is not named may be there

/** The other runs of the same data, in the order of the list. */
export const sameData = (rows: RunRow[], run: RunRow): RunRow[] =>
  run.data === null ? [] : rows.filter((row) => row.run !== run.run && row.data === run.data);

/** Of the runs of the same data that are better, and not stalled themselves, the nearest: of the same model first, then the next in time. */
export function betterRun(rows: RunRow[], run: RunRow): RunRow | null {
  const better = sameData(rows, run).filter((row) => row.status !== null && (isGood(row.status) || row.status === "levelled off") && isMore(row.accuracy, run.accuracy));
  const far = (row: RunRow) => Math.abs((row.updated ?? 0) - (run.updated ?? 0));
  const isKin = (row: RunRow) => row.model !== null && row.model === run.model;
  return better.sort((a, b) => Number(isKin(b)) - Number(isKin(a)) || far(a) - far(b))[0] ?? null;
}

/** Without an accuracy the status alone tells. */
const isMore = (one: number | null, other: number | null) => one === null || other === null || one > other;

export interface SinceLast {
  run: string; // the one before
  fixed: CauseName[];
  open: CauseName[];
  fresh: CauseName[];
  proven: { causes: CauseName[]; isMade: boolean } | null; // by a trial of the run before; null: nothing, or it cannot be told whether it was made
}

/**
 * What became of the causes of the run before, of the same model and data. Null where there is none, where it is not read
 * yet, or where one of the two cannot tell: then a cause that is not named may be there all the same.
 */
export function sinceLast(rows: RunRow[], run: RunRow): SinceLast | null {
  if (run.data === null || run.model === null || !tells(run)) return null;
  const earlier = rows
    .filter((row) => row.run !== run.run && (row.updated ?? Infinity) < (run.updated ?? 0))
    .sort((a, b) => b.updated! - a.updated!);
  const last = earlier.find((row) => row.status === null || (row.data === run.data && row.model === run.model));
  if (!last || !tells(last)) return null;
  const [before, now] = [last, run].map(({ causes }) => new Set(causes.map(({ id }) => id)));
  if (before.size + now.size === 0) return null;
  return {
    run: last.run,
    fixed: last.causes.filter(({ id }) => !now.has(id)),
    open: run.causes.filter(({ id }) => before.has(id)),
    fresh: run.causes.filter(({ id }) => !before.has(id)),
    proven: provenBefore(last, now),
  };
}

/** Whether the change that a trial of the run before has proven was made: its causes are gone, or some are still there. */
function provenBefore({ proven, causes }: RunRow, now: Set<string>): SinceLast["proven"] {
  if (proven === null) return null;
  const left = proven.causes.filter(({ id }) => now.has(id));
  if (left.length > 0) return { causes: left, isMade: false };
  // Of a note that is not there any more nobody knows why.
  const wereProbable = proven.causes.every(({ id }) => causes.some((cause) => cause.id === id));
  return wereProbable ? { causes: proven.causes, isMade: true } : null;
}

const tells = ({ status }: RunRow) => status !== null && !UNTOLD.has(status);
