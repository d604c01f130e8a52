import { useEffect, useRef } from "preact/hooks";
import { statusWord } from "../common/StatusMark";
import type { RunRow } from "../server/answers";
import { causesOf, type Filter, statusesOf } from "./filter";
import "./Filters.css";

interface Props {
  rows: RunRow[];
  filter: Filter;
  change: (filter: Filter) => void;
  askAll: () => void; // what is offered, and how often, is known when all runs are read
}

/** Search and filters of a long list. */
export function Filters({ rows, filter, change, askAll }: Props) {
  return (
    <div class="narrow">
      <Search query={filter.query} change={(query) => change({ ...filter, query })} />
      <Choice
        label="Status"
        ask={askAll}
        any="Any status"
        value={filter.status}
        options={statusesOf(rows, filter.status).map(([status, size]) => [status, `${statusWord(status)} (${size.toLocaleString("en-US")})`])}
        change={(status) => change({ ...filter, status })}
      />
      <Choice
        label="Cause"
        ask={askAll}
        any="Any cause"
        value={filter.cause}
        options={causesOf(rows)}
        change={(cause) => change({ ...filter, cause })}
      />
      <label class="tick">
        <input
          type="checkbox"
          checked={filter.worstFirst}
          onChange={(event) => change({ ...filter, worstFirst: event.currentTarget.checked })}
        />
        Worst first
      </label>
    </div>
  );
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
      aria-label="Search the runs by name"
      value={query}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

interface ChoiceProps {
  label: string;
  ask: () => void;
  any: string;
  value: string;
  options: [string, string][];
  change: (value: string) => void;
}

function Choice({ label, ask, any, value, options, change }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onFocus={ask} onChange={(event) => change(event.currentTarget.value)}>
      <option value="">{any}</option>
      {options.map(([id, title]) => (
        <option key={id} value={id}>
          {title}
        </option>
      ))}
    </select>
  );
}
