import { getEvidence, getSeries } from "../server/api";
import type { Evidence } from "../server/types";

/** A series as a table: a row an epoch. */
export interface Grid {
  unit: string;
  epochs: number[];
  rows: number[][]; // (epoch, column)
}

/** The evidence of one training as of one report. Each part is read once, when a picture first asks for it. */
export class EvidenceStore {
  private index: Promise<Evidence> | undefined;
  private grids = new Map<string, Promise<Grid>>();

  /** `title`: what people call the training, where that differs. */
  constructor(
    private training: string,
    readonly title = training,
  ) {}

  evidence(): Promise<Evidence> {
    this.index ??= getEvidence(this.training);
    return this.index;
  }

  grid(name: string): Promise<Grid> {
    let grid = this.grids.get(name);
    if (!grid) this.grids.set(name, (grid = this.readGrid(name)));
    return grid;
  }

  private async readGrid(name: string): Promise<Grid> {
    const [evidence, values] = await Promise.all([this.evidence(), getSeries(this.training, name)]);
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
