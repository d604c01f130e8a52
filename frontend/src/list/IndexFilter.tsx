import { useState } from "preact/hooks";
import type { RunList } from "../server/answers";
import type { Asked } from "../server/api";
import "./Filters.css";

const PAGE = 200; // the server's
const ORDERS = [
  ["newest", "Newest first"],
  ["worst", "Worst first"],
  ["cost", "Most time lost first"],
  ["best", "Best accuracy first"],
  ["name", "By name"],
];

interface Props {
  index: NonNullable<RunList["index"]>;
  asked: Asked;
  ask: (asked: Asked) => void;
}

/** Filter, order and pages of a list that the server takes from an index: it may have millions of runs. */
export function IndexFilter({ index, asked, ask }: Props) {
  const [where, setWhere] = useState(asked.where ?? "");
  const { offset, total, shown } = index;
  const change = (more: Asked) => ask({ ...asked, offset: "0", ...more });
  return (
    <>
      <form
        class="narrow"
        onSubmit={(event) => {
          event.preventDefault();
          change({ where });
        }}
      >
        <input
          type="search"
          placeholder="status = 'stalled'"
          aria-label="Filter, such as status = 'stalled' and learning_rate > 0.01"
          value={where}
          onInput={(event) => setWhere(event.currentTarget.value)}
        />
        <select aria-label="Order" value={asked.sort ?? "newest"} onChange={(event) => change({ sort: event.currentTarget.value })}>
          {ORDERS.map(([id, title]) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </form>
      {(offset > 0 || shown < total) && (
        <div class="pages">
          <button type="button" class="plain" disabled={offset === 0} onClick={() => change({ offset: `${Math.max(offset - PAGE, 0)}` })}>
            Previous page
          </button>
          <button type="button" class="plain" disabled={offset + shown >= total} onClick={() => change({ offset: `${offset + shown}` })}>
            Next page
          </button>
        </div>
      )}
    </>
  );
}
