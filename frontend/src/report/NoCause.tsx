import { count } from "../common/format";
import { isGood } from "../common/StatusMark";
import type { Diagnosis } from "../server/answers";

/** The sentence in place of a cause where none is named. */
export function NoCause({ diagnosis }: { diagnosis: Diagnosis }) {
  if (diagnosis.status === "unreadable")
    return <p class="lead">Its events are damaged, or written in a form that this version does not know. Other runs are not affected.</p>;
  if (diagnosis.status === "not judged" && diagnosis.fine.length === 0) return null; // the headline says why
  const good = isGood(diagnosis.status) && diagnosis.fine.length > 0;
  return <p class={good ? "lead calm" : "lead"}>{sentences(diagnosis, good)}</p>;
}

function sentences({ status, notes, fine, could_not_tell: unknown }: Diagnosis, good: boolean): string {
  if (fine.length === 0) return "No cause could be checked with what was logged.";
  const verdict = good
    ? notes.length > 0
      ? "Nothing holds it back."
      : "Nothing needs to change."
    : status === "too short to tell"
      ? "No fault shows so far."
      : "No probable cause was found.";
  const checked = `${count(fine.length, "possible cause")} ${fine.length === 1 ? "was" : "were"} checked and found fine`;
  return unknown.length > 0
    ? `${verdict} ${checked}; ${count(unknown.length, "more", "more")} could not be told with what was logged.`
    : `${verdict} ${checked}.`;
}
