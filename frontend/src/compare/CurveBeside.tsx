import { useCallback, useMemo } from "preact/hooks";
import { Curve, type Other } from "../charts/Curve";
import { runName } from "../common/format";
import { isGood } from "../common/StatusMark";
import { coloursOf } from "../host/runColours";
import { getDiagnosis } from "../server/api";
import type { Curve as CurveData, Diagnosis, RunList } from "../server/answers";
import { useReading } from "../server/useReading";
import { betterRun, sameData } from "./kin";

const OFFERED = 100; // runs that a list is still short with

interface Props {
  diagnosis: Diagnosis & { curve: CurveData };
  list: RunList;
  name: string; // of the run
  chosen: string | null; // null: nobody has chosen, "": no other run
  choose: (run: string) => void;
}

/** The run that is drawn beside another one: what was chosen, or of one that does not go well the nearest better one. */
export function besideOf(list: RunList, run: string, chosen: string | null): string {
  if (chosen !== null) return chosen;
  const row = list.runs.find((one) => one.run === run);
  return row && row.status !== null && !isGood(row.status) ? (betterRun(list.runs, row)?.run ?? "") : "";
}

/** The curve of a run, and that of another one of the same data. */
export function CurveBeside({ diagnosis, list, name, chosen, choose }: Props) {
  const { run, curve } = diagnosis;
  const row = list.runs.find((one) => one.run === run);
  const beside = besideOf(list, run, chosen);
  const updated = list.runs.find((one) => one.run === beside)?.updated ?? undefined;
  const ask = useCallback((signal: AbortSignal) => getDiagnosis(beside, signal), [beside]);
  const { value } = useReading(beside ? ask : null, updated);
  const there = beside !== "" && value?.run === beside ? value : null;
  const isAlike = there?.curve && there.curve.label === curve.label && there.unit === diagnosis.unit;
  const other = useMemo<Other | null>(
    () => (there?.curve && isAlike ? { name: runName(there.run, list.logdir), curve: there.curve, colours: coloursOf([run, there.run]) } : null),
    [there, isAlike, run, list.logdir],
  );
  const offered = row ? sameData(list.runs, row).slice(0, OFFERED) : [];
  const names = [...new Set([...offered.map((one) => one.run), ...(beside ? [beside] : [])])];
  return (
    <Curve curve={curve} status={diagnosis.status} unit={diagnosis.unit} run={name} other={other}>
      {names.length > 0 && (
        <label>
          Beside it
          <select value={beside} onChange={(event) => choose(event.currentTarget.value)}>
            <option value="">no other run</option>
            {names.map((one) => (
              <option key={one} value={one}>
                {runName(one, list.logdir)}
              </option>
            ))}
          </select>
        </label>
      )}
      {there && !isAlike && <span>{there.curve ? "That run was judged by another curve." : "That run has no curve."}</span>}
    </Curve>
  );
}
