/** How newer rows of the list replace older ones. */

import type { RunRow } from "../server/answers";

/** The name under which the server lists a run: that of the newest one in its folder. */
export const nameOf = (run: string) => run.replace(/ \(earlier \d+\)$/, "");

/** A new list in which runs that have grown keep their old rows until the new ones are read. */
export function withKnownRows(rows: RunRow[], old: RunRow[]): RunRow[] {
  const known = new Map<string, RunRow[]>();
  const listed = new Set(rows.map((row) => row.run));
  for (const row of old) {
    const name = listed.has(row.run) ? row.run : nameOf(row.run); // a folder may really be called "x (earlier 1)"
    known.set(name, [...(known.get(name) ?? []), row]);
  }
  return rows.flatMap((row) => (row.status === null && known.get(row.run)) || [row]);
}

/** The list with the rows of some names in their places. */
export function withReadRows(rows: RunRow[], read: Record<string, RunRow[]>): RunRow[] {
  const placed = new Set<string>();
  return rows.flatMap((row) => {
    const name = Object.hasOwn(read, row.run) ? row.run : nameOf(row.run);
    if (!Object.hasOwn(read, name)) return [row];
    if (placed.has(name)) return [];
    placed.add(name);
    return read[name];
  });
}

/** Names whose rows are missing, or older than what the server has. */
export const unreadNames = (rows: RunRow[]) => new Set(rows.filter((row) => row.status === null).map((row) => row.run));

/** Names of the runs that have another status or cause than before. */
export function changedRows(old: RunRow[], rows: RunRow[]): string[] {
  const before = new Map(old.map((row) => [row.run, row]));
  return rows.flatMap((row) => {
    const was = before.get(row.run);
    if (!was || was.status === null || row.status === null) return [];
    return was.status !== row.status || was.cause?.id !== row.cause?.id ? [row.run] : [];
  });
}

/** The run that was written last: who opens the tab wants to see it. */
export function latestRow(rows: RunRow[]): RunRow | undefined {
  return rows.reduce<RunRow | undefined>(
    (latest, row) => (!latest || (row.updated ?? 0) > (latest.updated ?? 0) ? row : latest),
    undefined,
  );
}
