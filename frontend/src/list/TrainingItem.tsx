import { age, count, epochs, trainingName } from "../common/format";
import { StatusMark, statusWord } from "../common/StatusMark";
import type { TrainingRow } from "../server/types";
import { Sparkline } from "./Sparkline";
import "./TrainingItem.css";

interface Props {
  row: TrainingRow;
  logdir: string;
  isSelected: boolean;
  isChanged: boolean; // has another row since the last reload
  isStop: boolean; // where the tab key stops
  select: () => void;
}

/** One training in the list: its state, its name, its curve. */
export function TrainingItem({ row, logdir, isSelected, isChanged, isStop, select }: Props) {
  const name = trainingName(row.training, logdir);
  return (
    <li>
      <button
        type="button"
        data-testid="training-item"
        data-training={row.training}
        aria-current={isSelected ? "true" : undefined}
        tabIndex={isStop ? 0 : -1}
        title={[name, row.headline].filter(Boolean).join("\n")} // a long name is cut off
        onClick={select}
      >
        <StatusMark status={row.status} />
        <span class="name">{name}</span>
        <span class="age">
          {isChanged && <b class="news">changed</b>}
          {row.updated !== null && age(row.updated)}
        </span>
        <span class="state">{stateOf(row)}</span>
        <Sparkline values={row.spark ?? []} />
        {row.cause && <span class="cause">{row.cause.title}</span>}
      </button>
    </li>
  );
}

function stateOf(row: TrainingRow): string {
  if (row.status === null) return "not read yet";
  const when = row.status === "stalled" ? epochs(row.since, row.until, row.unit) : null;
  const length = row.epochs > 0 ? count(row.epochs, row.unit === "step" ? "point" : "epoch") : null;
  return [statusWord(row.status), when ?? length].filter(Boolean).join(", ");
}
