import { useEffect, useRef } from "preact/hooks";
import { count, epochs, trainingName } from "./format";
import { StatusMark, statusWord } from "./StatusMark";
import type { TrainingRow, Trainings } from "./types";

interface Props {
  trainings: Trainings;
  selected: string;
  select: (training: string) => void;
}

/** One stop of the tab key; the arrow keys walk through it. */
export function TrainingList({ trainings, selected, select }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const names = trainings.trainings.map((row) => row.training);
  const button = (i: number) => list.current?.querySelectorAll("button")[i];

  // A link may point at a training far down a long list.
  useEffect(() => button(names.indexOf(selected))?.scrollIntoView?.({ block: "nearest" }), []);

  const walk = (event: KeyboardEvent) => {
    const at = names.indexOf(selected);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= names.length) return;
    select(names[to]);
    button(to)?.focus();
  };

  return (
    <nav class="trainings" aria-label="Trainings">
      <h2>{count(names.length, "training")}</h2>
      <ul ref={list} data-testid="training-list" onKeyDown={walk}>
        {trainings.trainings.map((row) => (
          <li key={row.training}>
            <button
              type="button"
              data-testid="training-item"
              data-training={row.training}
              aria-current={row.training === selected ? "true" : undefined}
              tabIndex={row.training === selected ? 0 : -1}
              title={row.headline}
              onClick={() => select(row.training)}
            >
              <StatusMark status={row.status} />
              <span class="name">{trainingName(row.training, trainings.logdir)}</span>
              <span class="state">{stateOf(row)}</span>
              {row.cause && <span class="cause">{row.cause.title}</span>}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function stateOf(row: TrainingRow): string {
  const when = row.status === "stalled" ? epochs(row.since, row.until) : null;
  return [statusWord(row.status), when ?? (row.epochs > 0 ? count(row.epochs, "epoch") : null)].filter(Boolean).join(", ");
}
