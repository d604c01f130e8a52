import { words } from "../common/format";
import type { Comparison } from "../server/answers";
import { Prose } from "../common/Prose";
import { cellText } from "./cellText";

const CURVES = ["accuracy", "val_accuracy", "probe_accuracy", "score", "val_score", "loss", "val_loss", "probe_loss"]; // what people look at first
const UNSAID = new Set(["none", "not there"]);

/** What differs between two runs, in words; `names` are theirs. */
export function ComparisonTables({ comparison, names }: { comparison: Comparison; names: string[] }) {
  const { in_words: rows, partings, unit, trials } = comparison;
  const told = rows.filter(({ kind }) => kind !== "figure");
  const figures = rows.filter(({ kind }) => kind === "figure");
  return (
    <>
      {told.length === 0 && <p>No setting and no fact about the data differs.</p>}
      {told.length > 0 && <Told rows={told} names={names} />}
      {trials.map(
        (shown, i) =>
          shown !== null && (
            <p key={names[i]} data-testid="compared-trial">
              {names[i]}: <Prose text={shown} />
            </p>
          ),
      )}
      {figures.length > 0 && (
        <details class="others">
          <summary>Figures that come of it</summary>
          <Told rows={figures} names={names} />
        </details>
      )}
      {partings.length === 0 && (
        <p>{unit ? "No series differ." : "Their series cannot be compared: they share too few epochs or steps."}</p>
      )}
      {partings.length > 0 && (
        <>
          <p>{firstDiffer(comparison)}</p>
          <details class="others">
            <summary>All series that differ</summary>
            <Partings comparison={comparison} names={names} />
          </details>
        </>
      )}
    </>
  );
}

function Told({ rows, names }: { rows: Comparison["in_words"]; names: string[] }) {
  return (
    <div class="wide">
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
          {rows.map(({ what, values }) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              {values.map((value, i) => (
                <td key={names[i]} class={UNSAID.has(value) ? "quiet" : undefined}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Partings({ comparison: { partings, unit }, names }: { comparison: Comparison; names: string[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Series</th>
          <th scope="col">differs since</th>
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
              <td key={names[i]}>{cellText(value)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** "Accuracy: first differ at epoch 2, 0.53 / 0.84." Of the curve that people look at, or else of the first that parts. */
function firstDiffer({ partings, unit }: Comparison): string {
  const { name, since, values } = CURVES.flatMap((curve) => partings.filter((parting) => parting.name === curve))[0] ?? partings[0];
  return `${words(name)}: first differ ${since === 0 ? "before training" : `at ${unit} ${since}`}, ${values.map(cellText).join(" / ")}.`;
}
