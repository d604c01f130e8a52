import { useCallback, useState } from "preact/hooks";
import { count, words } from "../common/format";
import { Guarded } from "../common/Guarded";
import { Prose } from "../common/Prose";
import type { Picture } from "../server/answers";
import { useReading } from "../server/useReading";
import { type Drawing, readDrawings } from "./drawings";
import type { EvidenceStore } from "./EvidenceStore";
import { Figure } from "./Figure";
import "./EvidencePictures.css";

const NONE: Picture[] = [];
const SHOWN_AT_ONCE = 2; // more would push the rest of the report off the screen

/** Pictures of what was measured. Older pictures stay until newer ones are there. */
export function EvidencePictures({ pictures = NONE, store }: { pictures?: Picture[]; store: EvidenceStore }) {
  const read = useCallback(() => readDrawings(pictures, store), [pictures, store]);
  const { value: shown, trouble } = useReading(read);

  if (pictures.length === 0) return null;
  if (!shown) return <p class="quiet pending">{trouble ? `No pictures: ${trouble}` : "Reading the evidence…"}</p>;
  if (shown.values.length + shown.drawings.length === 0) return null; // of what has no picture nothing is said
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
      {first.length > 0 && <Drawings drawings={first} run={store.title} />}
      {more.length > 0 && (
        <details class="more">
          <summary>{count(more.length, "more picture")} of the evidence</summary>
          <Drawings drawings={more} run={store.title} />
        </details>
      )}
    </div>
  );
}

function Drawings({ drawings, run }: { drawings: Drawing[]; run: string }) {
  return (
    <div class="pictures">
      {drawings.map((drawing) => (
        <OnePicture key={drawing.name} drawing={drawing} run={run} />
      ))}
    </div>
  );
}

function OnePicture({ drawing, run }: { drawing: Drawing; run: string }) {
  const [isFitted, fit] = useState(false);
  const { name, title, note, wide, fitted, axis } = drawing;
  const toggled = isFitted ? `Axis ${axis}` : "Fit the axis";
  return (
    <figure class={wide ? "wide" : undefined} data-testid="evidence-picture" data-name={name}>
      <figcaption>
        <b>{title}</b>
        {note && (
          <span>
            <Prose text={note} />
          </span>
        )}
      </figcaption>
      <Guarded what="This picture">
        <Figure {...drawing} draw={isFitted && fitted ? fitted : drawing.draw} run={run} />
      </Guarded>
      {fitted && (
        <button type="button" class="plain axis" aria-label={`${toggled} of ${title}`} onClick={() => fit(!isFitted)}>
          {toggled}
        </button>
      )}
    </figure>
  );
}
