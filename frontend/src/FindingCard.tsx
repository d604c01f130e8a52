import { useState } from "preact/hooks";
import { Chain } from "./Chain";
import { EvidencePictures } from "./charts/Evidence";
import type { EvidenceStore } from "./charts/EvidenceStore";
import { Paragraphs, Prose } from "./Prose";
import type { Diagnosis, Finding } from "./types";

/** A probable cause, in full. */
export function FindingCard(props: { finding: Finding; diagnosis: Diagnosis; store: EvidenceStore }) {
  const { finding, diagnosis, store } = props;
  return (
    <article class="card" data-testid="probable-cause" data-cause={finding.id}>
      <h3>{finding.title}</h3>
      <Facts finding={finding} />
      <EvidencePictures finding={finding} store={store} />
      <Chain finding={finding} diagnosis={diagnosis} />
      <Why finding={finding} />
    </article>
  );
}

/** A less likely cause or a harmless remark: one line until it is opened. Its pictures are read only then. */
export function FindingNote({ finding, store }: { finding: Finding; store: EvidenceStore }) {
  const [opened, setOpened] = useState(false);
  return (
    <details data-cause={finding.id} onToggle={(event) => event.currentTarget.open && setOpened(true)}>
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
  return (
    <dl class="facts">
      <dt>Measured</dt>
      <dd>
        <Prose text={finding.saw} />
      </dd>
      <dt>Expected</dt>
      <dd>
        <Prose text={finding.expected} />
      </dd>
      <dt class="fix">What to change</dt>
      <dd class="fix">
        <Prose text={finding.fix} />
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
