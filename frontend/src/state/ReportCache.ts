import type { Report } from "./screen";

const MOST = 32;

/** The reports that were read last, so that going back to a run shows its report at once. */
export class ReportCache {
  private reports = new Map<string, Report>(); // the newest are the last ones

  get(run: string): Report | undefined {
    return this.reports.get(run);
  }

  /** Keeps a report and gives it back; the old object when nothing changed: then nothing is drawn again. */
  keep(run: string, report: Report): Report {
    const before = this.reports.get(run);
    const newest = before && JSON.stringify(before) === JSON.stringify(report) ? before : report;
    this.reports.delete(run);
    this.reports.set(run, newest);
    for (const oldest of [...this.reports.keys()].slice(0, -MOST)) this.reports.delete(oldest);
    return newest;
  }
}
