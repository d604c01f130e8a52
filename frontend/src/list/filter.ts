/** Which rows of the list are shown, and in which order. */

import { STATUSES } from "../common/StatusMark";
import type { RunRow } from "../server/answers";

export interface Filter {
  query: string; // words of a name
  status: string; // "": any
  cause: string; // id of a cause; "": any
  worstFirst: boolean;
}

export const ALL: Filter = { query: "", status: "", cause: "", worstFirst: false };

/** Whether the filter needs the status or cause of all runs, so that all rows must be read. */
export const needsAll = ({ status, cause, worstFirst }: Filter) => status !== "" || cause !== "" || worstFirst;

export function filtered(rows: RunRow[], { query, status, cause, worstFirst }: Filter): RunRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = rows.filter(
    (row) =>
      words.every((word) => row.run.toLowerCase().includes(word)) &&
      (!status || row.status === status) &&
      (!cause || row.cause?.id === cause),
  );
  const rank = (row: RunRow) => (row.status === null ? STATUSES.length : STATUSES.indexOf(row.status));
  return worstFirst ? fitting.sort((a, b) => rank(a) - rank(b)) : fitting;
}

/** The causes that were named, by id and title, in the order of their titles. */
export function causesOf(rows: RunRow[]): [string, string][] {
  const titles = new Map(rows.flatMap((row) => (row.cause ? [[row.cause.id, row.cause.title] as const] : [])));
  return [...titles].sort(([, a], [, b]) => a.localeCompare(b));
}
