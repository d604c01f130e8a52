import { useId, useState } from "preact/hooks";
import { EvidencePictures } from "../charts/EvidencePictures";
import type { EvidenceStore } from "../charts/EvidenceStore";
import { epochs } from "../common/format";
import { Prose } from "../common/Prose";
import { isFlat } from "../common/StatusMark";
import type { Consequence, Diagnosis, Finding } from "../server/answers";
import "./Chain.css";

/** Causes that bring the same about, in the order of the first of each: they share a chain. */
export function sharingChains(causes: Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of causes) {
    const key = finding.consequences.map(({ id }) => id).join() || finding.id;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

/** How causes affect the accuracy, one box per step. A box shows what was measured when it is opened. */
export function Chain({ findings, diagnosis, store }: { findings: Finding[]; diagnosis: Diagnosis; store: EvidenceStore }) {
  const [finding] = findings;
  const [opened, setOpened] = useState<string | null>(null);
  const panel = useId();
  if (finding.consequences.length === 0) return null;
  const end = outcome(diagnosis);
  const shown = finding.consequences.find(({ id }) => id === opened);
  return (
    <div class="chain" data-testid="chain">
      <h3>{end ? "How it gets there" : "What follows from it"}</h3>
      <ol>
        <li class="first">
          {findings.map(({ id, title, saw }) => (
            <div key={id}>
              <b>{title}</b>
              <Short text={saw} />
            </div>
          ))}
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
      <div id={panel}>
        {shown && (
          <>
            <p class="whole">
              <Prose text={shown.saw} />
            </p>
            <EvidencePictures key={shown.id} pictures={shown.pictures} store={store} />
          </>
        )}
      </div>
    </div>
  );
}

const SHORT = 60; // letters from which a sentence may end at its next part

/** The first part of a sentence: a box is short, and the whole stands where it is opened. */
function Short({ text }: { text: string }) {
  const short = [...text.slice(SHORT).matchAll(/[;:,](?= )/g)].map(({ index }) => text.slice(0, SHORT + index)).find(isWhole);
  return (
    <span title={short && text}>
      <Prose text={short === undefined ? text : `${short} …`} />
    </span>
  );
}

/** Whether neither code nor brackets are cut in two. */
const isWhole = (text: string) => text.split("`").length % 2 === 1 && text.split("(").length === text.split(")").length;

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
      {link.saw && <Short text={link.saw} />}
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
