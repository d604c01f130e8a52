import { count, number, percent, saidUnit, sinceEpoch, words } from "../common/format";
import type { Picture } from "../server/answers";
import type { Fact, Quantity, Series } from "../server/parts";
import { type Bar, barPlot, MOST_ROWS, type Range, rangePlot } from "./bars";
import type { EvidenceStore, Grid } from "./EvidenceStore";
import { type Labels, labelShares, labelsOnAxis } from "./labels";
import { inWords as limitInWords, type Limit, limitOf } from "./limits";
import { describeLines, lastFinite, type Line, type LinePicture, linePlot, sharedAim, tableOfLines } from "./lines";
import { histogramMap, layerMap } from "./maps";
import { inWords, labelsOf, numbersOf, type Plan, plansFor } from "./plans";
import { isFraction, isPercent } from "./scales";
import type { Table } from "./table";

/** A picture with its numbers read, ready to be drawn at any width. */
export interface Drawing {
  name: string;
  title: string;
  note: string; // what the number means, in words
  label: string; // the picture in words
  wide: boolean;
  draw: (width: number) => Element;
  fitted?: (width: number) => Element; // the same with an axis as large as the values allow
  axis?: string; // what `draw` shows of it, in words
  table: () => Table; // the numbers that are drawn
}

export interface Shown {
  values: { name: string; meaning: string | undefined; value: string }[]; // single numbers need no picture
  drawings: Drawing[];
  without: string[]; // no picture for these
}

const LINES_HEIGHT = 200;
const ALL_CLASSES = 8; // up to so many, each class has its own colour
const TOP_CLASSES = 3;
const OFF = 0.1; // of all samples: a class so far from its share among the labels is what the picture is looked at for

export async function readDrawings(pictures: Picture[], store: EvidenceStore): Promise<Shown> {
  const shown: Shown = { values: [], drawings: [], without: [] };
  for (const plan of plansFor(pictures, await store.evidence())) {
    if (plan.draw === "value") {
      const { name } = plan.picture;
      shown.values.push({ name, meaning: plan.fact.meaning || undefined, value: inWords(plan.fact.value, plan.fact.unit) ?? "" });
      continue;
    }
    const drawing = await drawingOf(plan, store);
    if (drawing) shown.drawings.push(drawing);
    else shown.without.push(plan.picture.name);
  }
  return shown;
}

