import { useId, useState } from "preact/hooks";

/** A word with its meaning in one sentence, on hover and on focus; Escape hides it. */
export function Term({ text, meaning }: { text: string; meaning: string }) {
  const [shown, setShown] = useState(false);
  const id = useId();
  return (
    <span class="term" onMouseEnter={() => setShown(true)} onMouseLeave={() => setShown(false)}>
      <button
        type="button"
        aria-describedby={shown ? id : undefined}
        onFocus={() => setShown(true)}
        onBlur={() => setShown(false)}
        onKeyDown={(event) => event.key === "Escape" && setShown(false)}
      >
        {text}
      </button>
      {shown && (
        <span role="tooltip" id={id}>
          {meaning}
        </span>
      )}
    </span>
  );
}
