import { useEffect, useMemo, useState } from "preact/hooks";
import { Gone, getDiagnosis, getRows, getTrainings } from "../server/api";
import { messageOf } from "../common/format";
import { onLinkedTraining, readLinkedTraining, writeLinkedTraining } from "../host/address";
import { onReload } from "../host/reload";
import { isVisible, onVisible } from "../host/visibility";
import { newsOf } from "./news";
import type { Diagnosis, TrainingRow, Trainings } from "../server/types";

const RETRY_MS = 4000; // while the server is gone
const WALK_MS = 150; // a key that is held down repeats faster
const KEPT = 32; // reports that going back shows at once
const AT_ONCE = 16; // names that are judged in one request

/** A report, or the server's sentence why there is none. */
export type Answer = Diagnosis | { refused: string };

export interface Reports {
  trainings: Trainings | null;
  refused: string | null; // why there is no list of trainings
  wanted: string | null; // asked for by the user or the link; may not exist
  selected: string | null;
  answer: Answer | null; // of the selected training; null while it loads
  changed: Set<string>; // trainings whose row is another one since the last reload
  news: string[]; // the same of the report that is shown, in words
  filling: boolean; // whether rows of trainings are being read
  goneSince: Date | null; // the server does not answer; what is here was read before
  read: Date | null;
}

const NOTHING: Reports = {
  trainings: null,
  refused: null,
  wanted: null,
  selected: null,
  answer: null,
  changed: new Set(),
  news: [],
  filling: false,
  goneSince: null,
  read: null,
};

/** All that is shown, kept in step with the server. A page has one for its whole life. */
export function useReports(): Reports & {
  select: (training: string, walking?: boolean) => void;
  show: (names: string[]) => void;
} {
  const [reports, setReports] = useState<Reports>(NOTHING);
  const store = useMemo(() => new Store(setReports), []);
  useEffect(() => store.start(), [store]);
  return { ...reports, select: store.select, show: store.showNames };
}

class Store {
  private now: Reports = NOTHING;
  private answers = new Map<string, Answer>(); // so that going back to a training shows it at once
  private turn = 0; // an answer to an older question must not overwrite a newer one
  private lists = 0; // the same for lists
  private first: string | null = null; // what is shown where no link says otherwise
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pause: ReturnType<typeof setTimeout> | undefined; // who walks through the list has not arrived yet
  private unread = new Set<string>(); // names whose rows are missing, or older than what the server has
  private shown: string[] = []; // names that somebody looks at: only these are read

  constructor(private draw: (reports: Reports) => void) {}

  start() {
    this.set({ wanted: readLinkedTraining() });
    const stop = new AbortController();
    onReload(() => isVisible() && this.refresh(), stop.signal); // a hidden tab catches up when it is looked at
    onVisible(() => this.refresh(), stop.signal);
    onLinkedTraining((linked) => {
      const training = linked || this.first; // back to the address that the tab was opened with
      if (training !== null && training !== this.now.selected) this.choose(training);
    }, stop.signal);
    this.refresh();
    return () => {
      stop.abort();
      clearTimeout(this.retry);
      clearTimeout(this.pause);
      this.turn++;
    };
  }

  select = (training: string, walking = false) => {
    if (this.now.changed.has(training)) this.set({ changed: without(this.now.changed, training) });
    if (training === this.now.selected) return;
    this.choose(training, walking);
    writeLinkedTraining(training, walking);
  };

  /** Says which names are on the screen; their rows are read where they are missing. */
  showNames = (names: string[]) => {
    this.shown = names;
    this.fill();
  };

  private choose(training: string, walking = false) {
    clearTimeout(this.pause);
    this.set({ wanted: training, changed: without(this.now.changed, training), news: [], ...this.pick(this.now.trainings, training) });
    const read = () => this.attempt((turn) => this.readReport(turn));
    if (this.now.selected === training && walking) this.pause = setTimeout(read, WALK_MS);
    else if (this.now.selected === training) read();
    else this.refresh(); // not in the list yet
  }

  private refresh() {
    this.attempt(async (turn) => {
      await this.readList();
      await this.readReport(turn);
    });
  }

  private async readList() {
    const mine = ++this.lists;
    const found = await getTrainings();
    if (mine !== this.lists) return; // a click meanwhile asks for a report, and wants this list as well
    this.unread = new Set(found.trainings.filter((row) => row.status === null).map((row) => row.training));
    const trainings = { ...found, trainings: withKnown(found.trainings, this.now.trainings?.trainings ?? []) };
    const changed = this.changedTo(trainings.trainings);
    this.set({ trainings, changed, refused: null, ...this.pick(trainings, this.now.wanted) });
    this.first ??= this.now.selected;
    this.fill();
  }

  /** What is news in the list; of the training that is shown, its report says it. */
  private changedTo(rows: TrainingRow[]): Set<string> {
    const found = changedRows(this.now.trainings?.trainings ?? [], rows, this.now.changed);
    return this.now.selected !== null && found.has(this.now.selected) ? without(found, this.now.selected) : found;
  }

