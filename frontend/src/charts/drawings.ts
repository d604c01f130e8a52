import { count, number, sinceEpoch, words } from "../format";
import type { Picture, Quantity, Series } from "../types";
import { type Bar, barPlot, MOST_ROWS, type Range, rangePlot } from "./bars";
import type { EvidenceStore, Grid } from "./EvidenceStore";
import { describeLines, lastFinite, type Level, type Line, type LinePicture, linePlot } from "./lines";
import { histogramMap, layerMap } from "./maps";
import { inWords, labelsOf, numbersOf, type Plan, plansFor } from "./pictures";
import { isShare } from "./scales";

/** A picture with its numbers read, ready to be drawn at any width. */
export interface Drawing {
  name: string;
  title: string;
  note: string; // what the number means, in words
  label: string; // the picture in words
  wide: boolean;
  draw: (width: number) => Element;
}

export interface Shown {
  values: { name: string; meaning: string | undefined; value: string }[]; // single numbers need no picture
  drawings: Drawing[];
  without: string[]; // no picture for these
}

const LINES_HEIGHT = 200;
const ALL_CLASSES = 8; // up to so many, each class has its own colour
const TOP_CLASSES = 3;

export async function readDrawings(pictures: Picture[], store: EvidenceStore): Promise<Shown> {
  const shown: Shown = { values: [], drawings: [], without: [] };
  for (const plan of plansFor(pictures, await store.evidence())) {
    if (plan.draw === "value") {
      const { name } = plan.picture;
      shown.values.push({ name, meaning: plan.fact.meaning ?? undefined, value: inWords(plan.fact.value, plan.fact.unit) ?? "" });
      continue;
    }
    const drawing = await drawingOf(plan, store);
    if (drawing) shown.drawings.push(drawing);
    else shown.without.push(plan.picture.name);
  }
  return shown;
}

async function drawingOf(plan: Plan, store: EvidenceStore): Promise<Drawing | null> {
  switch (plan.draw) {
    case "line":
    case "layers":
    case "classes": {
      const grid = await store.grid(plan.picture.name);
      if (isEmpty(grid)) return null;
      const lines = plan.draw === "line" ? [{ name: "", values: column(grid, 0), colour: 0 }] : linesOf(plan, grid);
      return lineDrawing(plan.picture, plan.series, grid, lines);
    }
    case "cells": {
      const grid = await store.grid(plan.picture.name);
      return isEmpty(grid) ? null : layerDrawing(plan.picture, plan.series, grid);
    }
    case "histogram": {
      const evidence = await store.evidence();
      const grid = await store.grid(plan.picture.name);
      const edges = evidence.series.prediction_edges ? await store.grid("prediction_edges") : null;
      return isEmpty(grid) ? null : histogramDrawing(plan.picture, plan.series, grid, edges);
    }
    case "ranges":
      return rangeDrawing(plan);
    case "bars":
      return barDrawing(plan);
    default:
      return null;
  }
}

function lineDrawing(picture: Picture, series: Quantity, grid: Grid, lines: Line[]): Drawing {
  const { name, since } = picture;
  const drawn: LinePicture = {
    epochs: grid.epochs,
    lines,
    levels: limitOf(picture),
    since,
    share: isShare(name),
    height: LINES_HEIGHT,
  };
  return {
    ...headOf(picture, series),
    label: describeLines(words(name), drawn),
    wide: false,
    draw: (width) => linePlot(drawn, width),
  };
}

/** The layers of the finding in colour, the others behind them; of many classes, the largest. */
function linesOf({ draw, picture, series }: Extract<Plan, { draw: "line" | "layers" | "cells" | "classes" | "histogram" }>, grid: Grid): Line[] {
  const names = labelsOf(series.labels, grid.rows[0].length, draw === "layers" ? "layer" : series.axes[1]);
  const lines = names.map((name, i) => ({ name: draw === "layers" ? name : className(name), values: column(grid, i) }));
  let coloured: Set<number>;
  if (draw === "layers") {
    const named = names.flatMap((name, i) => (picture.layers.includes(name) ? [i] : []));
    coloured = new Set(named.length > 0 ? named : names.keys());
  } else {
    const bySize = [...names.keys()].sort((a, b) => size(lines[b]) - size(lines[a]));
    coloured = new Set(names.length <= ALL_CLASSES ? names.keys() : bySize.slice(0, TOP_CLASSES));
  }
  let colour = 0;
  return lines.map((line, i) => {
    if (coloured.has(i)) return { ...line, colour: colour++ };
    return { ...line, name: draw === "layers" ? line.name : "", colour: null };
  });
}

const className = (label: string) => (/^-?[\d.]+$/.test(label) ? `class ${label}` : label);
const size = (line: { values: number[] }) => lastFinite(line.values) ?? -Infinity;

