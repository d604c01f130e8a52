import { useEffect, useState } from "preact/hooks";
import { copy } from "./clipboard";
import { messageOf } from "./format";

const COPIED = "Copied";
const SAID_MS = 2000;

/** A button that puts a text on the clipboard, and says so. */
export function CopyButton({ label, text }: { label: string; text: () => string | Promise<string> }) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said !== COPIED) return; // trouble stays until the next click
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const click = async () => {
    try {
      await copy(await text());
      setSaid(COPIED);
    } catch (error) {
      setSaid(messageOf(error));
    }
  };
  return (
    <button type="button" class="plain copy" onClick={click}>
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
