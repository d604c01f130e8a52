import { count } from "../common/format";
import type { RunRow } from "../server/answers";
import { getSweep } from "../server/api";
import type { Separation } from "../server/parts";
import { useReading } from "../server/useReading";
import { cellText } from "./cellText";
import "./compare.css";

interface Props {
  rows: RunRow[];
  filling: boolean; // whether rows are being read
  unfilled: string | null; // why rows could not be read
  opened: boolean;
  open: (opened: boolean) => void; // opening it reads all runs
}

/** Which settings separate the runs that go well from the others. */
export function Sweep({ rows, filling, unfilled, opened, open }: Props) {
  const unread = rows.filter((row) => row.status === null).length;
  const isReady = opened && !filling && unread === 0; // asked once, when all rows have been read
  const { value, trouble } = useReading(isReady ? getSweep : null);
  return (
    <details class="compare" data-testid="sweep" open={opened} onToggle={(event) => open(event.currentTarget.open)}>
      <summary>
        <b>What separates the runs that go well</b>
      </summary>
      <div class="inside">
        {unread > 0 && unfilled !== null ? (
          <p>Not all could be read: {unfilled}</p>
        ) : unread > 0 ? (
          <p class="quiet" role="status">
            Reading all of them: {count(unread, "run")} left.
          </p>
        ) : trouble !== null ? (
          <p>{trouble}</p>
        ) : value === null ? (
          <p class="quiet">Reading…</p>
        ) : value.separations.length === 0 ? (
          <p>No setting separates the {count(value.judged, "run")} better than chance would.</p>
        ) : (
          value.separations.map((separation) => <Table key={separation.name} {...separation} />)
        )}
      </div>
    </details>
  );
}

function Table({ name, counts, right }: Separation) {
  return (
    <table>
      <caption>
        <code>{name}</code> alone separates {Math.round(100 * right)} % of them.
      </caption>
      <thead>
        <tr>
          <th scope="col">Value</th>
          <th scope="col">go well</th>
          <th scope="col">do not</th>
        </tr>
      </thead>
      <tbody>
        {counts.map(([value, good, bad]) => (
          <tr key={cellText(value)}>
            <th scope="row">{cellText(value)}</th>
            <td>{cellText(good)}</td>
            <td>{cellText(bad)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
