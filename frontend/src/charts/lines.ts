import * as Plot from "@observablehq/plot";
import { exact, exactPercent, LETTER, number, percent, shortened, sinceEpoch } from "../common/format";
import { epochTicks, fittedScale, logScale, type Scale, scaleFor } from "./scales";
import type { Table } from "./table";

export interface Line {
  name: string;
  values: number[]; // one per epoch; NaN: not measured
  epochs?: number[]; // of a run with other epochs than the picture
  colour: number | null; // place in the palette of common/base.css; null: grey, in the background
  stroke?: string; // the colour that TensorBoard gives to the run
  faint?: boolean; // what is behind a smoothed line
  dashed?: boolean;
  aim?: number; // what it should become: the share of a class among the labels
}

export interface Level {
  name: string;
  value: number;
}

export interface LinePicture {
  what: string; // the quantity, for who points at a line
  axis?: string; // over the vertical axis
  epochs: number[];
  unit?: string; // what they count, "epoch" by default
  lines: Line[];
  levels: Level[]; // where healthy ends, what chance gives: dashed, across
  shaded?: { from: number; to: number; name: string } | null;
  since?: number | null; // the first bad epoch
  broken?: Broken[]; // where it is no number
  share?: boolean; // of 0 to 1
  axisAs?: AxisAs; // null: from 0, fractions up to 1
  keepLevels?: boolean; // a fitted axis reaches to the levels
  range?: [number, number] | null; // epochs that are shown, where not all are
  tip?: boolean; // whether a value is written beside the pointer
  percent?: boolean;
  height: number;
}

/** How the vertical axis is laid: as large as the values allow, from 0 (fractions up to 1), or on a log scale. */
export type AxisAs = "fitted" | "whole" | "log";

/** Epochs at which a series is not a number, or infinite. */
export interface Broken {
  from: number;
  to: number;
  text: string; // "loss: nan"
}

interface Point {
  name: string;
  epoch: number;
  value: number;
}

const BAR = 5; // px
const FEW_EPOCHS = 15; // so few that each is shown as a dot
const LABEL_GAP = 14; // px between the labels at the right
const MARGIN = { top: 24, bottom: 40, left: 52 };
const AXIS_TITLE = 18; // px
export const TIP = 32; // em: only a very long name breaks into two lines

