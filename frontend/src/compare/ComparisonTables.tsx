import { words } from "../common/format";
import type { Comparison } from "../server/answers";
import { cellText } from "./cellText";

/** What differs between two runs; `names` are theirs. */
export function ComparisonTables({ comparison, names }: { comparison: Comparison; names: string[] }) {
  const { differences, partings, unit } = comparison;
  return (
    <>
      {differences.length === 0 && <p>No setting and no fact about the data differs.</p>}
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
                  <td key={names[i]}>{cellText(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {partings.length === 0 && (
        <p>{unit ? "No series differ." : "Their series cannot be compared: they share too few epochs or steps."}</p>
      )}
      {partings.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Series that differ</th>
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
                  <td key={names[i]}>{cellText(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
