import { age, count, epochs, number, runName } from "../common/format";
import { isFlat, StatusMark, statusWord } from "../common/StatusMark";
import type { RunRow } from "../server/answers";
import { Sparkline } from "./Sparkline";
import "./RunItem.css";

interface Props {
  row: RunRow;
  logdir: string;
  isSelected: boolean;
  isChanged: boolean; // has another status or cause since the last reload
  isStop: boolean; // where the tab key stops
  select: () => void;
}

/** One run in the list: its state, its name, its curve. */
export function RunItem({ row, logdir, isSelected, isChanged, isStop, select }: Props) {
  const name = runName(row.run, logdir);
  return (
    <li>
      <button
        type="button"
        data-testid="run-item"
        data-run={row.run}
        aria-current={isSelected ? "true" : undefined}
        tabIndex={isStop ? 0 : -1}
        title={[name, row.headline].filter(Boolean).join("\n")} // a long name is cut off
        onClick={select}
      >
        <StatusMark status={row.status} />
        <Name name={name} />
        <span class="state">{stateOf(row)}</span>
        <Sparkline values={row.spark} constant={row.constant} />
        {row.cause && <span class="cause">{row.cause.title}</span>}
        <span class="age">
          {isChanged && <b class="news">changed</b>}
          {[accuracyOf(row), leftOf(row) ?? (row.updated !== null && age(row.updated))]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </button>
    </li>
  );
}

/** The headline may speak of another one: of that of training. */
function accuracyOf({ accuracy, accuracy_of }: RunRow): string | null {
  if (accuracy === null) return null;
  return `${accuracy_of === "validation" ? "val " : ""}${number(Number(accuracy.toPrecision(3)))}`;
}

/** Of a run at work the time that is left is told, not when it was last heard of: null for any other. */
function leftOf({ extent }: RunRow): string | null {
  const [, running, left] = extent?.split(", ") ?? [];
  return running === undefined ? null : (left ?? running).replace("less than a minute", "< 1 min");
}

const END = 12; // letters of a long name that are always seen: names of runs differ at their ends

/** Where there is too little room, a name loses its middle. */
function Name({ name }: { name: string }) {
  if (name.length <= 2 * END) return <span class="name">{name}</span>;
  return (
    <span class="name">
      <span>{name.slice(0, -END)}</span>
      {name.slice(-END)}
    </span>
  );
}

function stateOf(row: RunRow): string {
  if (row.status === null) return "not read yet";
  const when = isFlat(row.status) ? epochs(row.since, row.until, row.unit) : null;
  const come = row.extent?.split(",")[0]; // "epoch 18 of 30"
  const length = come ?? (row.epochs > 0 ? count(row.epochs, row.unit === "step" ? "point" : "epoch") : null);
  return [statusWord(row.status), come ?? when ?? length].filter(Boolean).join(", ");
}
