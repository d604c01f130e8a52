import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { age, count, epochs, trainingName } from "../common/format";
import { Sparkline } from "./Sparkline";
import { STATUSES, StatusMark, statusWord } from "../common/StatusMark";
import type { TrainingRow, Trainings } from "../server/types";
import { nameOf } from "../state/useReports";

const PAGE = 50;
const FEW = 8; // trainings that need no search

interface Props {
  trainings: Trainings;
  selected: string;
  changed: Set<string>; // those that are marked as news
  select: (training: string, walking?: boolean) => void;
  all: boolean; // whether all of them are asked for, shown or not
  show: (names: string[]) => void; // these names are on the screen, or asked for: read them
}

/** One stop of the tab key; the arrow keys walk through it. */
export function TrainingList({ trainings, selected, changed, select, show, all }: Props) {
  const rows = trainings.trainings;
  const list = useRef<HTMLUListElement>(null);
  const [query, setQuery] = useState("");
  const [status, setStatus] = useState("");
  const [cause, setCause] = useState("");
  const [worst, setWorst] = useState(false);
  const found = useMemo(() => chosen(rows, query, status, cause, worst), [rows, query, status, cause, worst]);
  const [page, setPage] = useState(() => Math.floor(Math.max(rows.findIndex((row) => row.training === selected), 0) / PAGE));
  const last = Math.max(Math.ceil(found.length / PAGE) - 1, 0);
  const at = Math.min(page, last);
  const shown = found.slice(at * PAGE, (at + 1) * PAGE);
  const names = shown.map((row) => row.training);
  const everything = all || status !== "" || cause !== "" || worst; // who filters by what was judged asks for all of it
  const button = (i: number) => list.current?.querySelectorAll("button")[i];
  const unread = rows.filter((row) => row.status === null).length;

  useEffect(() => show([...new Set((everything ? rows : shown).map((row) => nameOf(row.training)))]));
  // A link, or the back button, may lead to a training far down a long list.
  useEffect(() => {
    const place = found.findIndex((row) => row.training === selected);
    if (place >= 0) setPage(Math.floor(place / PAGE));
  }, [selected]);
  useEffect(() => button(names.indexOf(selected))?.scrollIntoView?.({ block: "nearest" }), [selected, at]);
  useTick();

  const walk = (event: KeyboardEvent) => {
    const here = names.indexOf(selected);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= names.length) return;
    select(names[to], true);
    button(to)?.focus();
  };
  const narrow = (set: () => void) => {
    set();
    setPage(0);
  };
  const stop = names.includes(selected) ? selected : names[0];

  return (
    <nav class="trainings" aria-label="Trainings">
      <h2>{count(rows.length, "training")}</h2>
      {rows.length > FEW && (
        <div class="narrow">
          <Search query={query} change={(text) => narrow(() => setQuery(text))} />
          <Choice
            label="Status"
            all="Any status"
            value={status}
            options={STATUSES.map((one) => [one, statusWord(one)])}
            change={(value) => narrow(() => setStatus(value))}
          />
          <Choice
            label="Cause"
            all="Any cause"
            value={cause}
            options={causesOf(rows)}
            change={(value) => narrow(() => setCause(value))}
          />
          <label class="tick">
            <input
              type="checkbox"
              checked={worst}
              onChange={(event) => narrow(() => setWorst(event.currentTarget.checked))}
            />
            Worst first
          </label>
        </div>
      )}
      <p class="quiet" role="status">
        {everything && unread > 0 && `Reading: ${count(unread, "training")} to go.`}
        {found.length === 0 && !(everything && unread > 0) && "No training fits."}
      </p>
      <ul ref={list} data-testid="training-list" onKeyDown={walk}>
        {shown.map((row) => (
          <li key={row.training}>
            <button
              type="button"
              data-testid="training-item"
              data-training={row.training}
              aria-current={row.training === selected ? "true" : undefined}
              tabIndex={row.training === stop ? 0 : -1}
              title={[trainingName(row.training, trainings.logdir), row.headline].filter(Boolean).join("\n")} // a long name is cut off
              onClick={() => select(row.training)}
            >
              <StatusMark status={row.status} />
              <span class="name">{trainingName(row.training, trainings.logdir)}</span>
              <span class="age">
                {changed.has(row.training) && <b class="news">changed</b>}
                {row.updated !== null && age(row.updated)}
              </span>
              <span class="state">{stateOf(row)}</span>
              <Sparkline values={row.spark ?? []} />
              {row.cause && <span class="cause">{row.cause.title}</span>}
            </button>
          </li>
        ))}
      </ul>
      {last > 0 && (
        <div class="pages">
          <button type="button" class="plain" disabled={at === 0} onClick={() => setPage(at - 1)}>
            Previous
          </button>
          <span>
            {at * PAGE + 1}–{at * PAGE + shown.length} of {found.length.toLocaleString("en-US")}
          </span>
          <button type="button" class="plain" disabled={at === last} onClick={() => setPage(at + 1)}>
            Next
          </button>
        </div>
      )}
    </nav>
  );
}

/** Draws again each minute: what was "now" grows old. */
function useTick() {
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => draw((count) => count + 1), 60_000);
    return () => clearInterval(timer);
  }, []);
}

function Search({ query, change }: { query: string; change: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && /^(input|select|textarea)$/i.test(event.target.tagName);
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", focus);
    return () => document.removeEventListener("keydown", focus);
  }, []);
  return (
    <input
      ref={input}
      type="search"
      placeholder="Search ( / )"
      aria-label="Search the trainings by name"
      value={query}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

interface ChoiceProps {
  label: string;
  all: string;
  value: string;
  options: [string, string][];
  change: (value: string) => void;
}

function Choice({ label, all, value, options, change }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={(event) => change(event.currentTarget.value)}>
      <option value="">{all}</option>
      {options.map(([id, title]) => (
        <option key={id} value={id}>
          {title}
        </option>
      ))}
    </select>
  );
}

function chosen(rows: TrainingRow[], query: string, status: string, cause: string, worst: boolean): TrainingRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter(
    (row) =>
      words.every((word) => row.training.toLowerCase().includes(word)) &&
      (!status || row.status === status) &&
      (!cause || row.cause?.id === cause),
  );
  const rank = (row: TrainingRow) => (row.status === null ? STATUSES.length : STATUSES.indexOf(row.status));
  return worst ? found.sort((a, b) => rank(a) - rank(b)) : found;
}

function causesOf(rows: TrainingRow[]): [string, string][] {
  const titles = new Map(rows.flatMap((row) => (row.cause ? [[row.cause.id, row.cause.title] as const] : [])));
  return [...titles].sort(([, a], [, b]) => a.localeCompare(b));
}

function stateOf(row: TrainingRow): string {
  if (row.status === null) return "not read yet";
  const when = row.status === "stalled" ? epochs(row.since, row.until, row.unit) : null;
  return [statusWord(row.status), when ?? (row.epochs > 0 ? count(row.epochs, row.unit === "step" ? "point" : "epoch") : null)].filter(Boolean).join(", ");
}
