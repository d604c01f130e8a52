import { inSentence } from "../common/format";
import { Prose } from "../common/Prose";
import type { Finding, Trial as TrialAnswer, TrialRow } from "../server/answers";
import { Patch } from "./Patch";
import { TrialCurves } from "./TrialCurves";
import "./ProbableCauses.css";
import "./Trial.css";

const MARKS: Record<TrialRow["verdict"], [mark: string, tone: string]> = {
  "as it is": ["", "quiet"],
  proven: ["✓", "good"],
  "helps a little": ["↗", "open"],
  "does not help": ["=", "open"],
  "makes it worse": ["↘", "bad"],
  "not tried": ["–", "quiet"],
};

interface Props {
  trial: TrialAnswer | null;
  findings: Finding[]; // causes and notes: those whose change has no lines are named
}

/** What each change brought when copies of the model were trained with it; the lines of the one that is proven. */
export function Trial({ trial, findings }: Props) {
  if (trial === null || trial.rows.length === 0) return null;
  const proven = trial.proven.join();
  const withoutCode = findings.filter(({ id, code }) => trial.proven.includes(id) && code.length === 0);
  return (
    <section class="trial" data-testid="trial">
      <h2>What each change brings</h2>
      <TrialCurves rows={trial.rows} measure={trial.measure} />
      <table>
        <thead>
          <tr>
            <th scope="col">Change</th>
            <th scope="col" class="value">{capital(trial.measure)}</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {trial.rows.map((row) => (
            <Row key={row.causes.join()} row={row} measure={trial.measure} isBest={proven !== "" && row.causes.join() === proven} />
          ))}
        </tbody>
      </table>
      {trial.patch.length > 0 && (
        <>
          <h3>The proven change in your program</h3>
          <div class="patch">
            <Patch lines={trial.patch} testId="trial-patch" />
            {withoutCode.length > 0 && (
              <p class="quiet">Not in these lines: {inSentence(withoutCode.map(({ title }) => title))}. See what to change below.</p>
            )}
          </div>
        </>
      )}
      {trial.sentence && <p class="about">{trial.sentence}</p>}
    </section>
  );
}

function Row({ row, measure, isBest }: { row: TrialRow; measure: string; isBest: boolean }) {
  const [mark, tone] = MARKS[row.verdict];
  const isControl = row.causes.length === 0;
  return (
    <tr class={isBest ? "best" : undefined} data-causes={row.causes.join(" ")}>
      <th scope="row">
        {row.title}
        {row.changes.length > 0 && (
          <span class="changes">
            <Prose text={row.changes.join(", ")} />
          </span>
        )}
      </th>
      <td class="value" data-title={capital(measure)}>{row.measured}</td>
      <td class={`verdict ${tone}`}>
        {isControl ? (
          row.reason && <Prose text={row.reason} />
        ) : (
          <>
            <span aria-hidden="true">{mark}</span> {row.verdict}
            {isBest && ", brings most"}
            {row.reason && (
              <span class="reason">
                <Prose text={row.reason} />
              </span>
            )}
          </>
        )}
      </td>
    </tr>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
