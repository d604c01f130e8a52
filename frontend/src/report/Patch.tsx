import { CopyButton } from "../common/CopyButton";
import type { CodeLine } from "../server/answers";
import "./Patch.css";

const PLACES: Record<string, string> = { data: "before fit", fit: "in fit", compile: "in compile", model: "before compile" };

/** The lines of the user's own program that change: what is there, and what is to be there. */
export function Patch({ lines, testId }: { lines: CodeLine[]; testId: string }) {
  const added = lines.flatMap(({ new: line }) => (line === null ? [] : [line]));
  return (
    <div class="code" data-testid={testId}>
      <pre tabIndex={0} aria-label="Lines to change">
        <code>
          {lines.map(({ where, place, old, new: line }) => (
            <>
              {old !== null && <Line sign="−" kind="old" text={old} place={place ?? PLACES[where] ?? where} />}
              {line !== null && <Line sign="+" kind="new" text={line} place={place ?? PLACES[where] ?? where} />}
            </>
          ))}
        </code>
      </pre>
      {added.length > 0 && <CopyButton label="Copy" text={() => added.join("\n")} />}
    </div>
  );
}

function Line({ sign, kind, text, place }: { sign: string; kind: "old" | "new"; text: string; place: string }) {
  return (
    <span class={kind}>
      <span class="sign">{sign}</span> {text}
      <span class="place">{`  # ${place}`}</span>
      {"\n"}
    </span>
  );
}
