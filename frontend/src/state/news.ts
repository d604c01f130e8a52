import { count } from "../common/format";
import { statusWord } from "../common/StatusMark";
import type { Report } from "./screen";

/** What is new in a report, a few words each. */
export function newsOf(earlier: Report | undefined, later: Report): string[] {
  if (earlier?.kind !== "read" || later.kind !== "read") return [];
  const [before, now] = [earlier.value, later.value];
  const news: string[] = [];
  const [epochsBefore, epochsNow] = [before.curve?.epochs.length ?? 0, now.curve?.epochs.length ?? 0];
  if (epochsNow > epochsBefore) news.push(count(epochsNow - epochsBefore, `new ${now.unit === "step" ? "point" : "epoch"}`));
  if (before.status !== now.status) news.push(`${statusWord(before.status)} → ${statusWord(now.status)}`);
  const known = new Set(before.probable_causes.map(({ id }) => id));
  const current = new Set(now.probable_causes.map(({ id }) => id));
  for (const { id, title } of now.probable_causes) if (!known.has(id)) news.push(`new cause: ${title}`);
  for (const { id, title } of before.probable_causes) if (!current.has(id)) news.push(`no longer: ${title}`);
  return news;
}