function layerDrawing(picture: Picture, series: Quantity, grid: Grid): Drawing {
  const layers = distinct(labelsOf(series.labels, grid.rows[0].length, "layer"));
  const limit = limitOf(picture).map((level) => `${words(level.name)} ${number(level.value)}.`);
  const head = headOf(picture, series);
  return {
    ...head,
    note: [head.note, ...limit].filter(Boolean).join(" "),
    label: [
      `${words(picture.name)} of ${count(layers.length, "layer")}, epochs ${grid.epochs[0]} to ${grid.epochs[grid.epochs.length - 1]}.`,
      ...limit,
      picture.layers.length > 0 && `Marked: ${picture.layers.join(", ")}.`,
      picture.since !== null && `Marked: ${sinceEpoch(picture.since)}.`,
    ]
      .filter(Boolean)
      .join(" "),
    wide: true,
    draw: (width) => layerMap({ grid, layers, named: picture.layers, since: picture.since }, width),
  };
}

function histogramDrawing(picture: Picture, series: Series, grid: Grid, edges: Grid | null): Drawing {
  const head = headOf(picture, series);
  const bins = series.shape[series.shape.length - 1];
  const outputs = grid.rows[0].length / bins;
  const summed = { ...grid, rows: grid.rows.map((row) => sumOfOutputs(row, bins)) };
  const notes = [
    head.note,
    outputs > 1 && `All ${outputs} outputs together.`,
    `Up: ${edges ? "the predicted value" : "the bin"}. Stronger colour: more rows.`,
  ];
  return {
    ...head,
    note: notes.filter(Boolean).join(" "),
    label: `${head.title} at each epoch from ${grid.epochs[0]} to ${grid.epochs[grid.epochs.length - 1]}. ${head.note}`,
    wide: false,
    draw: (width) => histogramMap(summed, edges, width),
  };
}

// (output, bin) -> (bin)
const sumOfOutputs = (row: number[], bins: number) =>
  Array.from({ length: bins }, (_, bin) => {
    let sum = 0;
    for (let i = bin; i < row.length; i += bins) sum += row[i] || 0;
    return sum;
  });

function rangeDrawing({ low, high, mean }: Extract<Plan, { draw: "ranges" }>): Drawing {
  const [lows, highs, means] = [numbersOf(low), numbersOf(high), mean && numbersOf(mean)];
  const names = distinct(labelsOf(low.labels, lows.length, "feature"));
  const ranges: Range[] = names.map((name, i) => ({ name, low: lows[i], high: highs[i], mean: means ? means[i] : null }));
  const note = `From the smallest to the largest value of each input${means ? "; the ring is the mean" : ""}.`;
  return {
    name: "input_range",
    title: "Input ranges",
    note: [note, cutNote(ranges.length, "features with the largest range")].filter(Boolean).join(" "),
    label: `Input ranges of ${count(ranges.length, "feature")}. ${ranges
      .slice(0, 5)
      .map((range) => `${range.name}: ${number(range.low)} to ${number(range.high)}`)
      .join("; ")}.`,
    wide: false,
    draw: (width) => rangePlot(ranges, width),
  };
}

function barDrawing({ picture, fact }: Extract<Plan, { draw: "bars" }>): Drawing {
  const values = numbersOf(fact);
  const names = distinct(labelsOf(fact.labels, values.length, fact.axes[0]).map((name) => (fact.axes[0] === "class" ? className(name) : name)));
  const bars: Bar[] = names.map((name, i) => ({ name, value: values[i] }));
  const head = headOf(picture, fact);
  return {
    ...head,
    note: [head.note, cutNote(bars.length, `largest of ${bars.length}`)].filter(Boolean).join(" "),
    label: `${head.title}. ${bars
      .slice(0, 10)
      .map((bar) => `${bar.name}: ${number(bar.value)}`)
      .join("; ")}${bars.length > 10 ? "; and others" : ""}.`,
    wide: false,
    draw: (width) => barPlot(bars, limitOf(picture)[0] ?? null, width),
  };
}

const cutNote = (rows: number, which: string) => (rows > MOST_ROWS ? `Shown: the ${MOST_ROWS} ${which}.` : "");

function headOf({ name }: Picture, { meaning }: Quantity) {
  return { name, title: words(name), note: meaning ? sentence(meaning) : "" };
}

function sentence(text: string): string {
  const trimmed = text.trim().replace(/^./, (letter) => letter.toUpperCase());
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function limitOf({ limit, limit_name }: Picture): Level[] {
  return limit === null || !Number.isFinite(limit) ? [] : [{ name: limit_name ?? "healthy limit", value: limit }];
}

/** Names that occur twice would share a row. */
function distinct(names: string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

const isEmpty = (grid: Grid) => grid.rows.every((row) => row.every(Number.isNaN));
const column = (grid: Grid, i: number) => grid.rows.map((row) => row[i]);
