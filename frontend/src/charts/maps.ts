import * as Plot from "@observablehq/plot";
import { count, exact, exactPercent, LETTER, lettersFor, number, percent, shortened, sinceEpoch, tick } from "../common/format";
import type { Grid } from "./EvidenceStore";
import type { Labels } from "./labels";
import { mapLegend } from "./legend";
import { isBeyond, type Limit, type Side, slack } from "./limits";
import { axisTitle, TIP } from "./lines";
import { epochTicks, greatest, least } from "./scales";
import { stepsFor } from "./steps";
import { svgElement } from "./svg";

const MOST_COLUMNS = 120; // epochs drawn side by side
const ROW = 15; // px a layer
const MOST_NAMES = 32;
const PANEL = { gap: 18, bar: 46, width: 112 }; // px of the labels beside a histogram
const LINE = 13; // px that a line of text needs

interface Cell {
  from: number;
  to: number;
  middle: number;
  epoch: number;
  value: number;
}

/** Of many epochs every n-th is drawn, and always the last and the first bad epoch. */
export function shownEpochs(epochs: number[], since: number | null): number[] {
  const step = Math.ceil(epochs.length / MOST_COLUMNS);
  return epochs.flatMap((epoch, i) => ((epochs.length - 1 - i) % step === 0 || epoch === since ? [i] : []));
}

function cellsOf(grid: Grid, shown: number[], column: number): Cell[] {
  return shown.map((i, k) => {
    const from = grid.epochs[i] - 0.5;
    const to = k + 1 < shown.length ? grid.epochs[shown[k + 1]] - 0.5 : endOf(grid, shown);
    return { epoch: grid.epochs[i], from, to, middle: (from + to) / 2, value: grid.rows[i][column] };
  });
}

/** Where the last column ends: it is as wide as the column before it. */
function endOf({ epochs }: Grid, shown: number[]): number {
  const [before, last] = [shown.at(-2), shown.at(-1)!];
  return epochs[last] - 0.5 + (before === undefined ? 1 : epochs[last] - epochs[before]);
}

function epochAxis(grid: Grid, shown: number[], width: number): Plot.ScaleOptions {
  const first = grid.epochs[0];
  const last = grid.epochs[grid.epochs.length - 1];
  return {
    domain: [first - 0.5, endOf(grid, shown)],
    ticks: epochTicks(first, last, width / 60),
    tickFormat: String,
    label: first === 0 ? "epoch (0: before training)" : "epoch",
    labelAnchor: "center",
    labelArrow: "none",
  };
}

export interface LayerMap {
  what: string; // the quantity, for who points at a cell
  axis: string; // what it is measured in
  grid: Grid;
  layers: string[];
  named: string[]; // those the finding is about
  since: number | null;
  limit: Limit | null;
  percent: boolean;
}

