import { useEffect, useState } from "preact/hooks";
import { getExport } from "./api";
import { isEmbedded } from "./embedded";

const SAID_MS = 2500;

/** The report to take away: as text for an issue or a chat, or as a file that needs neither TensorBoard nor a network. */
export function Export({ training }: { training: string }) {
  const [copied, setCopied] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);

  useEffect(() => {
    if (!copied) return;
    const over = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(over);
  }, [copied]);

  const attempt = (action: () => Promise<void>) => {
    setTrouble(null);
    action().catch((error) => setTrouble(error instanceof Error ? error.message : String(error)));
  };
  const copyMarkdown = async () => {
    await copy(await (await getExport(training, "markdown")).text());
    setCopied(true);
  };
  if (isEmbedded()) return null; // there is no server to ask, and the file is there already
  return (
    <span class="export">
      <button type="button" onClick={() => attempt(copyMarkdown)}>
        {copied ? "Copied" : "Copy as Markdown"}
      </button>
      <button type="button" onClick={() => attempt(() => save(training))}>
        Save as HTML
      </button>
      <span class={trouble ? "quiet" : "unseen"} role="status" aria-live="polite">
        {trouble ?? (copied ? "Copied" : "")}
      </span>
    </span>
  );
}

/** TensorBoard is often plain http on another machine, where browsers have no `navigator.clipboard`. */
async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyFromTextarea(text);
  }
}

function copyFromTextarea(text: string): void {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "unseen";
  area.readOnly = true; // no keyboard comes up on a phone
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  if (!done) throw new Error("The browser does not let this page copy.");
}

/** Read first, so that a server that refuses is heard here and not saved as a file. */
async function save(training: string): Promise<void> {
  const response = await getExport(training, "html");
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name ?? "diagnosis.html";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // by then the browser has it
}
