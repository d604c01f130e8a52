/** Which rows of the list are shown, and in which order. */

import { STATUSES } from "../common/StatusMark";
import type { RunRow, Status } from "../server/answers";

export interface Filter {
  query: string; // words of a name
  status: string; // "": any
  cause: string; // id of a cause; "": any
  worstFirst: boolean;
}

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

/** The statuses that there are, the worst first, each with how many runs have it; one that is asked for is always there. */
export function statusesOf(rows: RunRow[], asked: string): [Status, number][] {
  const counts = new Map<Status, number>();
  for (const { status } of rows) if (status !== null) counts.set(status, (counts.get(status) ?? 0) + 1);
  return STATUSES.filter((status) => counts.has(status) || status === asked).map((status) => [status, counts.get(status) ?? 0]);
}

/** The filter as it stands in the address, "" where nothing is filtered. */
export function filterText({ query, status, cause, worstFirst }: Filter): string {
  const parts = { query, status, cause, worst: worstFirst ? "first" : "" };
  return new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== "")).toString();
}

export function filterFrom(text: string | null): Filter {
  const parts = new URLSearchParams(text ?? "");
  const of = (name: string) => parts.get(name) ?? "";
  return { query: of("query"), status: of("status"), cause: of("cause"), worstFirst: of("worst") === "first" };
}

/** The causes that were named, by id and title, in the order of their titles. */
export function causesOf(rows: RunRow[]): [string, string][] {
  const titles = new Map(rows.flatMap((row) => (row.cause ? [[row.cause.id, row.cause.title] as const] : [])));
  return [...titles].sort(([, a], [, b]) => a.localeCompare(b));
}
