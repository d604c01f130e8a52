import { EvidencePictures } from "../charts/EvidencePictures";
import type { EvidenceStore } from "../charts/EvidenceStore";
import { Paragraphs } from "../common/Prose";
import type { Diagnosis, Finding } from "../server/answers";
import { Chain } from "./Chain";
import "./FindingEvidence.css";

/** The pictures and the chain of consequences of a probable cause. */
export function FindingEvidence(props: { finding: Finding; diagnosis: Diagnosis; store: EvidenceStore }) {
  const { finding, diagnosis, store } = props;
  return (
    <div data-testid="evidence" data-of={finding.id}>
      <EvidencePictures pictures={finding.pictures} store={store} />
      <Chain finding={finding} diagnosis={diagnosis} store={store} />
      <Why text={finding.why} />
    </div>
  );
}

/** The documentation of a cause. */
export function Why({ text }: { text?: string }) {
  if (!text) return null;
  return (
    <details class="why">
      <summary>What happens inside</summary>
      <div class="inside prose">
        <Paragraphs text={text} />
      </div>
    </details>
  );
}
