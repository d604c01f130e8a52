import { useId, useState } from "preact/hooks";
import { EvidencePictures } from "../charts/EvidencePictures";
import type { EvidenceStore } from "../charts/EvidenceStore";
import { epochs } from "../common/format";
import { Prose } from "../common/Prose";
import { isFlat } from "../common/StatusMark";
import type { Consequence, Diagnosis, Finding } from "../server/answers";
import "./Chain.css";

/** How the cause affects the accuracy, one box per step. A box shows what was measured when it is opened. */
export function Chain({ finding, diagnosis, store }: { finding: Finding; diagnosis: Diagnosis; store: EvidenceStore }) {
  const [opened, setOpened] = useState<string | null>(null);
  const panel = useId();
  if (finding.consequences.length === 0) return null;
  const end = outcome(diagnosis);
  const shown = finding.consequences.find(({ id }) => id === opened);
  return (
    <div class="chain" data-testid="chain">
      <h3>{end ? "How it gets there" : "What follows from it"}</h3>
      <ol>
        <li>
          <b>{finding.title}</b>
        </li>
        {finding.consequences.map((link) => (
          <Box
            key={link.id}
            link={link}
            panel={panel}
            opened={link.id === opened}
            toggle={() => setOpened(link.id === opened ? null : link.id)}
          />
        ))}
        {end && (
          <li class="end">
            <b>{end.title}</b>
            {end.saw && <span>{end.saw}</span>}
          </li>
        )}
      </ol>
      <div id={panel}>{shown && <EvidencePictures key={shown.id} pictures={shown.pictures} store={store} />}</div>
    </div>
  );
}

interface BoxProps {
  link: Consequence;
  panel: string;
  opened: boolean;
  toggle: () => void;
}

function Box({ link, panel, opened, toggle }: BoxProps) {
  const content = (
    <>
      <b>{link.title}</b>
      {link.saw && (
        <span>
          <Prose text={link.saw} />
        </span>
      )}
    </>
  );
  if (!link.pictures?.length) return <li data-cause={link.id}>{content}</li>;
  return (
    <li data-cause={link.id} class={opened ? "opened" : undefined}>
      <button type="button" aria-expanded={opened} aria-controls={panel} onClick={toggle}>
        {content}
        <span class="open">{opened ? "Hide the evidence" : "Show the evidence"}</span>
      </button>
    </li>
  );
}

function outcome({ status, since, until, unit, where, curve }: Diagnosis): { title: string; saw: string } | null {
  const what = curve?.label ?? "Accuracy";
  if (isFlat(status)) return { title: `${what} ${status}`, saw: [where, epochs(since, until, unit)].filter(Boolean).join(", ") };
  if (status === "diverged") return { title: "Training diverged", saw: epochs(since, null, unit) ?? "" };
  if (status === "crashed") return { title: "Training crashed", saw: "" };
  if (status === "not generalizing") return { title: "Validation samples stay behind", saw: epochs(since, until, unit) ?? "" };
  if (status === "unfinished") return { title: "Training ended while it was learning", saw: "" };
  return null;
}
