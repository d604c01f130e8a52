import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { onEscape } from "../host/keyboard";
import "./Term.css";

const GAP = 4; // px between a word and its meaning
const EDGE = 8; // px to the edge of the window
const GRACE_MS = 250; // a pointer may cut the corner on its way onto the meaning

let hideLast = () => {};

/** Only one meaning is shown at a time. */
function showAlone(hide: () => void) {
  hideLast();
  hideLast = hide;
}

/** A word with its meaning in one sentence, on hover and on focus; Escape hides it, and the pointer may go onto it. */
export function Term({ text, meaning }: { text: string; meaning: string }) {
  const [shown, setShown] = useState(false);
  const term = useRef<HTMLSpanElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  const id = useId();
  const enter = () => {
    clearTimeout(leaving.current);
    if (shown) return;
    showAlone(() => setShown(false));
    setShown(true);
  };
  const leave = () => {
    leaving.current = setTimeout(() => setShown(false), GRACE_MS);
  };

  useLayoutEffect(() => {
    if (!shown) return;
    const beside = () => place(tip.current!, term.current!.getBoundingClientRect());
    const stop = new AbortController();
    beside();
    document.addEventListener("scroll", beside, { signal: stop.signal, capture: true }); // the meaning would stay behind
    onEscape(() => setShown(false), stop.signal);
    return () => {
      stop.abort();
      clearTimeout(leaving.current);
    };
  }, [shown]);

  return (
    <span class="term" ref={term} onMouseEnter={enter} onMouseLeave={leave}>
      <button type="button" aria-describedby={shown ? id : undefined} onFocus={enter} onBlur={() => setShown(false)}>
        {text}
      </button>
      {shown && (
        <span role="tooltip" id={id} ref={tip}>
          {meaning}
        </span>
      )}
    </span>
  );
}

/** Above the word, or below where there is no room, and never beyond the edge of the window. */
function place(tip: HTMLElement, word: DOMRect) {
  tip.style.padding = "";
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.max(EDGE, Math.min(word.left, window.innerWidth - width - EDGE));
  const above = word.top - height >= EDGE;
  tip.style.left = `${left}px`;
  tip.style.top = `${above ? word.top - height : word.bottom}px`;
  tip.style[above ? "paddingBottom" : "paddingTop"] = `${6 + GAP}px`; // no gap that the pointer would fall through
}