/** One row per layer, inputs at the top, and one column per epoch. Values beyond the limit are hatched, as hue alone is not enough. */
export function layerMap(map: LayerMap, width: number): Element {
  const { what, grid, layers, named, since, limit } = map;
  const shown = shownEpochs(grid.epochs, since);
  const cells = layers.flatMap((layer, column) => cellsOf(grid, shown, column).map((cell) => ({ ...cell, layer })));
  const measured = cells.filter((cell) => !Number.isNaN(cell.value));
  const finite = measured.filter((cell) => Number.isFinite(cell.value));
  const steps = stepsFor(finite.map((cell) => cell.value), limit, map.percent);
  const isUnhealthy = (cell: Cell) => limit !== null && limit.side !== null && isBeyond(cell.value, limit.value, limit.side);
  const everyName = Math.ceil(layers.length / MOST_NAMES);
  const nameOf = (layer: string) => (named.length && named.length < layers.length && named.includes(layer) ? `▸ ${layer}` : layer);
  const letters = lettersFor(width);
  const longest = Math.max(...layers.map((layer) => shortened(nameOf(layer), letters).length));
  const box = { x1: "from", x2: "to", y: "layer", insetLeft: 0.5, insetTop: 0.5 };
  const hatch = `hatch-${++hatches}`;
  const inFull = map.percent ? exactPercent : exact;
  const chart = Plot.plot({
    width,
    height: Math.max(120, Math.min(layers.length, 60) * ROW + 64),
    marginTop: 22,
    marginBottom: 40,
    marginLeft: longest * LETTER + 16,
    marginRight: 14,
    x: epochAxis(grid, shown, width),
    y: {
      domain: layers,
      label: null,
      tickSize: 0,
      ticks: layers.filter((layer, i) => i % everyName === 0 || named.includes(layer)),
      tickFormat: (layer: string) => shortened(nameOf(layer), letters),
    },
    color: { type: "threshold", domain: steps.bounds.map((bound) => thresholdOf(bound, limit)), range: steps.colours },
    marks: [
      (...[, , , , { ownerSVGElement }]) => hatching(ownerSVGElement, hatch, limit?.side ?? "above"),
      Plot.barX(finite, { ...box, fill: "value" }),
      Plot.barX(runs(finite, isUnhealthy), { ...box, fill: `url(#${hatch})` }),
      Plot.barX(measured.filter((cell) => !Number.isFinite(cell.value)), { ...box, fill: "var(--bad)" }),
      Plot.text(
        measured.filter((cell) => !Number.isFinite(cell.value) && shown.length <= 40),
        { x: "epoch", y: "layer", text: () => "∞", fill: "var(--page)" },
      ),
      ...sinceMarks(since, grid),
      Plot.tip(
        measured,
        Plot.pointer({
          x: "middle",
          y: "layer",
          lineWidth: TIP,
          title: (d) => `${what}, ${d.layer}\nepoch ${d.epoch}: ${inFull(d.value)}${isUnhealthy(d) ? `\n${limit!.side} the ${limit!.name}` : ""}`,
        }),
      ),
    ],
  });
  const both = document.createElement("div");
  both.append(mapLegend(steps, limit, map.axis, map.percent ? percent : number, hatch, width), chart);
  return both;
}

let hatches = 0; // a pattern is found by its id in the whole page

/** The limit itself has the colour of its healthy side. */
const thresholdOf = (bound: number, limit: Limit | null) =>
  bound !== limit?.value ? bound : bound + (limit.side === "above" ? slack(bound) : -slack(bound));

/** Joins neighbouring cells, so that the hatching has no gaps. */
function runs<T extends Cell & { layer: string }>(cells: T[], take: (cell: T) => boolean): T[] {
  const merged: T[] = [];
  for (const cell of cells) {
    if (!take(cell)) continue;
    const last = merged[merged.length - 1];
    if (last && last.layer === cell.layer && last.to === cell.from) last.to = cell.to;
    else merged.push({ ...cell });
  }
  return merged;
}

