import { useCallback } from "preact/hooks";
import { count, words } from "../common/format";
import { Guarded } from "../common/Guarded";
import { Prose } from "../common/Prose";
import type { Finding } from "../server/types";
import { useReading } from "../server/useReading";
import { type Drawing, readDrawings } from "./drawings";
import type { EvidenceStore } from "./EvidenceStore";
import { Figure } from "./Figure";
import "./Evidence.css";

const SHOWN_AT_ONCE = 2; // more would push the rest of the report off the screen

/** What names its pictures: a finding, or a link of its chain. */
type Shows = { pictures: Finding["pictures"] };

/** What was measured, drawn. While newer evidence is read, the older stays. */
export function EvidencePictures({ finding, store }: { finding: Shows; store: EvidenceStore }) {
  const read = useCallback(() => readDrawings(finding.pictures, store), [finding, store]);
  const { value: shown, trouble } = useReading(read);

  if (finding.pictures.length === 0) return null;
  if (!shown) return <p class="quiet pending">{trouble ? `No pictures: ${trouble}` : "Reading the evidence…"}</p>;
  const [first, more] = [shown.drawings.slice(0, SHOWN_AT_ONCE), shown.drawings.slice(SHOWN_AT_ONCE)];
  return (
    <div class="evidence">
      {shown.values.length > 0 && (
        <dl class="values">
          {shown.values.map(({ name, meaning, value }) => (
            <div key={name} title={meaning} data-testid="evidence-picture" data-name={name}>
              <dt>{words(name)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {first.length > 0 && <Drawings drawings={first} training={store.title} />}
      {more.length > 0 && (
        <details class="more">
          <summary>{count(more.length, "more picture")} of the evidence</summary>
          <Drawings drawings={more} training={store.title} />
        </details>
      )}
      {shown.without.length > 0 && <p class="quiet">No picture for: {shown.without.map(words).join(", ")}.</p>}
    </div>
  );
}

function Drawings({ drawings, training }: { drawings: Drawing[]; training: string }) {
  return (
    <div class="pictures">
      {drawings.map((drawing) => (
        <figure key={drawing.name} class={drawing.wide ? "wide" : undefined} data-testid="evidence-picture" data-name={drawing.name}>
          <figcaption>
            <b>{drawing.title}</b>
            {drawing.note && (
              <span>
                <Prose text={drawing.note} />
              </span>
            )}
          </figcaption>
          <Guarded what="This picture">
            <Figure {...drawing} training={training} />
          </Guarded>
        </figure>
      ))}
    </div>
  );
}
