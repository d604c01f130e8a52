import { useId } from "preact/hooks";
import { percent, shortened } from "../common/format";
import type { CauseCount, CauseName } from "../server/answers";

const CAUSES = 5; // columns: the most frequent ones of all
const NAME = 48; // letters of a list of layers

interface Props {
  title: string;
  of: string; // what a row is of
  counts: CauseCount[];
  most: number; // rows
  newest?: boolean; // whether the last rows are shown, the newest first
}

interface Group {
  of: string;
  allRuns: number;
  runs: Map<string, number>; // by cause
}

/** How many runs of a week, or of a kind of model, each cause held up. The darker, the larger its share of the runs. */
export function CauseTable({ title, of, counts, most, newest = false }: Props) {
  const heading = useId();
  const all = grouped(counts);
  const groups = newest ? all.slice(-most).reverse() : all.slice(0, most);
  const causes = mostFrequent(counts.filter((count) => groups.some((group) => group.of === count.of)));
  if (groups.length === 0) return null;
  const largest = Math.max(...groups.flatMap(({ runs, allRuns }) => causes.map(({ id }) => (runs.get(id) ?? 0) / allRuns)));
  return (
    <section>
      <h2 id={heading}>{title}</h2>
      <div class="wide">
        <table class="causes" aria-labelledby={heading}>
          <thead>
            <tr>
              {[of, "Runs", ...causes.map((cause) => cause.title)].map((head) => (
                <th key={head} scope="col">{head}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={group.of}>
                <th scope="row" title={group.of}>{shortened(group.of, NAME)}</th>
                <td>{group.allRuns.toLocaleString("en-US")}</td>
                {causes.map(({ id }) => (
                  <Cell key={id} runs={group.runs.get(id) ?? 0} of={group.allRuns} largest={largest} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ runs, of, largest }: { runs: number; of: number; largest: number }) {
  const share = runs / of;
  return (
    <td style={{ "--shade": (share / largest).toFixed(3) }} title={percent(Math.round(100 * share) / 100)}>
      {runs === 0 ? "–" : runs.toLocaleString("en-US")}
    </td>
  );
}

function grouped(counts: CauseCount[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { of, cause, runs, all_runs } of counts) {
    const group = groups.get(of) ?? { of, allRuns: all_runs, runs: new Map<string, number>() };
    group.runs.set(cause.id, runs);
    groups.set(of, group);
  }
  return [...groups.values()];
}

function mostFrequent(counts: CauseCount[]): CauseName[] {
  const total = new Map<string, { cause: CauseName; runs: number }>();
  for (const { cause, runs } of counts) {
    total.set(cause.id, { cause, runs: runs + (total.get(cause.id)?.runs ?? 0) });
  }
  return [...total.values()]
    .sort((a, b) => b.runs - a.runs)
    .slice(0, CAUSES)
    .map(({ cause }) => cause);
}
