import { hours, shortened } from "../common/format";
import { StatusMark, statusWord } from "../common/StatusMark";
import { addressOf, follow } from "../host/address";
import type { CostlyRun } from "../server/answers";

const NAME = 60; // letters of a name

/** The runs to look at first; each leads to its report. */
export function CostlyRuns({ runs, select }: { runs: CostlyRun[]; select: (run: string) => void }) {
  return (
    <section>
      <h2>To look at first, by the time lost</h2>
      <div class="wide">
        <table class="costly" aria-label="Runs to look at first">
          <thead>
            <tr>
              {["Lost", "Status", "Run", "Probable cause"].map((head) => (
                <th key={head} scope="col">{head}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map(({ run, status, cause, headline, lost_hours }) => (
              <tr key={run}>
                <td>{hours(lost_hours)}</td>
                <td class="status">
                  <StatusMark status={status} /> {statusWord(status)}
                </td>
                <th scope="row">
                  <a
                    href={addressOf(run)}
                    title={`${run}\n${headline}`}
                    onClick={(event) => follow(event, () => select(run))}
                  >
                    {shortened(run, NAME)}
                  </a>
                </th>
                <td>{cause?.title ?? "none found"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