async function drawingOf(plan: Plan, store: EvidenceStore): Promise<Drawing | null> {
  const { facts, series } = await store.evidence();
  switch (plan.draw) {
    case "line":
    case "layers":
    case "classes": {
      const grid = await store.grid(plan.picture.name);
      if (isEmpty(grid)) return null;
      const lines = plan.draw === "line" ? [{ name: "", values: column(grid, 0), colour: 0 }] : linesOf(plan, grid, facts);
      return lineDrawing(plan.picture, plan.series, grid, lines);
    }
    case "cells": {
      const grid = await store.grid(plan.picture.name);
      return isEmpty(grid) ? null : layerDrawing(plan.picture, plan.series, grid);
    }
    case "histogram": {
      const grid = await store.grid(plan.picture.name);
      const edges = series.prediction_edges ? await store.grid("prediction_edges") : null;
      return isEmpty(grid) ? null : histogramDrawing(plan.picture, plan.series, grid, edges, facts);
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
  const head = headOf(picture, series);
  const limit = limitOf(picture);
  const aimed = lines.some((line) => line.aim !== undefined);
  const drawn: LinePicture = {
    what: head.title,
    axis: axisOf(name, series),
    epochs: grid.epochs,
    unit: grid.unit,
    lines,
    levels: limit ? [limit] : [],
    since,
    share: isFraction(name),
    percent: isPercent(name),
    height: LINES_HEIGHT,
  };
  return {
    ...head,
    note: [head.note, limit?.side && limitNote(name, limit), aimed && `Dotted${sharedAim(lines) === null ? ", and in brackets" : ""}: the share among the labels.`].filter(Boolean).join(" "),
    label: describeLines(drawn),
    wide: false,
    draw: (width) => linePlot(drawn, width),
    fitted: (width) => linePlot({ ...drawn, axisAs: "fitted" }, width),
    axis: drawn.share ? "0 to 1" : "from 0",
    table: () => tableOfLines(namedLines(drawn, series), series.axes[1] ?? "", columnName(name, series)),
  };
}

/** In the picture only some lines have names; in the table all of them do. */
function namedLines(drawn: LinePicture, { labels, axes }: Quantity): LinePicture {
  if (axes.length < 2) return drawn;
  const names = labelsOf(labels, drawn.lines.length, axes[1]);
  return { ...drawn, lines: drawn.lines.map((line, i) => ({ ...line, name: names[i] })) };
}

/** The layers of the finding are coloured, and the classes that are not predicted as often as they occur; the others are grey. */
function linesOf({ draw, picture, series }: Extract<Plan, { draw: "line" | "layers" | "cells" | "classes" | "histogram" }>, grid: Grid, facts: Record<string, Fact>): Line[] {
  const names = labelsOf(series.labels, grid.rows[0].length, draw === "layers" ? "layer" : series.axes[1]);
  const shares = picture.name === "predicted_fraction" ? labelShares(facts, names.length) : null;
  const lines = names.map((name, i) => ({ name: draw === "layers" ? name : className(name), values: column(grid, i), aim: shares?.[i] }));
  let coloured: Set<number>;
  if (draw === "layers") {
    const named = names.flatMap((name, i) => (picture.layers.includes(name) ? [i] : []));
    coloured = new Set(named.length > 0 ? named : names.keys());
  } else {
    const byWeight = [...names.keys()].sort((a, b) => weight(lines[b]) - weight(lines[a]));
    const off = byWeight.filter((i) => lines[i].aim !== undefined && weight(lines[i]) > Math.max(OFF, weight(lines[byWeight[0]]) / 2));
    const all = names.length <= ALL_CLASSES ? byWeight.sort((a, b) => a - b) : byWeight.slice(0, TOP_CLASSES);
    coloured = new Set(off.length > 0 ? off.slice(0, TOP_CLASSES) : all);
  }
  let colour = 0;
  return lines.map((line, i) => {
    if (coloured.has(i)) return { ...line, colour: colour++ };
    return { ...line, name: draw === "layers" ? line.name : "", colour: null };
  });
}

const className = (label: string) => (/^-?[\d.]+$/.test(label) ? `class ${label}` : label);
/** How far a class is from its share among the labels; where that is not known, its own share. */
const weight = ({ values, aim }: { values: number[]; aim?: number }) => {
  const last = lastFinite(values) ?? (aim ?? -Infinity);
  return aim === undefined ? last : Math.abs(last - aim);
};

function layerDrawing(picture: Picture, series: Quantity, grid: Grid): Drawing {
  const { name, since } = picture;
  const labels = labelsOf(series.labels, grid.rows[0].length, "layer");
  const layers = distinct(labels);
  const limit = limitOf(picture);
  const healthy = limit && limitNote(name, limit);
  const infinite = grid.rows.some((row) => row.some((x) => Math.abs(x) === Infinity)) && "∞ and red: infinite.";
  const head = headOf(picture, series);
  const map = { what: head.title, axis: axisOf(name, series), grid, layers, named: picture.layers, since, limit, percent: isPercent(name) };
  return {
    ...head,
    note: [head.note, healthy, infinite].filter(Boolean).join(" "),
    label: [
      `${words(name)} of ${count(layers.length, "layer")}, epochs ${grid.epochs[0]} to ${grid.epochs[grid.epochs.length - 1]}.`,
      healthy,
      limit?.side && `Hatched: ${limit.side} that.`,
      picture.layers.length > 0 && `Marked: ${picture.layers.join(", ")}.`,
      since !== null && `Marked: ${sinceEpoch(since)}.`,
    ]
      .filter(Boolean)
      .join(" "),
    wide: true,
    draw: (width) => layerMap(map, width),
    table: () => ({
      columns: ["epoch", "layer", columnName(name, series), ...(limit ? [limit.name] : [])],
      rows: layers.flatMap((layer, i) => grid.rows.map((row, k) => [grid.epochs[k], layer, row[i], ...(limit ? [limit.value] : [])])),
    }),
  };
}

function histogramDrawing(picture: Picture, series: Series, grid: Grid, edges: Grid | null, facts: Record<string, Fact>): Drawing {
  const head = headOf(picture, series);
  const bins = series.shape[series.shape.length - 1];
  const outputs = grid.rows[0].length / bins;
  const summed = { ...grid, rows: grid.rows.map((row) => sumOfOutputs(row, bins)) };
  const labels = edges && labelsOnAxis(facts, outputs); // without edges the axis counts bins
  const notes = [
    head.note,
    outputs > 1 && `All ${outputs} outputs together.`,
    "Stronger colour: more samples.",
    labels?.span && "Labels: from the smallest to the largest, the thick part is one standard deviation to both sides of the mean.",
  ];
  const axis = edges ? "predicted value" : "bin";
  return {
    ...head,
    note: notes.filter(Boolean).join(" "),
    label: [`${head.title} at each epoch from ${grid.epochs[0]} to ${grid.epochs[grid.epochs.length - 1]}.`, head.note, labels && describeLabels(labels)]
      .filter(Boolean)
      .join(" "),
    wide: false,
    draw: (width) => histogramMap(summed, edges, labels, axis, width),
    table: () => histogramTable(summed, edges, labels),
  };
}

function describeLabels({ values, span }: Labels): string {
  if (span) return `The labels reach from ${number(span.low)} to ${number(span.high)}, mean ${number(span.mean)}.`;
  return `Labels: ${values.map(({ value, share }) => `${number(value)} in ${percent(share)}`).join("; ")}.`;
}

/** One row per bin and epoch; labels have no epoch, and their values no width. */
function histogramTable(grid: Grid, edges: Grid | null, labels: Labels | null): Table {
  const bins = grid.rows.flatMap((row, i) =>
    row.map((samples, bin) => ["predictions", grid.epochs[i], ...(edges ? [edges.rows[i]?.[bin] ?? NaN, edges.rows[i]?.[bin + 1] ?? NaN] : [bin]), samples]),
  );
  const values = labels?.values.map((label) => ["labels", "", label.value, label.value, label.count]) ?? [];
  return { columns: ["of", "epoch", ...(edges ? ["from", "to"] : ["bin"]), "samples"], rows: [...bins, ...values] };
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
    draw: (width) => rangePlot(ranges, saidUnit(low.unit) || "value", width),
    table: () => ({
      columns: ["feature", ...["min", "max", ...(means ? ["mean"] : [])].map((what) => columnName(`input_${what}`, low))],
      rows: ranges.map((range) => [range.name, range.low, range.high, ...(means ? [range.mean ?? NaN] : [])]),
    }),
  };
}

function barDrawing({ picture, fact }: Extract<Plan, { draw: "bars" }>): Drawing {
  const values = numbersOf(fact);
  const names = distinct(labelsOf(fact.labels, values.length, fact.axes[0]).map((name) => (fact.axes[0] === "class" ? className(name) : name)));
  const limit = picture.limit !== null && Number.isFinite(picture.limit) ? { name: picture.limit_name ?? "healthy limit", value: picture.limit } : null;
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
    draw: (width) => barPlot(bars, saidUnit(fact.unit), limit, width),
    table: () => ({ columns: [fact.axes[0], columnName(picture.name, fact)], rows: bars.map((bar) => [bar.name, bar.value]) }),
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

const limitNote = (name: string, limit: Limit) => limitInWords(limit, isPercent(name) ? percent : number);

/** What the vertical axis counts: "share of units", "samples". The title says the rest. */
function axisOf(name: string, { unit, meaning }: Quantity): string {
  if (!isPercent(name)) return name === "seconds" ? "" : saidUnit(unit);
  const of = /^share of (?:the |probe |layer's |trainable )*(samples|units|values|weights)\b/i.exec(meaning ?? "");
  return of ? `share of ${of[1]}` : "share";
}

/** "seconds (s)". Here a fraction is not written in percent, so its unit is given too. */
const columnName = (name: string, { unit }: Quantity) => (unit && !["1", "norm", "loss", name].includes(unit) ? `${name} (${unit})` : name);

/** Numbers names that occur twice: they would share a row. */
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
