import { useCallback, useId, useState } from "preact/hooks";
import { runName } from "../common/format";
import { isGood } from "../common/StatusMark";
import type { RunList, RunRow } from "../server/answers";
import { getComparison } from "../server/api";
import { useReading } from "../server/useReading";
import { ComparisonTables } from "./ComparisonTables";
import "./compare.css";

const OFFERED = 200; // names that a browser lists without effort; others can be typed

/** What differs between this run and another one: settings and data first, then series. */
export function Compare({ list, selected }: { list: RunList; selected: string }) {
  const rows = list.runs.filter((row) => row.run !== selected);
  const [other, setOther] = useState("");
  const names = useId();
  const isKnown = rows.some((row) => row.run === other);
  // A run that has grown is compared again; the old table stays until then.
  const compared = list.runs.filter((row) => row.run === selected || row.run === other);
  const version = compared.map((row) => row.updated).join();
  const best = bestOf(rows);
  return (
    <details class="compare" data-testid="compare">
      <summary>
        <b>Compare with another run</b>
      </summary>
      <div class="inside">
        <input
          type="search"
          list={names}
          value={other}
          placeholder="Name of the other run"
          aria-label="Name of the other run"
          onInput={(event) => setOther(event.currentTarget.value)}
        />
        {best && other !== best.run && (
          <button type="button" class="plain" onClick={() => setOther(best.run)}>
            The best run: {runName(best.run, list.logdir)}
          </button>
        )}
        <datalist id={names}>
          {rows.slice(0, OFFERED).map((row) => (
            <option key={row.run} value={row.run} />
          ))}
        </datalist>
        {other !== "" && !isKnown && <p class="quiet">No run has that name.</p>}
        {isKnown && <Differences key={other} run={selected} other={other} version={version} logdir={list.logdir} />}
      </div>
    </details>
  );
}

interface DifferencesProps {
  run: string;
  other: string;
  version: string; // another one when a run has grown
  logdir: string;
}

function Differences({ run, other, version, logdir }: DifferencesProps) {
  const compare = useCallback((signal: AbortSignal) => getComparison(run, other, signal), [run, other]);
  const { value, trouble } = useReading(compare, version);
  if (trouble !== null) return <p>{trouble}</p>;
  if (value === null) return <p class="quiet">Reading both…</p>;
  return <ComparisonTables comparison={value} names={[run, other].map((name) => runName(name, logdir))} />;
}

/** The run that is offered for comparison: the most accurate good one among those that were read. */
function bestOf(rows: RunRow[]): RunRow | null {
  const good = rows.filter((row) => row.status !== null && isGood(row.status) && typeof row.accuracy === "number");
  return good.reduce<RunRow | null>((best, row) => (!best || row.accuracy! > best.accuracy! ? row : best), null);
}
