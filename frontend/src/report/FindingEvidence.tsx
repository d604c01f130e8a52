import { EvidencePictures } from "../charts/EvidencePictures";
import type { EvidenceStore } from "../charts/EvidenceStore";
import { Paragraphs, Prose } from "../common/Prose";
import type { Diagnosis, Finding } from "../server/answers";
import { Chain } from "./Chain";
import "./FindingEvidence.css";

interface Props {
  finding: Finding;
  chained: Finding[]; // whose chain ends the evidence; empty: it is shown with another cause
  diagnosis: Diagnosis;
  store: EvidenceStore;
  title: string; // over what shows it; where nothing does there is none
}

/** The pictures and the chain of consequences of a probable cause. */
export function FindingEvidence({ finding, chained, diagnosis, store, title }: Props) {
  const hasPictures = (finding.pictures ?? []).length > 0;
  const hasChain = chained.some(({ consequences }) => consequences.length > 0);
  return (
    <div data-testid="evidence" data-of={finding.id}>
      {(hasPictures || hasChain) && <h2>{title}</h2>}
      <EvidencePictures pictures={finding.pictures} store={store} />
      {hasChain && <Chain findings={chained} diagnosis={diagnosis} store={store} />}
      <Why text={finding.why} sources={finding.sources} of={hasPictures || hasChain ? undefined : finding.title} />
    </div>
  );
}

interface WhyProps {
  text?: string;
  sources?: string[];
  of?: string; // the cause, where no heading names it
}

/** The documentation of a cause, and where it comes from. */
export function Why({ text, sources = [], of }: WhyProps) {
  if (!text) return null;
  return (
    <details class="why">
      <summary>What happens inside{of && `: ${of}`}</summary>
      <div class="inside prose">
        <Paragraphs text={text} />
        {sources.length > 0 && (
          <ul class="sources" aria-label="Sources">
            {sources.map((source) => (
              <li key={source}>
                <Linked text={source} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </details>
  );
}

const ADDRESS = /(https:\/\/\S+?)(?=[:,.;]?(?:\s|$))/;

/** A text with its address as a link; one that has none stays text. */
function Linked({ text }: { text: string }) {
  const [before, address, after] = text.split(ADDRESS);
  if (address === undefined) return <Prose text={text} />;
  return (
    <>
      <Prose text={before} />
      <a href={address} target="_blank" rel="noreferrer">
        {address}
      </a>
      <Prose text={after ?? ""} />
    </>
  );
}
