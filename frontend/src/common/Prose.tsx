import { Term } from "./Term";
import { withTerms } from "./terms";

const TURNS = /[\u202a-\u202e\u2066-\u2069]/g; // these characters in a name would reverse the rest of a sentence

/**
 * Sentences from the server. Text in `backticks` is code; "->" is how a keyboard writes an arrow. With `terms`, words that
 * a reader may not know are explained, but for those in the set; not inside of what is itself a button.
 */
export function Prose({ text, terms }: { text: string; terms?: Set<string> }) {
  const parts = text.replace(TURNS, "\ufffd").split(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/s);
  // split() with two groups: text, ticks, code, text, ticks, code, text
  return (
    <>
      {parts.map((part, i) => {
        if (i % 3 === 1) return null;
        if (i % 3 === 2) return <code key={i}>{part}</code>;
        const plain = part.replace(/->/g, "→");
        if (!terms) return plain;
        return withTerms(plain, terms).map((piece) => (piece.meaning ? <Term key={piece.text} text={piece.text} meaning={piece.meaning} /> : piece.text));
      })}
    </>
  );
}

/** A longer text; blank lines separate paragraphs. */
export function Paragraphs({ text }: { text: string }) {
  return (
    <>
      {text.split(/\n\s*\n/).map((paragraph, i) => (
        <p key={i}>
          <Prose text={paragraph} />
        </p>
      ))}
    </>
  );
}