/** Low values are dark and high values bright, so the lines are the opposite. */
function hatching(sibling: Element, id: string, side: Side): SVGElement {
  const [fill, opacity] = side === "below" ? ["#fff", 0.5] : ["#000", 0.55];
  const pattern = { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  const defs = svgElement(sibling, "defs", {});
  defs.appendChild(svgElement(sibling, "pattern", pattern)).append(svgElement(sibling, "rect", { width: 1.3, height: 5, fill, "fill-opacity": opacity }));
  return defs;
}

/** How the predictions are distributed at each epoch; the more samples in a bin, the stronger its colour. Beside them, the labels. */
export function histogramMap(grid: Grid, edges: Grid | null, labels: Labels | null, axis: string, width: number): Element {
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
  // Not Plot's opacity scale: it takes numbers between 0 and 1 as they are, and a wide distribution would be next to invisible.
  const most = greatest(cells.map((cell) => cell.share));
  const strength = (cell: { share: number }) => 0.08 + 0.92 * Math.sqrt(cell.share / most);
  const bin = { x1: "from", x2: "to", y1: "low", y2: "high", fill: "var(--c1)", fillOpacity: strength, insetLeft: 1 };
  const [marginTop, marginRight] = [axis || labels ? 32 : 12, 14];
  const x = epochAxis(grid, shown, width);
  const [first, last] = x.domain as [number, number];
  const height = 208 + marginTop;
  const all = greatest(cells.map((cell) => cell.high)) - least(cells.map((cell) => cell.low));
  const isFlat = (cell: { low: number; high: number }) => !(((cell.high - cell.low) / all) * height > 2);
  const panel = labels && panelOf(labels, last, (last - first) / (width - 52 - marginRight - PANEL.width), height - marginTop - 40);
  const points = cells.map((d) => ({
    x: d.epoch,
    y: (d.low + d.high) / 2,
    title: `Predictions from ${number(d.low)} to ${number(d.high)}\nepoch ${d.epoch}: ${count(d.value, "sample")}, ${exactPercent(d.share)}`,
  }));
  return Plot.plot({
    width,
    height,
    marginTop,
    marginBottom: 40,
    marginLeft: 52,
    marginRight,
    x: panel ? { ...x, domain: [first, panel.end], label: null } : x,
    y: { label: null, grid: true, ticks: 5, tickFormat: tick },
    marks: [
      ...(axis ? [axisTitle(axis, marginTop)] : []),
      // An output that collapsed to one value has bins of no height: they are drawn slightly larger.
      Plot.rect(cells.filter(isFlat), { ...bin, insetTop: -0.75, insetBottom: -0.75 }),
      Plot.rect(cells.filter((cell) => !isFlat(cell)), bin),
      ...(panel ? [Plot.text([x.label!], { x: (first + last) / 2, frameAnchor: "bottom", dy: 32 })] : []),
      ...(panel ? panel.marks(cells.flatMap((cell) => [cell.low, cell.high])) : []),
      Plot.tip([...points, ...(panel?.points ?? [])], Plot.pointer({ x: "x", y: "y", title: "title", lineWidth: TIP })),
    ],
  });
}

/** The labels to the right of the last epoch, on the axis of the predictions. `px`: in epochs. */
function panelOf({ values, span }: Labels, last: number, px: number, height: number) {
  const start = last + PANEL.gap * px;
  const most = greatest(values.map((label) => label.share));
  const bars = values.map((label) => ({ ...label, from: start, to: start + (label.share / most) * PANEL.bar * px }));
  const stroke = "var(--c2)";
  const text = { dx: 6, textAnchor: "start" as const, fill: "var(--t2)" };
  const middle = start + 8 * px;
  return {
    end: last + PANEL.width * px,
    points: [
      ...bars.map((bar) => ({ x: bar.to, y: bar.value, title: `Label ${number(bar.value)}\n${count(bar.count, "sample")}, ${exactPercent(bar.share)}` })),
      ...(span ? [{ x: middle, y: span.mean, title: `Labels from ${exact(span.low)} to ${exact(span.high)}\nmean ${exact(span.mean)}, standard deviation ${exact(span.std)}` }] : []),
    ],
    marks(predictions: number[]): Plot.Markish[] {
      const ends = [...values.map((label) => label.value), ...(span ? [span.low, span.high] : [])];
      const all = greatest([...predictions, ...ends]) - least([...predictions, ...ends]);
      const between = [...values].map((label) => label.value).sort((a, b) => a - b);
      const gap = least(between.slice(1).map((value, i) => value - between[i]));
      const crowded = (gap / all) * height < LINE;
      return [
        Plot.text(["labels"], { x: start, frameAnchor: "top", dy: -10, lineAnchor: "bottom", textAnchor: "start", fill: "var(--t2)", fontWeight: 500 }),
        ...(span ? [] : [Plot.ruleX([start], { stroke: "var(--level)" })]),
        Plot.ruleY(bars, { y: "value", x1: "from", x2: "to", stroke, strokeWidth: crowded ? 3 : 8 }),
        crowded
          ? Plot.text([`${tick(between[0])} to ${tick(between[between.length - 1])}`], { ...text, x: start + PANEL.bar * px, y: between[0] })
          : Plot.text(bars, { ...text, x: "to", y: "value", text: (bar) => percent(Number(bar.share.toPrecision(3))) }),
        ...(span
          ? [
              Plot.ruleX([span], { x: middle, y1: "low", y2: "high", stroke, strokeWidth: 1.5 }),
              Plot.ruleX([span], { x: middle, y1: Math.max(span.low, span.mean - span.std), y2: Math.min(span.high, span.mean + span.std), stroke, strokeWidth: 7 }),
              Plot.dot([span], { x: middle, y: "mean", r: 3.5, fill: "var(--page)", stroke }),
              Plot.text([`mean ${number(Number(span.mean.toPrecision(3)))}`], { ...text, x: middle, y: span.mean, dx: 9 }),
            ]
          : []),
      ];
    },
  };
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
