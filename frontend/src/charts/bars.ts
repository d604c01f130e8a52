import * as Plot from "@observablehq/plot";
import { exact, LETTER, lettersFor, number, shortened, tick } from "../common/format";
import { symlogFor } from "./scales";

export const MOST_ROWS = 30;

export interface Range {
  name: string;
  low: number;
  high: number;
  mean: number | null;
}

/** The widest ranges, in their own order. */
export function widest(ranges: Range[]): Range[] {
  return kept(ranges, (range) => {
    const size = range.high - range.low;
    return Number.isNaN(size) ? Infinity : size; // a broken feature is worth a look
  });
}

/** From the smallest to the largest value of each input feature. */
export function rangePlot(ranges: Range[], axis: string, width: number): Element {
  const shown = widest(ranges).filter((range) => Number.isFinite(range.low) && Number.isFinite(range.high));
  const scale = symlogFor(shown.flatMap((range) => [range.low, range.high]));
  return Plot.plot({
    width,
    height: shown.length * rowHeight(shown.length) + 58,
    marginTop: 8,
    marginBottom: 42,
    marginLeft: nameMargin(shown, width),
    marginRight: 30,
    x: { ...scale, tickFormat: tick, grid: true, label: axis, labelAnchor: "center", labelArrow: "none", nice: scale.type === "linear" },
    y: { domain: shown.map((range) => range.name), label: null, tickSize: 0, tickFormat: (name: string) => shortened(name, lettersFor(width)) },
    marks: [
      Plot.ruleX([0], { stroke: "var(--level)" }),
      Plot.ruleY(shown, { x1: "low", x2: "high", y: "name", stroke: "var(--c1)", strokeWidth: 5, strokeLinecap: "round" }),
      Plot.dot(
        shown.filter((range) => range.mean !== null && Number.isFinite(range.mean)),
        { x: "mean", y: "name", r: 3.5, fill: "var(--page)", stroke: "var(--c1)" },
      ),
      Plot.tip(
        shown,
        Plot.pointerY({
          x: "high",
          y: "name",
          title: (d: Range) =>
            `${d.name}\n${exact(d.low)} to ${exact(d.high)}${d.mean === null ? "" : `\nmean ${exact(d.mean)}`}`,
        }),
      ),
    ],
  });
}

export interface Bar {
  name: string;
  value: number;
}

export function tallest(bars: Bar[]): Bar[] {
  return kept(bars, (bar) => Math.abs(bar.value) || 0);
}

/** One bar per class, with its number at the end. */
export function barPlot(bars: Bar[], unit: string, limit: { name: string; value: number } | null, width: number): Element {
  const shown = tallest(bars);
  const finite = shown.filter((bar) => Number.isFinite(bar.value));
  return Plot.plot({
    width,
    height: shown.length * Math.max(18, rowHeight(shown.length)) + (limit ? 34 : 16),
    marginTop: limit ? 24 : 8,
    marginBottom: 8,
    marginLeft: nameMargin(shown, width),
    marginRight: 66,
    x: { axis: null },
    y: { domain: shown.map((bar) => bar.name), label: null, tickSize: 0, tickFormat: (name: string) => shortened(name, lettersFor(width)) },
    marks: [
      Plot.barX(finite, { x: "value", y: "name", fill: "var(--c1)", insetTop: 1.5, insetBottom: 1.5 }),
      Plot.text(shown, {
        x: (bar: Bar) => (bar.value > 0 && Number.isFinite(bar.value) ? bar.value : 0),
        y: "name",
        text: (bar: Bar) => number(bar.value),
        textAnchor: "start",
        dx: 6,
      }),
      Plot.ruleX([0], { stroke: "var(--level)" }),
      Plot.tip(finite, Plot.pointerY({ x: "value", y: "name", title: (bar: Bar) => `${bar.name}\n${exact(bar.value)}${unit && ` ${unit}`}` })),
      ...(limit
        ? [
            Plot.ruleX([limit.value], { stroke: "var(--level)", strokeDasharray: "5 4" }),
            Plot.text([`${limit.name} ${number(limit.value)}`], { x: limit.value, frameAnchor: "top", dy: -10, fill: "var(--quiet)" }),
          ]
        : []),
    ],
  });
}

function kept<T>(items: T[], size: (item: T) => number): T[] {
  if (items.length <= MOST_ROWS) return items;
  const largest = new Set([...items].sort((a, b) => size(b) - size(a)).slice(0, MOST_ROWS));
  return items.filter((item) => largest.has(item));
}

const rowHeight = (rows: number) => (rows > 12 ? 15 : 22);
const nameMargin = (rows: { name: string }[], width: number) =>
  Math.max(...rows.map((row) => shortened(row.name, lettersFor(width)).length)) * LETTER + 16;
