import { useCallback, useId, useState } from "preact/hooks";
import { runName } from "../common/format";
import type { RunList } from "../server/answers";
import { getComparison } from "../server/api";
import { useReading } from "../server/useReading";
import { ComparisonTables } from "./ComparisonTables";
import { besideOf } from "./CurveBeside";
import { betterRun, sameData } from "./kin";
import "./compare.css";

const OFFERED = 200; // names that a browser lists without effort; others can be typed

interface Props {
  list: RunList;
  selected: string;
  other: string | null; // null: nobody has chosen
  compareWith: (run: string) => void;
}

/** What differs between this run and another one: settings and data first, then series. Offered are runs of the same data. */
export function Compare({ list, selected, other: chosen, compareWith }: Props) {
  const rows = list.runs.filter((row) => row.run !== selected);
  const row = list.runs.find((one) => one.run === selected);
  const other = besideOf(list, selected, chosen);
  const [typed, setTyped] = useState<string | null>(null); // what is in the field, a name or not yet
  const [opened, setOpened] = useState(false);
  const names = useId();
  const isKnown = rows.some((one) => one.run === other);
  // A run that has grown is compared again; the old table stays until then.
  const compared = list.runs.filter((one) => one.run === selected || one.run === other);
  const version = compared.map((one) => one.updated).join();
  const better = row ? betterRun(list.runs, row) : null;
  const type = (text: string) => {
    setTyped(text);
    if (text === "" || rows.some((one) => one.run === text)) compareWith(text);
  };
  const choose = (run: string) => {
    setTyped(null);
    compareWith(run);
  };
  return (
    <details class="compare" data-testid="compare" onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>
        <b>Compare with another run</b>
      </summary>
      <div class="inside">
        <input
          type="search"
          list={names}
          value={typed ?? other}
          placeholder="Name of the other run"
          aria-label="Name of the other run"
          onInput={(event) => type(event.currentTarget.value)}
        />
        {better && other !== better.run && (
          <button type="button" class="plain" onClick={() => choose(better.run)}>
            The nearest better run of the same data: {runName(better.run, list.logdir)}
          </button>
        )}
        <datalist id={names}>
          {(row ? sameData(rows, row) : []).slice(0, OFFERED).map((one) => (
            <option key={one.run} value={one.run} />
          ))}
        </datalist>
        {typed !== null && typed !== "" && typed !== other && <p class="quiet">No run has that name.</p>}
        {opened && isKnown && (typed === null || typed === other) && (
          <Differences key={other} run={selected} other={other} version={version} logdir={list.logdir} />
        )}
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
