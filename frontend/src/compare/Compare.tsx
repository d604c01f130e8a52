import { useCallback, useId, useState } from "preact/hooks";
import { getComparison } from "../server/api";
import { number, trainingName, words } from "../common/format";
import { isGood } from "../common/StatusMark";
import type { Comparison, TrainingRow, Trainings } from "../server/types";
import { useReading } from "../server/useReading";
import "./compare.css";

const OFFERED = 200; // names that a browser lists without effort; others can be typed

/** What differs between this training and another one: settings and data first, then where their series part. */
export function Compare({ trainings, selected }: { trainings: Trainings; selected: string }) {
  const rows = trainings.trainings.filter((row) => row.training !== selected);
  const [other, setOther] = useState("");
  const list = useId();
  const isKnown = rows.some((row) => row.training === other);
  // A training that goes on is compared anew; the table before stays until then.
  const compared = trainings.trainings.filter((row) => row.training === selected || row.training === other);
  const version = compared.map((row) => row.updated).join();
  const best = bestOf(rows);
  return (
    <details class="compare" data-testid="compare">
      <summary>
        <b>Compare with another training</b>
      </summary>
      <div class="inside">
        <input
          type="search"
          list={list}
          value={other}
          placeholder="Name of the other training"
          aria-label="Name of the other training"
          onInput={(event) => setOther(event.currentTarget.value)}
        />
        {best && other !== best.training && (
          <button type="button" class="plain" onClick={() => setOther(best.training)}>
            The best one: {trainingName(best.training, trainings.logdir)}
          </button>
        )}
        <datalist id={list}>
          {rows.slice(0, OFFERED).map((row) => (
            <option key={row.training} value={row.training} />
          ))}
        </datalist>
        {other !== "" && !isKnown && <p class="quiet">No training has that name.</p>}
        {isKnown && <Differences key={other} training={selected} other={other} version={version} logdir={trainings.logdir} />}
      </div>
    </details>
  );
}

interface DifferencesProps {
  training: string;
  other: string;
  version: string; // another one when a training has grown
  logdir: string;
}

function Differences({ training, other, version, logdir }: DifferencesProps) {
  const compare = useCallback((signal: AbortSignal) => getComparison(training, other, signal), [training, other]);
  const { value, trouble } = useReading(compare, version);
  if (trouble !== null) return <p>{trouble}</p>;
  if (value === null) return <p class="quiet">Reading both.</p>;
  return <Tables found={value} names={[training, other].map((name) => trainingName(name, logdir))} />;
}

/** Who looks for a cause compares with what went best, of the trainings that were read. */
function bestOf(rows: TrainingRow[]): TrainingRow | null {
  const good = rows.filter((row) => row.status !== null && isGood(row.status) && typeof row.accuracy === "number");
  return good.reduce<TrainingRow | null>((best, row) => (!best || row.accuracy! > best.accuracy! ? row : best), null);
}

function Tables({ found, names }: { found: Comparison; names: string[] }) {
  const { differences, partings, unit } = found;
  return (
    <>
      {differences.length === 0 && <p>No setting and no fact of the data differs.</p>}
      {differences.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">What differs</th>
              {names.map((name) => (
                <th key={name} scope="col">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {differences.map(({ name, values }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {values.map((value, i) => (
                  <td key={names[i]}>{shown(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {partings.length === 0 && (
        <p>{unit ? "No series part." : "Their series cannot be compared: they share too few epochs or steps."}</p>
      )}
      {partings.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Series that part</th>
              <th scope="col">since</th>
              {names.map((name) => (
                <th key={name} scope="col">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {partings.map(({ name, since, values }) => (
              <tr key={name}>
                <th scope="row">{words(name)}</th>
                <td>{since === 0 ? "the start" : `${unit} ${since}`}</td>
                {values.map((value, i) => (
                  <td key={names[i]}>{shown(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

export function shown(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : number(value); // a seed has many digits
  return typeof value === "string" ? value : JSON.stringify(value);
}