  private async fill() {
    if (this.now.filling || !this.shown.some((name) => this.unread.has(name))) return;
    this.set({ filling: true });
    try {
      for (;;) {
        const names = this.shown.filter((name) => this.unread.has(name)).slice(0, AT_ONCE);
        if (!names.length || !this.now.trainings) return;
        const rows = await getRows(names);
        for (const name of names) this.unread.delete(name);
        const { trainings } = this.now;
        const drawn = withRead(trainings.trainings, rows);
        this.set({ trainings: { ...trainings, trainings: drawn }, changed: this.changedTo(drawn) });
      }
    } catch {
      // The list says so by itself when the server is gone; the next reload tries again.
    } finally {
      this.set({ filling: false });
    }
  }

  private async readReport(turn: number) {
    const { selected } = this.now;
    if (selected === null || turn !== this.turn) return;
    const answer = await getDiagnosis(selected).catch(asAnswer);
    if (turn !== this.turn) return;
    const before = this.answers.get(selected);
    const newest = kept(before, answer);
    this.answers.delete(selected); // the newest are the last ones
    this.answers.set(selected, newest);
    for (const name of [...this.answers.keys()].slice(0, -KEPT)) this.answers.delete(name);
    const news = before === newest ? this.now.news : newsOf(before, newest);
    this.set({ answer: newest, news });
  }

  private async attempt(read: (turn: number) => Promise<void>) {
    const turn = ++this.turn;
    clearTimeout(this.retry);
    try {
      await read(turn);
      if (turn === this.turn) this.set({ goneSince: null, read: new Date() });
    } catch (error) {
      if (turn !== this.turn) return;
      if (error instanceof Gone) {
        this.set({ goneSince: this.now.goneSince ?? new Date() });
        this.retry = setTimeout(() => this.refresh(), RETRY_MS);
      } else {
        this.set({ refused: messageOf(error), goneSince: null });
      }
    }
  }

  private pick(trainings: Trainings | null, wanted: string | null): Pick<Reports, "selected" | "answer"> {
    const rows = trainings?.trainings ?? [];
    const row = rows.find((row) => row.training === wanted) ??
      rows.find((row) => row.training === this.now.selected) ??
      latest(rows);
    const selected = row?.training ?? null;
    return { selected, answer: (selected !== null && this.answers.get(selected)) || null };
  }

  private set(change: Partial<Reports>) {
    this.now = { ...this.now, ...change };
    this.draw(this.now);
  }
}

/** The name under which the server lists a training: that of the newest one in its folder. */
export const nameOf = (training: string) => training.replace(/ \(earlier \d+\)$/, "");

/** A new list, with the old rows of what has grown since, until the new ones are there. */
function withKnown(rows: TrainingRow[], old: TrainingRow[]): TrainingRow[] {
  const known = new Map<string, TrainingRow[]>();
  for (const row of old) known.set(nameOf(row.training), [...(known.get(nameOf(row.training)) ?? []), row]);
  return rows.flatMap((row) => (row.status === null && known.get(row.training)) || [row]);
}

/** The list with some names' rows in their places. */
function withRead(rows: TrainingRow[], read: Record<string, TrainingRow[]>): TrainingRow[] {
  const placed = new Set<string>();
  return rows.flatMap((row) => {
    const name = nameOf(row.training);
    if (!(name in read)) return [row];
    if (placed.has(name)) return [];
    placed.add(name);
    return read[name];
  });
}

const without = (names: Set<string>, one: string) => new Set([...names].filter((name) => name !== one));

/** Trainings that were seen before and have another status or cause now, beside those that nobody has looked at since. */
function changedRows(old: TrainingRow[], rows: TrainingRow[], before: Set<string>): Set<string> {
  const known = new Map(old.map((row) => [row.training, row]));
  const changed = rows.filter((row) => {
    const was = known.get(row.training);
    if (!was || was.status === null || row.status === null) return false;
    return was.status !== row.status || was.cause?.id !== row.cause?.id;
  });
  return changed.length ? new Set([...before, ...changed.map((row) => row.training)]) : before;
}

/** Who opens the tab wants to know about what was trained last. */
function latest(rows: TrainingRow[]): TrainingRow | undefined {
  return rows.reduce<TrainingRow | undefined>(
    (best, row) => (!best || (row.updated ?? 0) > (best.updated ?? 0) ? row : best),
    undefined,
  );
}

function asAnswer(error: unknown): Answer {
  if (error instanceof Gone) throw error;
  return { refused: messageOf(error) };
}

/** The old object when nothing changed: then nothing is drawn again. */
function kept(old: Answer | undefined, answer: Answer): Answer {
  return old && JSON.stringify(old) === JSON.stringify(answer) ? old : answer;
}
