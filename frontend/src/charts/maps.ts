import * as Plot from "@observablehq/plot";
import { LETTER, lettersFor, number, shortened, sinceEpoch, tick } from "../format";
import type { Grid } from "./EvidenceStore";
import { epochTicks, greatest, least, powers, scaleFor, thinned } from "./scales";

const MOST_COLUMNS = 120; // epochs drawn side by side
const ROW = 15; // px a layer
const MOST_NAMES = 32;
const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];

interface Cell {
  from: number;
  to: number;
  epoch: number;
  value: number;
}

/** Many epochs: every n-th is drawn, the last and the first bad one always. */
export function shownEpochs(epochs: number[], since: number | null): number[] {
  const step = Math.ceil(epochs.length / MOST_COLUMNS);
  return epochs.flatMap((epoch, i) => ((epochs.length - 1 - i) % step === 0 || epoch === since ? [i] : []));
}

function cellsOf(grid: Grid, shown: number[], column: number): Cell[] {
  return shown.map((i, k) => ({
    epoch: grid.epochs[i],
    from: grid.epochs[i] - 0.5,
    to: k + 1 < shown.length ? grid.epochs[shown[k + 1]] - 0.5 : grid.epochs[i] + 0.5,
    value: grid.rows[i][column],
  }));
}

function epochAxis(grid: Grid, width: number): Plot.ScaleOptions {
  const first = grid.epochs[0];
  const last = grid.epochs[grid.epochs.length - 1];
  return {
    domain: [first - 0.5, last + 0.5],
    ticks: epochTicks(first, last, width / 60),
    tickFormat: String,
    label: first === 0 ? "epoch (0: before training)" : "epoch",
    labelAnchor: "center",
    labelArrow: "none",
  };
}

/** Steps of colour, so that a cell can be read off the legend. */
function colourSteps(values: number[]): { domain: number[]; range: string[] } {
  const scale = scaleFor(values);
  const [low, high] = [least(values.filter((x) => x > 0)), greatest(values.filter(Number.isFinite))];
  const steps = scale.type === "log" ? thinned(powers(low, high), 6) : [1, 2, 3, 4].map((k) => scale.domain[0] + ((scale.domain[1] - scale.domain[0]) * k) / 5);
  const range = Array.from({ length: steps.length + 1 }, (_, i) => CIVIDIS[Math.round((i / Math.max(1, steps.length)) * (CIVIDIS.length - 1))]);
  return { domain: steps, range };
}

export interface LayerMap {
  grid: Grid;
  layers: string[];
  named: string[]; // those the finding is about
  since: number | null;
}

/** A row a layer, input side at the top, a column an epoch. */
export function layerMap({ grid, layers, named, since }: LayerMap, width: number): Element {
  const shown = shownEpochs(grid.epochs, since);
  const cells = layers.flatMap((layer, column) => cellsOf(grid, shown, column).map((cell) => ({ ...cell, layer })));
  const measured = cells.filter((cell) => !Number.isNaN(cell.value));
  const { domain, range } = colourSteps(measured.map((cell) => cell.value));
  const everyName = Math.ceil(layers.length / MOST_NAMES);
  const nameOf = (layer: string) => (named.length && named.length < layers.length && named.includes(layer) ? `▸ ${layer}` : layer);
  const letters = lettersFor(width);
  const longest = Math.max(...layers.map((layer) => shortened(nameOf(layer), letters).length));
  const box = { x1: "from", x2: "to", y: "layer", insetLeft: 0.5, insetTop: 0.5 };
  return Plot.plot({
    width,
    height: Math.max(120, Math.min(layers.length, 60) * ROW + 64),
    marginTop: 22,
    marginBottom: 40,
    marginLeft: longest * LETTER + 16,
    marginRight: 14,
    x: epochAxis(grid, width),
    y: {
      domain: layers,
      label: null,
      tickSize: 0,
      ticks: layers.filter((layer, i) => i % everyName === 0 || named.includes(layer)),
      tickFormat: (layer: string) => shortened(nameOf(layer), letters),
    },
    color: { type: "threshold", domain, range, legend: true, tickFormat: number, label: null },
    marks: [
      Plot.barX(measured.filter((cell) => Number.isFinite(cell.value)), { ...box, fill: "value" }),
      Plot.barX(measured.filter((cell) => !Number.isFinite(cell.value)), { ...box, fill: "var(--bad)" }),
      Plot.text(
        measured.filter((cell) => !Number.isFinite(cell.value) && shown.length <= 40),
        { x: "epoch", y: "layer", text: () => "∞", fill: "var(--page)" },
      ),
      ...sinceMarks(since, grid),
      Plot.tip(
        measured,
        Plot.pointer({ x: "epoch", y: "layer", title: (d) => `${d.layer}\nepoch ${d.epoch}: ${number(d.value)}` }),
      ),
    ],
  });
}

/** How the predictions are spread at each epoch; the more rows in a bin, the stronger its colour. */
export function histogramMap(grid: Grid, edges: Grid | null, width: number): Element {
  const shown = shownEpochs(grid.epochs, null);
  const bins = grid.rows[0].length;
  const edge = (epoch: number, bin: number) => edges?.rows[epoch]?.[bin] ?? bin;
  const totals = grid.rows.map((row) => row.reduce((sum, x) => sum + (x > 0 ? x : 0), 0));
  const cells = Array.from({ length: bins }, (_, bin) =>
    cellsOf(grid, shown, bin).map((cell, k) => {
      const i = shown[k];
      return { ...cell, low: edge(i, bin), high: edge(i, bin + 1), share: cell.value / totals[i] };
    }),
  )
    .flat()
    .filter((cell) => cell.share > 0 && Number.isFinite(cell.low) && Number.isFinite(cell.high));
  return Plot.plot({
    width,
    height: 220,
    marginTop: 12,
    marginBottom: 40,
    marginLeft: 52,
    marginRight: 14,
    x: epochAxis(grid, width),
    y: { label: null, grid: true, ticks: 5, tickFormat: tick },
    opacity: { type: "sqrt", domain: [0, 1], range: [0.08, 1] },
    marks: [
      // A hair larger than its bin: an output that collapsed to one value has bins of no height.
      Plot.rect(cells, { x1: "from", x2: "to", y1: "low", y2: "high", fill: "var(--c1)", fillOpacity: "share", insetLeft: 1, insetTop: -0.75, insetBottom: -0.75 }),
      Plot.tip(
        cells,
        Plot.pointer({
          x: "epoch",
          y: (d) => (d.low + d.high) / 2,
          title: (d) => `${number(d.low)} to ${number(d.high)}\nepoch ${d.epoch}: ${number(100 * d.share)} % of rows`,
        }),
      ),
    ],
  });
}

function sinceMarks(since: number | null, { epochs }: Grid): Plot.Markish[] {
  if (since === null || !epochs.includes(since)) return [];
  const right = since > (epochs[0] + epochs[epochs.length - 1]) / 2;
  return [
    Plot.ruleX([since - 0.5], { stroke: "var(--bad)", strokeWidth: 2 }),
    Plot.text([sinceEpoch(since)], {
      x: since - 0.5,
      frameAnchor: "top",
      textAnchor: right ? "end" : "start",
      lineAnchor: "bottom",
      dy: -5,
      fill: "var(--bad)",
      fontWeight: 500,
    }),
  ];
}
