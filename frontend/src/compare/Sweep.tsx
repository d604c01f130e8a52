import { useEffect, useState } from "preact/hooks";
import { getSweep } from "../server/api";
import { shown } from "./Compare";
import { count, messageOf } from "../common/format";
import type { Separation, Sweep as Found, TrainingRow } from "../server/types";

interface Props {
  rows: TrainingRow[];
  filling: boolean; // whether rows are being read
  opened: boolean;
  open: (opened: boolean) => void; // then all trainings are read
}

/** Which settings tell the trainings that go well from the others. */
export function Sweep({ rows, filling, opened, open }: Props) {
  const unread = rows.filter((row) => row.status === null).length;
  const [found, setFound] = useState<Found | string | null>(null);

  useEffect(() => {
    if (!opened || filling || unread > 0) return; // asked once all have been read, not at each of them
    let current = true;
    getSweep().then(
      (answer) => current && setFound(answer),
      (error) => current && setFound(messageOf(error)),
    );
    return () => {
      current = false;
    };
  }, [opened, filling, unread]);

  return (
    <details class="compare" data-testid="sweep" open={opened} onToggle={(event) => open(event.currentTarget.open)}>
      <summary>
        <b>What separates the trainings that go well</b>
      </summary>
      <div class="inside">
        {unread > 0 ? (
          <p class="quiet" role="status">
            Reading all of them: {count(unread, "training")} to go.
          </p>
        ) : found === null ? (
          <p class="quiet">Reading.</p>
        ) : typeof found === "string" ? (
          <p>{found}</p>
        ) : found.separations.length === 0 ? (
          <p>No setting tells them apart better than chance would, among {count(found.judged, "training")}.</p>
        ) : (
          found.separations.map((one) => <Table key={one.name} {...one} />)
        )}
      </div>
    </details>
  );
}

function Table({ name, counts, right }: Separation) {
  return (
    <table>
      <caption>
        <code>{name}</code> alone tells {Math.round(100 * right)} % of them apart.
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
          <tr key={String(value)}>
            <th scope="row">{shown(value)}</th>
            <td>{good}</td>
            <td>{bad}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