/** Lines over epochs, each named at its right end. */
export function linePlot(picture: LinePicture, width: number): PlotElement {
  const { what, epochs, unit = "epoch", lines, levels, since = null, shaded = null, broken = [] } = picture;
  const [first, last] = picture.range ?? [epochs[0], epochs[epochs.length - 1]];
  const x: [number, number] = first === last ? [first - 1, last + 1] : [first, last];
  const aimed = lines.filter((line) => line.aim !== undefined && line.colour !== null);
  const y = verticalScale(picture, aimed);
  const isInside = (value: number) => value >= y.domain[0] && value <= y.domain[1];
  const axis = [picture.axis, y.type === "log" && "log scale"].filter(Boolean).join(", ");
  const marginTop = MARGIN.top + (axis ? AXIS_TITLE : 0);
  const height = picture.height + marginTop - MARGIN.top;
  const labels = rightLabels(picture, y);
  const longest = Math.max(0, ...labels.map((label) => label.text.length));
  const marginRight = Math.min(Math.max(longest * LETTER + 14, 24), Math.max(width * 0.36, 130));
  const dots = epochs.filter((epoch) => epoch >= x[0] && epoch <= x[1]).length <= FEW_EPOCHS;
  const inside = (epoch: number) => Math.min(Math.max(epoch, x[0]), x[1]);

  const marks: Plot.Markish[] = [];
  if (shaded) {
    const from = inside(shaded.from);
    // Along the axis: over the whole frame it would hide what it is about.
    const bar = { x1: from, x2: inside(shaded.to), y: y.domain[0], stroke: "var(--shade)", strokeWidth: BAR };
    if (shaded.from <= x[1] && shaded.to >= x[0]) marks.push(Plot.ruleY([shaded], bar), above(shaded.name, from, x, "var(--bad)"));
  }
  for (const { from, to, text } of broken) {
    if (from > x[1] || to < x[0]) continue;
    const at = { x1: inside(from), x2: inside(to), y: y.domain[1], dy: BAR, stroke: "var(--bad)", strokeWidth: BAR }; // inside the frame: a name stands above it
    const right = inside(from) > x[0] + (x[1] - x[0]) * 0.6;
    const word = { x: inside(from), frameAnchor: "top", textAnchor: right ? "end" : "start", lineAnchor: "top", dy: 6 + BAR, fill: "var(--bad)" } as const;
    marks.push(Plot.ruleY([text], at), Plot.dot([text], { x: at.x1, y: at.y, dy: BAR, r: BAR / 2, fill: "var(--bad)" }), Plot.text([text], word));
  }
  for (const { value } of levels.filter((level) => isInside(level.value))) {
    marks.push(Plot.ruleY([value], { stroke: "var(--level)", strokeDasharray: "5 4", strokeWidth: 1.25 }));
  }
  for (const { aim, colour } of aimed) {
    marks.push(Plot.ruleY([aim!], { stroke: strokeOf(colour), strokeDasharray: "1 5", strokeLinecap: "round", strokeWidth: 1.75 }));
  }
  if (axis) marks.push(axisTitle(axis, marginTop));
  if (since !== null && since >= x[0] && since <= x[1]) {
    marks.push(Plot.ruleX([since], { stroke: "var(--bad)", strokeWidth: 1.5 }), above(sinceEpoch(since, unit), since, x, "var(--bad)"));
  }
  for (const line of [...lines].sort((a, b) => Number(a.colour !== null) - Number(b.colour !== null))) {
    const points = pointsOf(line, epochs).filter(({ epoch }) => epoch >= x[0] && epoch <= x[1]);
    const finite = points.map((point) => ({ ...point, value: Number.isFinite(point.value) ? y.place(point.value) : NaN }));
    const stroke = line.stroke ?? strokeOf(line.colour);
    const main = line.colour !== null && !line.faint;
    marks.push(
      Plot.line(finite, {
        x: "epoch",
        y: "value",
        stroke,
        strokeWidth: main ? 2 : 1.25,
        strokeOpacity: line.faint ? 0.35 : undefined,
        strokeDasharray: line.dashed ? "2 4" : undefined,
        strokeLinecap: "round",
      }),
      // Infinity has no place on the scale: it is written at the top.
      Plot.text(points.filter((point) => Math.abs(point.value) === Infinity), {
        x: "epoch",
        y: y.domain[1],
        text: () => "∞",
        dy: 8,
        fontSize: 15,
        fill: "var(--bad)",
      }),
    );
    if (dots && !line.faint) marks.push(Plot.dot(finite, { x: "epoch", y: "value", r: main ? 2.5 : 1.75, fill: stroke }));
  }
  for (const { text, at, colour } of placedApart(labels, y, marginTop, height)) {
    marks.push(
      Plot.text([shortened(text, Math.floor((marginRight - 12) / LETTER))], {
        frameAnchor: "right",
        y: at,
        dx: 8,
        textAnchor: "start",
        fill: colour,
      }),
    );
  }
  const inFull = (value: number) => (picture.percent ? exactPercent(value) : exact(value));
  const points = lines.flatMap((line) => pointsOf(line, epochs).map((point) => ({ ...point, aim: line.aim })));
  if (picture.tip !== false) marks.push(
    Plot.tip(
      points.filter((point) => Number.isFinite(point.value)),
      Plot.pointer({
        x: "epoch",
        y: (point) => y.place(point.value),
        lineWidth: TIP,
        title: (point) =>
          [
            [what, point.name].filter(Boolean).join(", "),
            `${unit} ${point.epoch}: ${inFull(point.value)}`,
            point.aim !== undefined && `among the labels: ${inFull(point.aim)}`,
          ]
            .filter(Boolean)
            .join("\n"),
      }),
    ),
  );

  return Plot.plot({
    width,
    height,
    marginTop,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    marginRight,
    x: {
      domain: x,
      ticks: epochTicks(first, last, Math.max(3, (width - MARGIN.left - marginRight) / 45)),
      tickFormat: String,
      label: first === 0 && unit === "epoch" ? "epoch (0: before training)" : unit,
      labelAnchor: "center",
      labelArrow: "none",
      insetLeft: 4,
      insetRight: 4,
    },
    y: { type: y.type, domain: y.domain, ticks: y.ticks ?? 5, tickFormat: picture.percent ? percent : y.tickFormat, label: null, grid: true },
    marks,
  });
}

