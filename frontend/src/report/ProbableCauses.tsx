import { count, inSentence } from "../common/format";
import type { CodeLine, Finding, Trial } from "../server/answers";
import { FindingCard } from "./FindingCard";
import { Patch } from "./Patch";
import "./ProbableCauses.css";

const FAULTS = new Set(["configuration", "data", "training"]); // families of causes that a person sets or feeds

/** One card per cause. The lines of code of several causes stand together, to be copied at once. */
export function ProbableCauses({ causes, patch, trial }: { causes: Finding[]; patch: CodeLine[]; trial: Trial | null }) {
  const isOnly = causes.length === 1;
  return (
    <section aria-label={isOnly ? "Probable cause" : "Probable causes"}>
      {!isOnly && <All causes={causes} patch={patch} trial={trial} />}
      {causes.map((finding) => (
        <FindingCard
          key={finding.id}
          finding={finding}
          hasCode={isOnly && !isShown(finding, trial)}
          isTakenBack={trial?.taken_back.includes(finding.id) ?? false}
        />
      ))}
    </section>
  );
}

/** Whether its lines stand with what a trial has proven. */
const isShown = ({ id }: Finding, trial: Trial | null) => trial !== null && trial.patch.length > 0 && trial.proven.includes(id);

function All({ causes, patch, trial }: { causes: Finding[]; patch: CodeLine[]; trial: Trial | null }) {
  const what = causes.every(({ family }) => FAULTS.has(family)) ? "independent fault" : "probable cause";
  const withoutCode = causes.filter(({ code }) => code.length === 0);
  if (trial && trial.patch.length > 0) return <p class="lead">{count(causes.length, what)} were found. The lines that are proven stand above.</p>;
  if (patch.length === 0) return <p class="lead">{count(causes.length, what)} were found. Change all of them.</p>;
  return (
    <>
      <p class="lead">{count(causes.length, what)} were found. Change all of them:</p>
      <div class="patch">
        <Patch lines={patch} testId="patch" />
        {withoutCode.length > 0 && (
          <p class="quiet">Not in these lines: {inSentence(withoutCode.map(({ title }) => title))}. See what to change below.</p>
        )}
      </div>
    </>
  );
}
