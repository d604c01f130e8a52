import { useState } from "preact/hooks";
import { CopyButton } from "../common/CopyButton";
import { count } from "../common/format";
import type { CodeLine } from "../server/answers";
import "./Patch.css";

const PLACES: Record<string, string> = { data: "before fit", fit: "in fit", compile: "in compile", model: "before compile" };
const AS_KERAS_HAS_IT = ", as Keras has it"; // how the program says it is not known
const MOST_ALIKE = 3; // lines that are shown of those that change alike

/**
 * The lines of the user's own program that change: what is there, and what is to be there. Of many that change alike the
 * first are shown; all of them are copied.
 */
export function Patch({ lines, testId }: { lines: CodeLine[]; testId: string }) {
  const [all, setAll] = useState(false);
  const added = lines.flatMap(({ new: line }) => (line === null ? [] : [line]));
  const folded = all ? lines.map((line) => ({ line, hidden: 0 })) : withoutAlike(lines);
  return (
    <div class="code" data-testid={testId}>
      <pre tabIndex={0} aria-label="Lines to change">
        <code>
          {folded.map(({ line: { where, place, old, new: line, inferred }, hidden }) => (
            <>
              {old !== null && <Line sign="−" kind="old" text={old} place={(place ?? PLACES[where] ?? where) + (inferred ? AS_KERAS_HAS_IT : "")} />}
              {line !== null && <Line sign="+" kind="new" text={line} place={place ?? PLACES[where] ?? where} />}
              {hidden > 0 && (
                <>
                  <button type="button" class="alike" onClick={() => setAll(true)}>
                    and {count(hidden, "more", "more")} alike
                  </button>
                  {"\n"}
                </>
              )}
            </>
          ))}
        </code>
      </pre>
      {added.length > 0 && <CopyButton label="Copy" text={() => added.join("\n")} />}
    </div>
  );
}

/** The lines to show, and after which how many are left out. */
export function withoutAlike(lines: CodeLine[]): { line: CodeLine; hidden: number }[] {
  const groups = new Map<string, CodeLine[]>();
  for (const line of lines) groups.set(kindOf(line), [...(groups.get(kindOf(line)) ?? []), line]);
  return lines.flatMap((line) => {
    const group = groups.get(kindOf(line))!;
    const at = group.indexOf(line);
    if (group.length <= MOST_ALIKE || at < MOST_ALIKE - 1) return [{ line, hidden: 0 }];
    return at === MOST_ALIKE - 1 ? [{ line, hidden: group.length - MOST_ALIKE }] : [];
  });
}

/** Two changes are alike that differ in numbers and in names of layers alone. */
const kindOf = ({ old, new: line }: CodeLine) => [old, line].map((text) => text?.replace(/name="[^"]*"/g, "name").replace(/\d+(\.\d+)?/g, "0")).join("\n");

function Line({ sign, kind, text, place }: { sign: string; kind: "old" | "new"; text: string; place: string }) {
  return (
    <span class={kind}>
      <span class="sign">{sign}</span> {text}
      <span class="place">{`  # ${place}`}</span>
      {"\n"}
    </span>
  );
}
