import { useMemo } from "preact/hooks";
import { Curve } from "./charts/Curve";
import { EvidenceStore } from "./charts/EvidenceStore";
import { Export } from "./Export";
import { FindingCard, FindingNote } from "./FindingCard";
import { count, epochs } from "./format";
import { Guarded } from "./Guarded";
import { Prose } from "./Prose";
import { ClearedList, FailedList, UntriedList } from "./Rest";
import { isGood, StatusMark, statusTone, statusWord } from "./StatusMark";
import type { Diagnosis } from "./types";

/** One training, read from the top: what is the matter, since when, why, what to change; then everything else. */
export function Report({ diagnosis, name }: { diagnosis: Diagnosis; name: string }) {
  const { probable_causes: causes, notes, cleared, untried, failed, curve } = diagnosis;
  const store = useMemo(() => new EvidenceStore(diagnosis.training), [diagnosis]);
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
          <Export training={diagnosis.training} />
        </p>
        <h1 data-testid="headline">
          <Prose text={diagnosis.headline} />
        </h1>
      </header>

      {curve && curve.epochs.length > 0 && (
        <Guarded what="The curve">
          <Curve curve={curve} status={diagnosis.status} unit={diagnosis.unit} />
        </Guarded>
      )}

      {causes.length > 0 && (
        <section>
          <h2>{causes.length === 1 ? "Probable cause" : `${causes.length} probable causes`}</h2>
          {causes.length > 1 && <p class="lead">They are about equally likely. Try the first one first.</p>}
          {causes.map((finding) => (
            <FindingCard key={finding.id} finding={finding} diagnosis={diagnosis} store={store} />
          ))}
        </section>
      )}
      {causes.length === 0 && <NoCause diagnosis={diagnosis} good={good} />}

      {notes.length > 0 && (
        <section data-testid="notes">
          <h2>{good || causes.length === 0 ? "Worth a note" : "Other causes and notes"}</h2>
          <div class="rows">
            {notes.map((finding) => (
              <FindingNote key={finding.id} finding={finding} store={store} />
            ))}
          </div>
        </section>
      )}

      <div class="rows rest">
        <FailedList failed={failed} />
        <UntriedList untried={untried} open={!good && causes.length === 0 && untried.length > 0} />
        <ClearedList cleared={cleared} open={good} />
      </div>

      {diagnosis.advice && (
        <p class="advice">
          <Prose text={diagnosis.advice} />
        </p>
      )}
    </>
  );
}

function placeOf({ status, since, until, unit, where }: Diagnosis): string | null {
  if (status !== "stalled") return null;
  return [epochs(since, until, unit), where].filter(Boolean).join(", ") || null;
}

function NoCause({ diagnosis, good }: { diagnosis: Diagnosis; good: boolean }) {
  const { cleared, untried, status } = diagnosis;
  if (status === "unreadable" || (cleared.length === 0 && untried.length === 0)) return null;
  const checked = count(cleared.length, "possible cause");
  const were = cleared.length === 1 ? "was" : "were";
  const missing = count(untried.length, "more", "more");
  if (good)
    return (
      <p class="lead calm">
        {diagnosis.notes.length > 0 ? "Nothing holds it back." : "Nothing needs to change."} {checked} {were} checked and found fine.
      </p>
    );
  return (
    <p class="lead">
      {status === "too short to tell" ? "No fault shows so far." : "No probable cause was found."} {checked} {were}{" "}
      checked and found fine
      {untried.length > 0 ? `; ${missing} could not be tried with what was logged.` : "."}
    </p>
  );
}
