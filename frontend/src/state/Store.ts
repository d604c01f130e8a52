import { onLinkedRun, readLinkedRun, writeLinkedRun } from "../host/address";
import { onReload } from "../host/reload";
import { isVisible, onVisible } from "../host/visibility";
import { type Asked, getDiagnosis, getRows, getRuns } from "../server/api";
import { Reader } from "../server/reading";
import { newsOf } from "./news";
import { ReportCache } from "./ReportCache";
import { unreadNames } from "./rows";
import {
  NOTHING,
  runsOn,
  type Screen,
  selectedOn,
  shownOn,
  withFilling,
  withList,
  withoutList,
  withoutServer,
  withReport,
  withRows,
  withWanted,
} from "./screen";

const RETRY_MS = 4000; // while the server is gone
const WALK_MS = 150; // a key that is held down repeats faster than this
const AT_ONCE = 16; // names that are judged in one request

/** Keeps the page in step with the server. A page has one store. */
export class Store {
  private screen: Screen = NOTHING;
  private wanted: string | null = null; // asked for by the user or the link; may not exist
  private first: string | null = null; // what is shown where no link says otherwise
  private asked: Asked = {}; // of an index
  private unread = new Set<string>(); // names whose rows are missing, or older than what the server has
  private visible = new Set<string>(); // names that somebody looks at: only their rows are read
  private reports = new ReportCache();
  private listReader = new Reader();
  private reportReader = new Reader();
  private rowReader = new Reader();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pause: ReturnType<typeof setTimeout> | undefined; // until the user stops stepping through the list

  constructor(private draw: (screen: Screen) => void) {}

  start(): () => void {
    this.wanted = readLinkedRun();
    const stop = new AbortController();
    onReload(() => isVisible() && this.refresh(), stop.signal); // a hidden tab catches up when it is looked at
    onVisible(() => this.refresh(), stop.signal);
    onLinkedRun((linked) => {
      const run = linked || this.first; // back to the address that the tab was opened with
      if (run !== null && run !== selectedOn(this.screen)) this.choose(run, false);
    }, stop.signal);
    this.refresh();
    return () => {
      stop.abort();
      for (const reader of [this.listReader, this.reportReader, this.rowReader]) reader.stop();
      clearTimeout(this.retry);
      clearTimeout(this.pause);
    };
  }

  /** Shows the report of a run. `walking`: the user steps through the list, so the report is read only when they stop. */
  select = (run: string, walking = false): void => {
    if (run === selectedOn(this.screen)) return;
    this.choose(run, walking);
    writeLinkedRun(run, walking);
  };

  /** Says which names are on the screen; their rows are read where they are missing. */
  showNames = (names: string[]): void => {
    if (names.length === this.visible.size && names.every((name) => this.visible.has(name))) return;
    this.visible = new Set(names);
    this.fill();
  };

  /** Asks for another page of an index. */
  ask = (asked: Asked): void => {
    this.asked = asked;
    this.wanted = null; // it may be on another page
    this.refresh();
  };

  private choose(run: string, walking: boolean): void {
    clearTimeout(this.pause);
    this.reportReader.stop();
    this.wanted = run;
    this.set(withWanted(this.screen, run, this.knownReport));
    if (selectedOn(this.screen) !== run) this.refresh(); // not in the list yet
    else if (walking) this.pause = setTimeout(() => this.readReport(), WALK_MS);
    else this.readReport();
  }

  private refresh(): void {
    const asked = this.wanted === null ? this.asked : { ...this.asked, run: this.wanted };
    this.listReader.read((signal) => getRuns(asked, signal), (outcome) => {
      if (outcome.kind === "gone") return this.waitForServer();
      this.serverAnswers();
      if (outcome.kind === "refused") return this.set(withoutList(this.screen, outcome.sentence));
      // The list that is shown stays, with the filter in it that is to be changed.
      if (this.asked.where && outcome.value.index?.total === 0) return this.set(withoutList(this.screen, "No run fits."));
      this.unread = unreadNames(outcome.value.runs);
      this.set(withList(this.screen, outcome.value, this.wanted, this.knownReport));
      this.first ??= selectedOn(this.screen);
      this.fill();
      this.readReport();
    });
  }

  private readReport(): void {
    const selected = selectedOn(this.screen);
    if (selected === null) return;
    this.reportReader.read(
      (signal) => getDiagnosis(selected, signal),
      (outcome) => {
        if (outcome.kind === "gone") return this.waitForServer();
        this.serverAnswers();
        const before = this.reports.get(selected);
        const report = this.reports.keep(selected, outcome);
        const shown = shownOn(this.screen);
        const news = report === before && shown.kind === "report" ? shown.news : newsOf(before, report);
        this.set(withReport(this.screen, selected, report, news));
      },
    );
  }

  /**
   * Reads the rows that somebody looks at, a few at a time. What could not be read is tried again when the list is read
   * anew, or when other names are looked at.
   */
  private fill(): void {
    const { unread } = this;
    const names = [...this.visible].filter((name) => unread.has(name)).slice(0, AT_ONCE);
    if (this.rowReader.isReading) return;
    if (names.length === 0) {
      if (runsOn(this.screen)?.filling) this.set(withFilling(this.screen, false));
      return;
    }
    this.set(withFilling(this.screen, true));
    this.rowReader.read(
      (signal) => getRows(names, signal),
      (outcome) => {
        const isNewest = unread === this.unread; // else the list was read meanwhile, and these rows may be older
        if (outcome.kind === "read") {
          for (const name of names) unread.delete(name);
          this.set(withRows(this.screen, outcome.value));
        } else if (isNewest) {
          return this.set(withFilling(this.screen, false, outcome.sentence));
        }
        this.fill();
      },
    );
  }

  private waitForServer(): void {
    this.set(withoutServer(this.screen));
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.refresh(), RETRY_MS);
  }

  private serverAnswers(): void {
    clearTimeout(this.retry);
  }

  private knownReport = (run: string) => this.reports.get(run);

  private set(screen: Screen): void {
    this.screen = screen;
    this.draw(screen);
  }
}