/** A picture that says where its numbers are drawn. */
export type PlotElement = (SVGSVGElement | HTMLElement) & Plot.Plot;

function verticalScale({ lines, levels, share = false, axisAs, keepLevels = false, range, epochs }: LinePicture, aimed: Line[]): Scale {
  const isShown = (epoch: number) => !range || (epoch >= range[0] && epoch <= range[1]);
  const values = lines.flatMap((line) => pointsOf(line, epochs).flatMap(({ epoch, value }) => (isShown(epoch) ? [value] : [])));
  const aims = aimed.map((line) => line.aim!);
  const beside = levels.map((level) => level.value);
  const isEmpty = !values.some(Number.isFinite); // of a run that diverged at once the levels are all there is
  if (axisAs === "fitted") return fittedScale([...values, ...aims, ...(keepLevels || isEmpty ? beside : [])], share);
  if (axisAs === "log") return logScale([...values, ...(keepLevels ? beside : [])]);
  return scaleFor([...values, ...beside, ...aims], share);
}

/** What the vertical axis counts, over its upper end. */
export const axisTitle = (text: string, marginTop: number) =>
  Plot.text([text], { frameAnchor: "top-left", textAnchor: "start", lineAnchor: "top", dx: -MARGIN.left, dy: 3 - marginTop, fill: "var(--quiet)" });

/** A remark above the frame at an epoch; near the right end it extends to the left. */
function above(text: string, epoch: number, [low, high]: [number, number], fill: string) {
  const right = epoch > low + (high - low) * 0.6;
  return Plot.text([text], {
    x: epoch,
    frameAnchor: "top",
    textAnchor: right ? "end" : "start",
    lineAnchor: "bottom",
    dy: -5,
    fill,
    fontWeight: 500,
  });
}

interface Label {
  text: string;
  value: number;
  colour: string;
}

function rightLabels(picture: LinePicture, y: Scale): Label[] {
  const shared = sharedAim(picture.lines);
  const end = picture.range?.[1] ?? Infinity;
  const [low, high] = y.domain;
  const within = (value: number) => Math.min(Math.max(value, low), high); // what is beyond the frame is named at its edge
  const ofLines = picture.lines.flatMap((line) => {
    const value = lastFinite(pointsOf(line, picture.epochs).flatMap((point) => (point.epoch <= end ? [point.value] : [])));
    if (!line.name || line.faint || value === null) return [];
    const aim = shared !== null || line.aim === undefined || line.colour === null ? "" : ` (${percent(Number(line.aim.toPrecision(2)))})`;
    return [{ text: line.name + aim, value: within(y.place(value)), colour: line.stroke ? "var(--text)" : textOf(line.colour) }];
  });
  const ofLevels = picture.levels.map((level) => ({
    text: `${level.name} ${numbersIn(picture)(level.value)}${level.value > high ? " ↑" : level.value < low ? " ↓" : ""}`,
    value: within(level.value),
    colour: "var(--quiet)",
  }));
  const ofAims = shared === null ? [] : [{ text: `labels: ${Math.round(100 * shared)} % each`, value: shared, colour: "var(--quiet)" }];
  return [...ofLines, ...ofAims, ...ofLevels];
}

