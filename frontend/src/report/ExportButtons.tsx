import { useState } from "preact/hooks";
import { download } from "../charts/save";
import { CopyButton } from "../common/CopyButton";
import { messageOf } from "../common/format";
import { getExport } from "../server/api";
import { isEmbedded } from "../server/embedded";
import "./ExportButtons.css";

/**
 * Copies the report as text for an issue or a chat, or the text of an issue about a wrong cause; or saves the report as a
 * file that needs neither TensorBoard nor a network.
 */
export function ExportButtons({ run, named }: { run: string; named: string[] }) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const click = () => {
    setTrouble(null);
    save(run).catch((error) => setTrouble(messageOf(error)));
  };
  if (isEmbedded()) return null; // there is no server to ask, and the file is there already
  return (
    <span class="export">
      <CopyButton label="Copy as Markdown" text={() => markdownOf(run)} />
      {named.length > 0 && <CopyButton label="This was not it" text={async () => mistakeIn(await markdownOf(run), named)} />}
      <button type="button" class="plain" onClick={click}>
        Save as HTML
      </button>
      <span class="quiet" role="status">
        {trouble}
      </span>
    </span>
  );
}

const markdownOf = async (run: string) => (await getExport(run, "markdown")).text();

/** An issue about a wrong cause, to be filled in and posted by hand: nothing is sent. */
function mistakeIn(report: string, named: string[]): string {
  return [
    `# Wrong cause: ${named.join(", ")}`,
    "**What it really was:** (what you changed, and what accuracy became)",
    "**What the model and the data are:** (as much as you may tell)",
    "The report:",
    report,
  ].join("\n\n");
}

/** Read first, so that an error is shown here and not saved as a file. */
async function save(run: string): Promise<void> {
  const response = await getExport(run, "html");
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  download(await response.blob(), name ?? "diagnosis.html");
}
