import { useState } from "preact/hooks";
import { Chain } from "./Chain";
import { EvidencePictures } from "../charts/Evidence";
import type { EvidenceStore } from "../charts/EvidenceStore";
import { FixCode } from "./FixCode";
import { writeLinkedCause } from "../host/address";
import { Paragraphs, Prose } from "../common/Prose";
import type { Diagnosis, Finding } from "../server/types";
import "./FindingCard.css";

/** A probable cause: what was measured and what to change. */
export function FindingCard({ finding }: { finding: Finding }) {
  return (
    <article class="card" data-testid="probable-cause" data-cause={finding.id}>
      <h2>{finding.title}</h2>
      <Facts finding={finding} />
    </article>
  );
}

/** What shows a probable cause, and how it comes to harm. */
export function FindingEvidence(props: { finding: Finding; diagnosis: Diagnosis; store: EvidenceStore }) {
  const { finding, diagnosis, store } = props;
  return (
    <div data-testid="evidence" data-of={finding.id}>
      <EvidencePictures finding={finding} store={store} />
      <Chain finding={finding} diagnosis={diagnosis} store={store} />
      <Why finding={finding} />
    </div>
  );
}

/** A less likely cause or a harmless remark: one line until it is opened. Its pictures are read only then. */
export function FindingNote({ finding, store, linked }: { finding: Finding; store: EvidenceStore; linked: boolean }) {
  const [opened, setOpened] = useState(linked);
  const toggle = ({ currentTarget }: { currentTarget: HTMLDetailsElement }) => {
    if (!currentTarget.open) return;
    setOpened(true);
    writeLinkedCause(finding.id);
  };
  return (
    <details data-cause={finding.id} open={linked || undefined} onToggle={toggle}>
      <summary>
        <b>{finding.title}</b>
        <span class="saw">
          <Prose text={finding.saw} />
        </span>
      </summary>
      {opened && (
        <div class="inside">
          <Facts finding={finding} />
          <EvidencePictures finding={finding} store={store} />
          <Why finding={finding} />
        </div>
      )}
    </details>
  );
}

function Facts({ finding }: { finding: Finding }) {
  const explained = new Set<string>(); // each term once
  return (
    <dl class="facts">
      <dt>Measured</dt>
      <dd>
        <Prose text={finding.saw} terms={explained} />
      </dd>
      <dt>Expected</dt>
      <dd>
        <Prose text={finding.expected} terms={explained} />
      </dd>
      <dt class="fix">What to change</dt>
      <dd class="fix">
        <Prose text={finding.fix} />
        {finding.code && finding.code.length > 0 && <FixCode lines={finding.code} />}
      </dd>
    </dl>
  );
}

function Why({ finding }: { finding: Finding }) {
  if (!finding.why) return null;
  return (
    <details class="why">
      <summary>What happens inside</summary>
      <div class="inside prose">
        <Paragraphs text={finding.why} />
      </div>
    </details>
  );
}
