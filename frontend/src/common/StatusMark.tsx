import type { Status } from "../server/answers";
import "./StatusMark.css";

type Tone = "good" | "bad" | "open";

// Shape, word and colour: each alone is enough to tell the states apart.
// In the order of the filter "Worst first".
const LOOKS: Record<Status, { word: string; tone: Tone; shape: string }> = {
  crashed: { word: "Crashed", tone: "bad", shape: "M3.5 3.5 L12.5 12.5 M12.5 3.5 L3.5 12.5" },
  diverged: { word: "Diverged", tone: "bad", shape: "M1.5 11 L5 5 L8 13 L14 2 M10.5 2 H14 V5.5" },
  stalled: { word: "Stalled", tone: "bad", shape: "M2 5.5 H14 M2 10.5 H14" },
  misreported: { word: "Misreported", tone: "bad", shape: "M2 6 H14 M2 10 H14 M11 2.5 L5 13.5" },
  "not generalizing": { word: "Not generalizing", tone: "bad", shape: "M2 13 C6 3 10 3 14 3 M2 13 C6 10 10 10 14 10" },
  unfinished: { word: "Ended too early", tone: "open", shape: "M2 13 L9 6 M9 3 V9 M13 3 V9" },
  "levelled off": { word: "Levelled off", tone: "open", shape: "M2 13 L7 5 H14" },
  unreadable: { word: "Unreadable", tone: "open", shape: "M5 6 C5 2 11 2 11 5.5 C11 8 8 7.5 8 10 M8 13.4 V13.6" },
  "too short to tell": { word: "Too short to tell", tone: "open", shape: "M3 8 H3.2 M8 8 H8.2 M13 8 H13.2" },
  "not judged": { word: "Not judged", tone: "open", shape: "M8 3 A5 5 0 1 1 7.99 3 M5.5 8 H10.5" },
  learning: { word: "Learning", tone: "good", shape: "M2 11 L8 4 L14 11" },
  reached: { word: "Reached its ceiling", tone: "good", shape: "M2.5 8.5 L6.5 12.5 L13.5 4" },
};

export const STATUSES = Object.keys(LOOKS) as Status[];
const UNREAD: { tone: Tone; shape: string } = { tone: "open", shape: "M8 8 H8.2" };

const UNKNOWN = LOOKS.unreadable; // a server newer than this page may know more states

/** Whether accuracy does not move. */
export const isFlat = (status: Status) => status === "stalled" || status === "levelled off";

/** Whether the run is fine as it is; only these are green. */
export const isGood = (status: Status) => LOOKS[status]?.tone === "good";

export function StatusMark({ status }: { status: Status | null }) {
  const { tone, shape } = status === null ? UNREAD : (LOOKS[status] ?? UNKNOWN);
  return (
    <svg class={`mark ${tone}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={shape} />
    </svg>
  );
}

export const statusWord = (status: Status) => LOOKS[status]?.word ?? status;

export const statusTone = (status: Status) => (LOOKS[status] ?? UNKNOWN).tone;
