import { useEffect, useState } from "preact/hooks";
import { copy } from "./clipboard";

const SAID_MS = 2000;

/** A button that puts a text on the clipboard, and says so. */
export function CopyButton({ label, text }: { label: string; text: () => string | Promise<string> }) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const click = async () => {
    try {
      await copy(await text());
      setSaid("Copied");
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <button type="button" class="plain copy" onClick={click}>
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
