/** The rows of the list: how newer ones take the places of older ones. */

import type { TrainingRow } from "../server/types";

/** The name under which the server lists a training: that of the newest one in its folder. */
export const nameOf = (training: string) => training.replace(/ \(earlier \d+\)$/, "");

/** A new list, with the old rows of what has grown since, until the new ones are there. */
export function withKnownRows(rows: TrainingRow[], old: TrainingRow[]): TrainingRow[] {
  const known = new Map<string, TrainingRow[]>();
  for (const row of old) {
    const name = nameOf(row.training);
    known.set(name, [...(known.get(name) ?? []), row]);
  }
  return rows.flatMap((row) => (row.status === null && known.get(row.training)) || [row]);
}

/** The list with the rows of some names in their places. */
export function withReadRows(rows: TrainingRow[], read: Record<string, TrainingRow[]>): TrainingRow[] {
  const placed = new Set<string>();
  return rows.flatMap((row) => {
    const name = nameOf(row.training);
    if (!Object.hasOwn(read, name)) return [row];
    if (placed.has(name)) return [];
    placed.add(name);
    return read[name];
  });
}

/** Names whose rows are missing, or older than what the server has. */
export const unreadNames = (rows: TrainingRow[]) => new Set(rows.filter((row) => row.status === null).map((row) => row.training));

/** Trainings that have another status or cause than before. */
export function changedRows(old: TrainingRow[], rows: TrainingRow[]): string[] {
  const before = new Map(old.map((row) => [row.training, row]));
  return rows.flatMap((row) => {
    const was = before.get(row.training);
    if (!was || was.status === null || row.status === null) return [];
    return was.status !== row.status || was.cause?.id !== row.cause?.id ? [row.training] : [];
  });
}

/** Who opens the tab wants to know about what was trained last. */
export function latestRow(rows: TrainingRow[]): TrainingRow | undefined {
  return rows.reduce<TrainingRow | undefined>(
    (latest, row) => (!latest || (row.updated ?? 0) > (latest.updated ?? 0) ? row : latest),
    undefined,
  );
}
