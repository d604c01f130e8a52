import { useMemo } from "preact/hooks";
import { EvidenceStore } from "../charts/EvidenceStore";
import { Guarded } from "../common/Guarded";
import { Prose } from "../common/Prose";
import { isGood } from "../common/StatusMark";
import { CurveBeside } from "../compare/CurveBeside";
import { SinceLast } from "../compare/SinceLast";
import type { Diagnosis, RunList } from "../server/answers";
import { CouldNotTellList, DoesNotApplyList, FailedList, FineList } from "./CauseLists";
import { sharingChains } from "./Chain";
import { FindingEvidence } from "./FindingEvidence";
import { FindingNote } from "./FindingNote";
import { NoCause } from "./NoCause";
import { ProbableCauses } from "./ProbableCauses";
import { ReportHeader } from "./ReportHeader";
import { Trial } from "./Trial";
import { useLinkedCause } from "./useLinkedCause";
import "./Report.css";

const MOST_OPEN = 12; // causes that could not be told: of more the list stays folded

interface Props {
  diagnosis: Diagnosis;
  name: string;
  news: string[];
  list: RunList;
  other: string | null; // the run that was chosen to be seen beside it; null: nobody has chosen
  compareWith: (run: string) => void;
}

/**
 * One run, read from the top: what is the matter, since when, why, what to change, all on the first screen; then what
 * shows it; then everything else.
 */
export function Report({ diagnosis, name, news, list, other, compareWith }: Props) {
  const { probable_causes: causes, notes, fine, does_not_apply: irrelevant, could_not_tell: unknown, curve } = diagnosis;
  const store = useMemo(() => new EvidenceStore(diagnosis, name), [diagnosis, name]);
  const chains = useMemo(() => sharingChains(causes), [causes]);
  const linked = useLinkedCause();
  const isLinked = ({ id }: { id: string }) => id === linked;
  const good = isGood(diagnosis.status);
  const hasCause = causes.length > 0;
  const isProven = hasCause && diagnosis.trial !== null && diagnosis.trial.proven.length > 0; // then it comes first
  const trial = (
    <Guarded what="What each change brings">
      <Trial trial={diagnosis.trial} findings={[...causes, ...notes]} />
    </Guarded>
  );
  return (
    <>
      <ReportHeader diagnosis={diagnosis} name={name} news={news} />
      <SinceLast list={list} run={diagnosis.run} />
      {isProven && trial}
      {hasCause ? <ProbableCauses causes={causes} patch={diagnosis.patch} trial={diagnosis.trial} /> : <NoCause diagnosis={diagnosis} />}
      {!isProven && trial}

      {curve && curve.epochs.length > 0 && (
        <Guarded what="The curve">
          <CurveBeside diagnosis={{ ...diagnosis, curve }} list={list} name={name} chosen={other} choose={compareWith} />
        </Guarded>
      )}
      {hasCause && (
        <section class="shows">
          {causes.map((finding) => (
            <FindingEvidence
              key={finding.id}
              finding={finding}
              chained={chains.find((chained) => chained.at(-1) === finding) ?? []}
              diagnosis={diagnosis}
              store={store}
              title={causes.length === 1 ? "What shows it" : `What shows it: ${finding.title}`}
            />
          ))}
        </section>
      )}

      {notes.length > 0 && (
        <section data-testid="notes">
          <h2>{good || !hasCause ? "Worth a note" : "Other causes and notes"}</h2>
          <div class="rows">
            {notes.map((finding) => (
              <FindingNote key={finding.id} finding={finding} store={store} isLinked={isLinked(finding)} />
            ))}
          </div>
        </section>
      )}

      <div class="rows rest">
        <FailedList failed={diagnosis.failed} />
        <CouldNotTellList causes={unknown} isOpen={(!good && !hasCause && unknown.length <= MOST_OPEN) || unknown.some(isLinked)} />
        <FineList fine={fine} isOpen={good || fine.some(isLinked)} isBesideCause={hasCause} />
        <DoesNotApplyList causes={irrelevant} isOpen={irrelevant.some(isLinked)} />
      </div>

      {diagnosis.advice && (
        <p class="advice">
          <Prose text={diagnosis.advice} />
        </p>
      )}
    </>
  );
}
