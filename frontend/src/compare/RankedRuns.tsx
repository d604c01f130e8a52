import { useMemo, useState } from "preact/hooks";
import { count, runName, shortened, words } from "../common/format";
import { StatusMark, statusWord } from "../common/StatusMark";
import { addressOf, follow } from "../host/address";
import type { RankedRun, Sweep } from "../server/answers";
import { cellText } from "./cellText";
import { settingName } from "./settingName";

const SETTINGS = 6; // columns beyond that hide the rest
const PAGE = 100;
const NAME = 28; // letters of a name

interface Column {
  title: string;
  value: (run: RankedRun) => unknown;
}

interface Order {
  column: number;
  ascending: boolean;
}

interface Props {
  sweep: Sweep;
  logdir: string;
  select: (run: string) => void;
}

/** The runs with their scores and settings, the best first; a click on a head sorts by that column. */
export function RankedRuns({ sweep, logdir, select }: Props) {
  const columns = useMemo(() => columnsOf(sweep, logdir), [sweep, logdir]);
  const [order, setOrder] = useState<Order | null>(null); // null: as the server ranks them
  const [all, setAll] = useState(false);
  const runs = useMemo(
    () => (order ? sorted(sweep.runs, columns[order.column].value, order.ascending) : sweep.runs),
    [sweep, columns, order],
  );
  const ranked: Order | null = sweep.score === null ? null : { column: 1, ascending: !sweep.higher_is_better };
  const shown = order ?? ranked;
  const sort = (column: number) =>
    setOrder({ column, ascending: shown?.column === column ? !shown.ascending : column !== ranked?.column || ranked.ascending });
  return (
    <div class="wide ranked">
      <table data-testid="ranked-runs" aria-label="All runs">
        <thead>
          <tr>
            {columns.map(({ title }, i) => (
              <th
                key={i} // two settings may have the same name
                scope="col"
                aria-sort={shown?.column === i ? (shown.ascending ? "ascending" : "descending") : undefined}
              >
                <button type="button" class="head" onClick={() => sort(i)}>
                  {title}
                  <span aria-hidden="true">{shown?.column === i && (shown.ascending ? " ▲" : " ▼")}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(all ? runs : runs.slice(0, PAGE)).map((run) => (
            <tr key={run.run}>
              {columns.map(({ title, value }, i) =>
                i === 0 ? (
                  <th key={i} scope="row">
                    <a
                      href={addressOf(run.run)}
                      title={runName(run.run, logdir)}
                      onClick={(event) => follow(event, () => select(run.run))}
                    >
                      {shortened(runName(run.run, logdir), NAME)}
                    </a>
                  </th>
                ) : i === columns.length - 2 ? (
                  <td key={i} class="status">
                    <StatusMark status={run.status} /> {statusWord(run.status)}
                  </td>
                ) : (
                  <td key={i} class={kindOf(value(run))} data-title={title}>
                    {cellText(value(run))}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {!all && runs.length > PAGE && (
        <button type="button" class="plain" onClick={() => setAll(true)}>
          Show all {count(runs.length, "run")}
        </button>
      )}
    </div>
  );
}

function columnsOf({ score, settings }: Sweep, logdir: string): Column[] {
  return [
    { title: "Run", value: ({ run }) => runName(run, logdir) },
    ...(score === null ? [] : [{ title: words(score), value: (run: RankedRun) => run.score }]),
    ...settings.slice(0, SETTINGS).map(({ name }, i) => ({ title: settingName(name), value: (run: RankedRun) => run.settings[i] })),
    { title: "Status", value: ({ status }) => statusWord(status) },
    { title: "Cause", value: ({ cause }) => cause?.title },
  ];
}

const kindOf = (value: unknown) => (typeof value === "number" ? "number" : (value ?? null) === null ? "none" : undefined);

/** What is not known comes last, whichever way the rest is sorted. */
function sorted(runs: RankedRun[], value: Column["value"], ascending: boolean): RankedRun[] {
  const sign = ascending ? 1 : -1;
  return [...runs].sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    const [isUnknown, isOtherUnknown] = [one ?? null, other ?? null].map((each) => each === null);
    if (isUnknown || isOtherUnknown) return Number(isUnknown) - Number(isOtherUnknown);
    if (typeof one === "number" && typeof other === "number") return sign * (one - other);
    return sign * cellText(one).localeCompare(cellText(other), undefined, { numeric: true });
  });
}
