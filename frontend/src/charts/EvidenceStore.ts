import type { Evidence } from "../server/answers";
import { getEvidence, getSeries } from "../server/api";

/** A series as a table with one row per epoch. */
export interface Grid {
  unit: string;
  epochs: number[];
  rows: number[][]; // (epoch, column)
}

/** The evidence behind one report. Each part is read once, when a picture first asks for it. */
export class EvidenceStore {
  private index: Promise<Evidence> | undefined;
  private grids = new Map<string, Promise<Grid>>();

  private run: string;
  readonly title: string; // what people call the run

  constructor(report: { run: string }, title = report.run) {
    this.run = report.run;
    this.title = title;
  }

  evidence(): Promise<Evidence> {
    this.index ??= getEvidence(this.run).catch((error: unknown) => {
      this.index = undefined; // the next picture asks again
      throw error;
    });
    return this.index;
  }

  grid(name: string): Promise<Grid> {
    const known = this.grids.get(name);
    if (known) return known;
    const grid = this.readGrid(name).catch((error: unknown) => {
      this.grids.delete(name);
      throw error;
    });
    this.grids.set(name, grid);
    return grid;
  }

  private async readGrid(name: string): Promise<Grid> {
    const [evidence, values] = await Promise.all([this.evidence(), getSeries(this.run, name)]);
    return gridOf(evidence.epochs, evidence.series[name].shape, values, evidence.unit);
  }
}

/** An epoch may have been written between the two answers: what both know is shown. */
export function gridOf(epochs: number[], shape: number[], values: Float32Array, unit = "epoch"): Grid {
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  const known = width > 0 ? Math.min(epochs.length, Math.floor(values.length / width)) : 0;
  const rows = Array.from({ length: known }, (_, i) => Array.from(values.subarray(i * width, (i + 1) * width)));
  return { unit, epochs: epochs.slice(0, known), rows };
}
