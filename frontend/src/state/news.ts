import { count } from "../common/format";
import { statusWord } from "../common/StatusMark";
import type { Report } from "./screen";

/** What a report says that the one before did not, a few words each. */
export function newsOf(earlier: Report | undefined, later: Report): string[] {
  if (earlier?.kind !== "read" || later.kind !== "read") return [];
  const [before, now] = [earlier.value, later.value];
  const news: string[] = [];
  const [was, is] = [before.curve?.epochs.length ?? 0, now.curve?.epochs.length ?? 0];
  if (is > was) news.push(count(is - was, `new ${now.unit === "step" ? "point" : "epoch"}`));
  if (before.status !== now.status) news.push(`${statusWord(before.status)} → ${statusWord(now.status)}`);
  const known = new Set(before.probable_causes.map(({ id }) => id));
  const found = new Set(now.probable_causes.map(({ id }) => id));
  for (const { id, title } of now.probable_causes) if (!known.has(id)) news.push(`new cause: ${title}`);
  for (const { id, title } of before.probable_causes) if (!found.has(id)) news.push(`no longer: ${title}`);
  return news;
}
