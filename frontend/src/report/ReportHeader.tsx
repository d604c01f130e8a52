import { epochs } from "../common/format";
import { Prose } from "../common/Prose";
import { isFlat, StatusMark, statusTone, statusWord } from "../common/StatusMark";
import type { Diagnosis } from "../server/answers";
import { ExportButtons } from "./ExportButtons";
import "./ReportHeader.css";

/** The status in one line, and the headline. */
export function ReportHeader({ diagnosis, name, news }: { diagnosis: Diagnosis; name: string; news: string[] }) {
  const { status } = diagnosis;
  return (
    <header>
      <p class="above">
        <span class={`pill ${statusTone(status)}`} data-testid="status" data-status={status}>
          <StatusMark status={status} />
          {statusWord(status)}
        </span>
        <span class="where">{[name, placeOf(diagnosis), diagnosis.extent].filter(Boolean).join(" · ")}</span>
        <span class="news" role="status" data-testid="news">
          {news.length > 0 && `Since the last reload: ${news.join(", ")}`}
        </span>
        <ExportButtons run={diagnosis.run} named={diagnosis.probable_causes.map(({ title }) => title)} />
      </p>
      <h1 data-testid="headline">
        <Prose text={diagnosis.headline} />
      </h1>
    </header>
  );
}

function placeOf({ status, since, until, unit, where }: Diagnosis): string | null {
  return isFlat(status) ? [epochs(since, until, unit), where].filter(Boolean).join(", ") : null;
}
