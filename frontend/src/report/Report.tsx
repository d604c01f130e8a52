import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Curve } from "../charts/Curve";
import { EvidenceStore } from "../charts/EvidenceStore";
import { Export } from "./Export";
import { FindingCard, FindingEvidence, FindingNote } from "./FindingCard";
import { count, epochs } from "../common/format";
import { Guarded } from "../common/Guarded";
import { readLinkedCause } from "../host/address";
import { Prose } from "../common/Prose";
import { ClearedList, FailedList, UntriedList } from "./Rest";
import { isGood, StatusMark, statusTone, statusWord } from "../common/StatusMark";
import type { Diagnosis } from "../server/types";
import "./Report.css";

/**
 * One training, read from the top: what is the matter, since when, why, what to change, all on the first screen; then what
 * shows it; then everything else.
 */
export function Report({ diagnosis, name, news }: { diagnosis: Diagnosis; name: string; news: string[] }) {
  const { probable_causes: causes, notes, cleared, untried, failed, curve } = diagnosis;
  const store = useMemo(() => new EvidenceStore(diagnosis.training, name), [diagnosis, name]);
  const linked = useLinkedCause();
  const good = isGood(diagnosis.status);
  return (
    <>
      <header>
        <p class="above">
          <span class={`pill ${statusTone(diagnosis.status)}`} data-testid="status" data-status={diagnosis.status}>
            <StatusMark status={diagnosis.status} />
            {statusWord(diagnosis.status)}
          </span>
          <span class="where">{[name, placeOf(diagnosis)].filter(Boolean).join(" · ")}</span>
          <span class="news" role="status" data-testid="news">
            {news.length > 0 && `Since the last reload: ${news.join(", ")}`}
          </span>
          <Export training={diagnosis.training} />
        </p>
        <h1 data-testid="headline">
          <Prose text={diagnosis.headline} />
        </h1>
      </header>

      {causes.length > 0 && (
        <section aria-label={causes.length === 1 ? "Probable cause" : "Probable causes"}>
          {causes.length > 1 && <p class="lead">{count(causes.length, "cause")} are about equally likely. Try the first one first.</p>}
          {causes.map((finding) => (
            <FindingCard key={finding.id} finding={finding} />
          ))}
        </section>
      )}
      {causes.length === 0 && <NoCause diagnosis={diagnosis} good={good} />}

      {curve && curve.epochs.length > 0 && (
        <Guarded what="The curve">
          <Curve curve={curve} status={diagnosis.status} unit={diagnosis.unit} training={name} />
        </Guarded>
      )}
      {causes.length > 0 && (
        <section class="shows">
          {causes.map((finding) => (
            <div key={finding.id}>
              <h2>{causes.length === 1 ? "What shows it" : `What shows it: ${finding.title}`}</h2>
              <FindingEvidence finding={finding} diagnosis={diagnosis} store={store} />
            </div>
          ))}
        </section>
      )}

      {notes.length > 0 && (
        <section data-testid="notes">
          <h2>{good || causes.length === 0 ? "Worth a note" : "Other causes and notes"}</h2>
          <div class="rows">
            {notes.map((finding) => (
              <FindingNote key={finding.id} finding={finding} store={store} linked={finding.id === linked} />
            ))}
          </div>
        </section>
      )}

      <div class="rows rest">
        <FailedList failed={failed} />
        <UntriedList untried={untried} open={!good && causes.length === 0 && untried.length > 0} />
        <ClearedList cleared={cleared} open={good || cleared.some(({ id }) => id === linked)} others={causes.length > 0} />
      </div>

      {diagnosis.advice && (
        <p class="advice">
          <Prose text={diagnosis.advice} />
        </p>
      )}
    </>
  );
}

/** The cause that the address points at, which is brought into view once. */
function useLinkedCause(): string | null {
  const linked = useRef(readLinkedCause()).current;
  useLayoutEffect(() => {
    if (!linked) return;
    const found = [...document.querySelectorAll<HTMLElement>("main [data-cause]")].find(({ dataset }) => dataset.cause === linked);
    found?.scrollIntoView?.({ block: "start" });
  }, [linked]);
  return linked;
}

function placeOf({ status, since, until, unit, where }: Diagnosis): string | null {
  if (status !== "stalled") return null;
  return [epochs(since, until, unit), where].filter(Boolean).join(", ") || null;
}

function NoCause({ diagnosis, good }: { diagnosis: Diagnosis; good: boolean }) {
  const { cleared, untried, status } = diagnosis;
  if (status === "unreadable")
    return <p class="lead">Its events are damaged, or of a form that this version does not know. The other trainings are not affected.</p>;
  if (cleared.length === 0 && untried.length === 0) return null;
  const checked = count(cleared.length, "possible cause");
  const were = cleared.length === 1 ? "was" : "were";
  const missing = count(untried.length, "more", "more");
  if (good)
    return (
      <p class="lead calm">
        {diagnosis.notes.length > 0 ? "Nothing holds it back." : "Nothing needs to change."} {checked} {were} checked and found fine.
      </p>
    );
  if (cleared.length === 0)
    return <p class="lead">No cause can be named: none of the {count(untried.length, "cause")} could be tried with what was logged.</p>;
  return (
    <p class="lead">
      {status === "too short to tell" ? "No fault shows so far." : "No probable cause was found."} {checked} {were}{" "}
      checked and found fine
      {untried.length > 0 ? `; ${missing} could not be tried with what was logged.` : "."}
    </p>
  );
}
