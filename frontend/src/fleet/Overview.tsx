import { useCallback } from "preact/hooks";
import { SettingScores } from "../compare/SettingScores";
import { count, hours, percent } from "../common/format";
import { Loading, Message } from "../common/Message";
import { StatusMark, statusWord } from "../common/StatusMark";
import type { Overview as Answer, Status } from "../server/answers";
import { getOverview } from "../server/api";
import { useReading } from "../server/useReading";
import { CauseTable } from "./CauseTable";
import { CostlyRuns } from "./CostlyRuns";
import "./Overview.css";

const WEEKS = 8; // the last ones
const MODELS = 8; // those with most runs

interface Props {
  where: string; // the filter; empty: all runs of the index
  readAt: Date; // of the list: the overview is read anew with it
  select: (run: string) => void;
}

/** What holds the runs of an index up, what it costs, and which to look at. */
export function Overview({ where, readAt, select }: Props) {
  const ask = useCallback((signal: AbortSignal) => getOverview(where, signal), [where]);
  const { value, trouble } = useReading(ask, readAt.getTime());
  if (trouble !== null) return <Message>{trouble}</Message>;
  if (value === null) return <Loading what="Summing up the runs" />;
  return (
    <div class="rows overview" data-testid="overview">
      <header>
        <h1>{count(value.runs, "run")}</h1>
        {where !== "" && (
          <p class="quiet">
            that fit <code>{where}</code>
          </p>
        )}
        <ul class="statuses" aria-label="Runs by status">
          {Object.entries(value.statuses).map(([status, runs]) => (
            <li key={status}>
              <StatusMark status={status as Status} /> {runs.toLocaleString("en-US")} {statusWord(status as Status).toLowerCase()}
            </li>
          ))}
        </ul>
        <p>{costOf(value)}</p>
      </header>
      {value.look_at.length > 0 && <CostlyRuns runs={value.look_at} select={select} />}
      <CauseTable title="Probable causes by week" of="Week of" counts={value.causes_by_week} most={WEEKS} newest />
      <CauseTable title="Probable causes by kind of model" of="Layers" counts={value.causes_by_model} most={MODELS} />
      <Settings overview={value} />
    </div>
  );
}

function costOf({ hours: all, lost_hours, lost_fraction, timed_runs, runs }: Answer): string {
  if (lost_fraction === null) return "No log tells how long its run took.";
  const known = timed_runs < runs ? ` ${count(timed_runs, "run tells", "runs tell")} how long they took.` : "";
  return `${hours(lost_hours)} of ${hours(all)} (${percent(Math.round(100 * lost_fraction) / 100)}) came after a run had stalled or diverged.${known}`;
}

/** The settings that tell runs on the same data apart, as in a sweep. */
function Settings({ overview: { separating, compared_runs, score } }: { overview: Answer }) {
  if (compared_runs === 0) return null;
  const scores = separating.flatMap(({ parts }) => parts.flatMap((part) => part.scores)).filter((each) => each !== null);
  const range: [number, number] = [Math.min(...scores), Math.max(...scores)];
  return (
    <section class="compare">
      <h2>What separates the runs that go well</h2>
      <p>
        {separating.length > 0
          ? `Of ${count(compared_runs, "run")} on the same data:`
          : `Of ${count(compared_runs, "run")} on the same data, no setting tells the scores apart better than chance would.`}
      </p>
      {separating.map((setting) => (
        <SettingScores key={setting.name} setting={setting} score={score} range={range} />
      ))}
    </section>
  );
}
