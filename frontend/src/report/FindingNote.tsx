import { useState } from "preact/hooks";
import { EvidencePictures } from "../charts/EvidencePictures";
import type { EvidenceStore } from "../charts/EvidenceStore";
import { Prose } from "../common/Prose";
import { writeLinkedCause } from "../host/address";
import type { Finding } from "../server/answers";
import { Facts } from "./Facts";
import { Why } from "./FindingEvidence";
import "./FindingNote.css";

/** A less likely cause or a harmless remark, folded until it is opened. Its pictures are read only then. */
export function FindingNote({ finding, store, isLinked }: { finding: Finding; store: EvidenceStore; isLinked: boolean }) {
  const [isOpened, setOpened] = useState(isLinked);
  const toggle = ({ currentTarget }: { currentTarget: HTMLDetailsElement }) => {
    if (!currentTarget.open) return;
    setOpened(true);
    writeLinkedCause(finding.id);
  };
  const { set_aside_by: stronger } = finding;
  return (
    <details data-cause={finding.id} open={isLinked || undefined} onToggle={toggle}>
      <summary>
        <b>{finding.title}</b>
        <span class="saw">
          <Prose text={finding.saw} />
        </span>
        {stronger && <span class="aside">Set aside: {stronger.title} leaves the same traces and is more certain.</span>}
      </summary>
      {isOpened && (
        <div class="inside">
          <Facts finding={finding} />
          <EvidencePictures pictures={finding.pictures} store={store} />
          <Why text={finding.why} sources={finding.sources} />
        </div>
      )}
    </details>
  );
}
