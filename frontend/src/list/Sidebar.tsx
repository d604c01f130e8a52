import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { count, runName } from "../common/format";
import { useMinute } from "../common/useMinute";
import { readLinkedList, writeLinkedList } from "../host/address";
import type { RunList } from "../server/answers";
import type { Asked } from "../server/api";
import { nameOf } from "../state/rows";
import { type Filter, filtered, filterFrom, filterText, needsAll } from "./filter";
import { Filters } from "./Filters";
import { IndexFilter } from "./IndexFilter";
import { RunItem } from "./RunItem";
import "./Sidebar.css";

const PAGE = 50;
const FEW = 8; // so many runs need no search

interface Props {
  list: RunList;
  selected: string;
  changed: ReadonlySet<string>; // those that are marked as news
  unfilled: string | null; // why rows could not be read
  all: boolean; // whether all of them are asked for, shown or not
  select: (run: string, walking?: boolean) => void;
  asked: Asked; // of an index
  ask: (asked: Asked) => void; // for another page of it
  showNames: (names: string[]) => void; // these names are on the screen, or asked for: read them
  children?: ComponentChildren; // above the list
}

/** The list of runs. It is one stop of the tab key; the arrow keys move through it. */
export function Sidebar({ list, selected, changed, unfilled, all, asked, select, showNames, ask, children }: Props) {
  const rows = list.runs;
  const items = useRef<HTMLUListElement>(null);
  const [filter, setFilter] = useState<Filter>(() => filterFrom(readLinkedList()));
  const [sought, setSought] = useState(false); // whether the filters are looked at, which say how many runs they would show
  const matching = useMemo(() => filtered(rows, filter), [rows, filter]);
  const pageOf = (run: string) => Math.floor(Math.max(matching.findIndex((row) => row.run === run), 0) / PAGE);
  const [page, setPage] = useState(() => pageOf(selected));
  const [placed, setPlaced] = useState(selected);
  if (placed !== selected) {
    // A link, or the back button, may lead to a run far down a long list.
    setPlaced(selected);
    if (matching.some((row) => row.run === selected)) setPage(pageOf(selected));
  }
  const last = Math.max(Math.ceil(matching.length / PAGE) - 1, 0);
  const at = Math.min(page, last);
  const shown = matching.slice(at * PAGE, (at + 1) * PAGE);
  const names = shown.map((row) => row.run);
  const everything = all || sought || needsAll(filter); // a filter by status or cause needs all rows
  const unread = rows.filter((row) => row.status === null).length;

  useEffect(() => {
    const visible = everything ? rows : matching.slice(at * PAGE, (at + 1) * PAGE);
    showNames([...new Set(visible.map((row) => nameOf(row.run)))]);
  }, [rows, matching, at, everything, showNames]);
  useEffect(() => {
    items.current?.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest" });
  }, [selected, at]);
  useMinute();

  const walk = (event: KeyboardEvent) => {
    const here = names.indexOf(selected);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= names.length) return;
    select(names[to], true);
    items.current?.querySelectorAll("button")[to]?.focus();
  };
  const narrow = (narrower: Filter) => {
    setFilter(narrower);
    setPage(0);
    writeLinkedList(filterText(narrower));
  };
  const stop = names.includes(selected) ? selected : names[0];
  const isReading = everything && unread > 0;

  return (
    <nav class="runs" aria-label="Runs">
      <h2>
        {matching.length < rows.length && `${matching.length.toLocaleString("en-US")} of `}
        {count(list.index?.total ?? rows.length, "run")}
      </h2>
      {list.index && <IndexFilter index={list.index} asked={asked} ask={ask} />}
      {!list.index && (rows.length > FEW || filterText(filter) !== "") && <Filters rows={rows} filter={filter} change={narrow} askAll={() => setSought(true)} />}
      {children}
      <p class="quiet" role="status">
        {unfilled
          ? `Not all could be read: ${unfilled}`
          : isReading
            ? `Reading: ${count(unread, "run")} left.`
            : matching.length === 0 && "No run matches."}
      </p>
      {!matching.some((row) => row.run === selected) && (
        <p class="quiet" data-testid="shown-run">
          Shown, but not among them: <b>{runName(selected, list.logdir)}</b>
        </p>
      )}
      <ul ref={items} data-testid="run-list" onKeyDown={walk}>
        {shown.map((row) => (
          <RunItem
            key={row.run}
            row={row}
            logdir={list.logdir}
            isSelected={row.run === selected}
            isChanged={changed.has(row.run)}
            isStop={row.run === stop}
            select={() => select(row.run)}
          />
        ))}
      </ul>
      {last > 0 && (
        <div class="pages">
          <button type="button" class="plain" disabled={at === 0} onClick={() => setPage(at - 1)}>
            Previous
          </button>
          <span>
            {at * PAGE + 1}–{at * PAGE + shown.length} of {matching.length.toLocaleString("en-US")}
          </span>
          <button type="button" class="plain" disabled={at === last} onClick={() => setPage(at + 1)}>
            Next
          </button>
        </div>
      )}
    </nav>
  );
}
