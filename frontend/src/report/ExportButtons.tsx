import { useState } from "preact/hooks";
import { download } from "../charts/save";
import { CopyButton } from "../common/CopyButton";
import { messageOf } from "../common/format";
import { getExport } from "../server/api";
import { isEmbedded } from "../server/embedded";
import "./ExportButtons.css";

/** Copies the report as text for an issue or a chat, or saves it as a file that needs neither TensorBoard nor a network. */
export function ExportButtons({ run }: { run: string }) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const click = () => {
    setTrouble(null);
    save(run).catch((error) => setTrouble(messageOf(error)));
  };
  if (isEmbedded()) return null; // there is no server to ask, and the file is there already
  return (
    <span class="export">
      <CopyButton label="Copy as Markdown" text={async () => (await getExport(run, "markdown")).text()} />
      <button type="button" class="plain" onClick={click}>
        Save as HTML
      </button>
      <span class="quiet" role="status">
        {trouble}
      </span>
    </span>
  );
}

/** Read first, so that an error is shown here and not saved as a file. */
async function save(run: string): Promise<void> {
  const response = await getExport(run, "html");
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  download(await response.blob(), name ?? "diagnosis.html");
}
