/** Sentences from the server. Text in `backticks` is code; "->" is how a keyboard writes an arrow. */
export function Prose({ text }: { text: string }) {
  const parts = text.split(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/s);
  // split() with two groups: text, ticks, code, text, ticks, code, text
  return (
    <>
      {parts.map((part, i) => {
        if (i % 3 === 1) return null;
        if (i % 3 === 2) return <code key={i}>{part}</code>;
        return part.replace(/->/g, "→");
      })}
    </>
  );
}

/** A longer text: blank lines part paragraphs. */
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
