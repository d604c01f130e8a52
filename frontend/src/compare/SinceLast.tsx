import { inSentence, runName } from "../common/format";
import { addressOf } from "../host/address";
import { isEmbedded } from "../server/embedded";
import type { CauseName, RunList } from "../server/answers";
import { sinceLast } from "./kin";
import "./SinceLast.css";

/** What the change before this run did to the causes of the one before it. */
export function SinceLast({ list, run }: { list: RunList; run: string }) {
  const row = list.runs.find((one) => one.run === run);
  const found = row && sinceLast(list.runs, row);
  if (!found) return null;
  const parts: [string, CauseName[], string][] = [
    ["fixed", found.fixed, "good"],
    ["still open", found.open, "bad"],
    ["new", found.fresh, "bad"],
  ];
  const name = runName(found.run, list.logdir);
  return (
    <p class="since-last" data-testid="since-last">
      Since the last run of the same model and data, {isEmbedded() ? <b>{name}</b> : <a href={addressOf(found.run)}>{name}</a>}:{" "}
      {parts.map(([word, causes, tone], i) => (
        <span key={word}>
          {i > 0 && "; "}
          <span class={causes.length > 0 ? tone : undefined}>{word}</span>: {causes.length > 0 ? titles(causes) : "none"}
        </span>
      ))}
      .
      {found.proven && (
        <span data-testid="since-proven">
          {found.proven.isMade
            ? ` What its trial had proven was changed: ${titles(found.proven.causes)}.`
            : ` Its trial has proven a change that was not made: that of ${titles(found.proven.causes)}.`}
        </span>
      )}
    </p>
  );
}

const titles = (causes: CauseName[]) => inSentence(causes.map(({ title }) => inSmall(title)));

/** A title within a sentence; "ReLU" stays as it is. */
const inSmall = (title: string) => title.replace(/^[A-Z][a-z]*(?![A-Za-z])/, (word) => word.toLowerCase());
