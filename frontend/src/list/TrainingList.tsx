import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { count } from "../common/format";
import { useMinute } from "../common/useMinute";
import type { Trainings } from "../server/types";
import { nameOf } from "../state/rows";
import { ALL, type Filter, filtered, needsAll } from "./filter";
import { Filters } from "./Filters";
import { TrainingItem } from "./TrainingItem";
import "./TrainingList.css";

const PAGE = 50;
const FEW = 8; // trainings that need no search

interface Props {
  trainings: Trainings;
  selected: string;
  changed: ReadonlySet<string>; // those that are marked as news
  unfilled: string | null; // why rows could not be read
  all: boolean; // whether all of them are asked for, shown or not
  select: (training: string, walking?: boolean) => void;
  showNames: (names: string[]) => void; // these names are on the screen, or asked for: read them
}

/** One stop of the tab key; the arrow keys walk through it. */
export function TrainingList({ trainings, selected, changed, unfilled, all, select, showNames }: Props) {
  const rows = trainings.trainings;
  const list = useRef<HTMLUListElement>(null);
  const [filter, setFilter] = useState<Filter>(ALL);
  const found = useMemo(() => filtered(rows, filter), [rows, filter]);
  const pageOf = (training: string) => Math.floor(Math.max(found.findIndex((row) => row.training === training), 0) / PAGE);
  const [page, setPage] = useState(() => pageOf(selected));
  const [placed, setPlaced] = useState(selected);
  if (placed !== selected) {
    // A link, or the back button, may lead to a training far down a long list.
    setPlaced(selected);
    if (found.some((row) => row.training === selected)) setPage(pageOf(selected));
  }
  const last = Math.max(Math.ceil(found.length / PAGE) - 1, 0);
  const at = Math.min(page, last);
  const shown = found.slice(at * PAGE, (at + 1) * PAGE);
  const names = shown.map((row) => row.training);
  const everything = all || needsAll(filter); // who filters by what was judged asks for all of it
  const unread = rows.filter((row) => row.status === null).length;

  useEffect(() => {
    const visible = everything ? rows : found.slice(at * PAGE, (at + 1) * PAGE);
    showNames([...new Set(visible.map((row) => nameOf(row.training)))]);
  }, [rows, found, at, everything, showNames]);
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest" });
  }, [selected, at]);
  useMinute();

  const walk = (event: KeyboardEvent) => {
    const here = names.indexOf(selected);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= names.length) return;
    select(names[to], true);
    list.current?.querySelectorAll("button")[to]?.focus();
  };
  const narrow = (narrower: Filter) => {
    setFilter(narrower);
    setPage(0);
  };
  const stop = names.includes(selected) ? selected : names[0];
  const isReading = everything && unread > 0;

  return (
    <nav class="trainings" aria-label="Trainings">
      <h2>{count(rows.length, "training")}</h2>
      {rows.length > FEW && <Filters rows={rows} filter={filter} change={narrow} />}
      <p class="quiet" role="status">
        {unfilled
          ? `Not all could be read: ${unfilled}`
          : isReading
            ? `Reading: ${count(unread, "training")} to go.`
            : found.length === 0 && "No training fits."}
      </p>
      <ul ref={list} data-testid="training-list" onKeyDown={walk}>
        {shown.map((row) => (
          <TrainingItem
            key={row.training}
            row={row}
            logdir={trainings.logdir}
            isSelected={row.training === selected}
            isChanged={changed.has(row.training)}
            isStop={row.training === stop}
            select={() => select(row.training)}
          />
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