/** The share of every class among the labels where it is about the same for all: one label is then enough. */
export function sharedAim(lines: Line[]): number | null {
  const aims = lines.flatMap(({ aim, colour }) => (aim === undefined || colour === null ? [] : [aim]));
  return aims.length > 1 && new Set(aims.map((aim) => Math.round(100 * aim))).size === 1 ? aims[0] : null;
}

/** Moves labels apart until none covers another, in the same order and inside the frame. */
function placedApart(labels: Label[], y: Scale, top: number, height: number): (Label & { at: number })[] {
  const bottom = height - MARGIN.bottom;
  const scale = Plot.scale({ y: { type: y.type, domain: y.domain, range: [bottom, top] } }) as unknown as {
    apply: (value: number) => number;
    invert: (pixel: number) => number;
  };
  const placed = labels.map((label) => ({ ...label, pixel: scale.apply(label.value) })).sort((a, b) => a.pixel - b.pixel);
  for (let i = 1; i < placed.length; i++) placed[i].pixel = Math.max(placed[i].pixel, placed[i - 1].pixel + LABEL_GAP);
  let limit = bottom;
  for (let i = placed.length - 1; i >= 0; i--, limit -= LABEL_GAP) placed[i].pixel = Math.min(placed[i].pixel, limit);
  return placed.map((label) => ({ ...label, at: scale.invert(label.pixel) }));
}

const numbersIn = ({ percent: inPercent }: LinePicture) => (inPercent ? percent : number);

export const pointsOf = (line: Line, epochs: number[]): Point[] =>
  (line.epochs ?? epochs).map((epoch, i) => ({ name: line.name, epoch, value: line.values[i] }));

export function lastFinite(values: number[]): number | null {
  for (let i = values.length - 1; i >= 0; i--) if (Number.isFinite(values[i])) return values[i];
  return null;
}

export const strokeOf = (colour: number | null) => (colour === null ? "var(--muted-line)" : `var(--c${1 + (colour % 7)})`);
const textOf = (colour: number | null) => (colour === null ? "var(--quiet)" : `var(--t${1 + (colour % 7)})`);

/** What a picture of lines shows, for those who cannot see it. */
export function describeLines(picture: LinePicture): string {
  const { what, epochs, unit = "epoch", levels, since = null, shaded = null, broken = [] } = picture;
  const lines = picture.lines.filter((line) => !line.faint);
  const format = numbersIn(picture);
  const MOST = 8;
  const described = lines.slice(0, MOST).map((line) => {
    const measured = line.values.filter(Number.isFinite);
    const from = measured.length ? `${format(measured[0])} at first, ${format(measured[measured.length - 1])} at last` : "not measured";
    const aim = line.aim === undefined ? "" : `, ${format(line.aim)} among the labels`;
    return line.name ? `${line.name}: ${from}${aim}` : from;
  });
  return [
    `${what}, ${unit}s ${epochs[0]} to ${epochs[epochs.length - 1]}.`,
    `${described.join("; ")}${lines.length > MOST ? "; and others" : ""}.`,
    ...levels.map((level) => `${level.name}: ${format(level.value)}.`),
    shaded && `${shaded.name}.`,
    ...broken.map(({ from, text }) => `${text} ${sinceEpoch(from, unit)}.`),
    since !== null && `Marked: ${sinceEpoch(since, unit)}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** The numbers of a picture of lines, one row per point. `of`: what the lines are, such as "layer". */
export function tableOfLines({ epochs, unit = "epoch", levels, ...picture }: LinePicture, of: string, value: string): Table {
  const lines = picture.lines.filter((line) => !line.faint);
  const named = lines.some((line) => line.name);
  const aimed = lines.some((line) => line.aim !== undefined);
  return {
    columns: [unit, ...(named ? [of] : []), value, ...(aimed ? ["share among the labels"] : []), ...levels.map((level) => level.name)],
    rows: lines.flatMap((line) =>
      (line.epochs ?? epochs).map((epoch, i) => [
        epoch,
        ...(named ? [line.name] : []),
        line.values[i] ?? NaN,
        ...(aimed ? [line.aim ?? NaN] : []),
        ...levels.map((level) => level.value),
      ]),
    ),
  };
}
