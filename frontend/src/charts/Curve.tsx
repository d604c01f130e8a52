import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { epochs } from "../common/format";
import { isFlat, statusWord } from "../common/StatusMark";
import type { Curve as CurveData, Status, Unit } from "../server/answers";
import { Crosshair, type Window } from "./Crosshair";
import { CurveTools } from "./CurveTools";
import { type CurveSettings, useCurveSettings } from "./curveSettings";
import { Figure } from "./Figure";
import { type Broken, describeLines, type Line, type LinePicture, linePlot, type PlotElement, tableOfLines } from "./lines";
import { isFraction } from "./scales";
import { smoothed } from "./smoothing";
import "./Curve.css";

const HEIGHT = 240;
const OWN = "this run";

/** The curve of another run, to be drawn on the same axes. */
export interface Other {
  name: string;
  curve: CurveData;
  colours: string[] | null; // TensorBoard's, of this run and of the other one
}

interface Props {
  curve: CurveData;
  status: Status;
  unit: Unit;
  run: string; // for the names of saved files
  other?: Other | null;
  children?: ComponentChildren; // what is beside the other tools
}

/** The curve on which the status is based, with the stalled epochs marked, and that of another run beside it. */
export function Curve({ curve, status, unit, run, other = null, children }: Props) {
  const share = isFraction(curve.name);
  const [settings, change] = useCurveSettings(share ? "share" : "number");
  const [range, setRange] = useState<Window | null>(null);
  const [plot, setPlot] = useState<PlotElement | null>(null);
  const picture = useMemo(() => pictureOf(curve, status, unit, other, settings, range), [curve, status, unit, other, settings, range]);
  const draw = useMemo(() => (width: number) => linePlot(picture, width), [picture]);
  return (
    <figure class="curve" data-testid="curve">
      <figcaption>
        <b>{curve.label}</b>
        {!curve.higher_is_better && <span> lower is better</span>}
      </figcaption>
      <Figure
        title={curve.label}
        label={describeLines(picture)}
        draw={draw}
        drawn={setPlot as (chart: Element) => void}
        table={() => tableOfLines(picture, "series", curve.name)}
        run={run}
        name={curve.name}
      >
        <Crosshair plot={plot} picture={picture} zoom={setRange} />
      </Figure>
      <CurveTools settings={settings} change={change} isShare={share} isZoomed={range !== null} showAll={() => setRange(null)}>
        {children}
      </CurveTools>
    </figure>
  );
}

export function pictureOf(curve: CurveData, status: Status, unit: Unit, other: Other | null, settings: CurveSettings, range: Window | null): LinePicture {
  const isBeside = other !== null;
  const lines = [
    ...linesOf(curve, isBeside ? OWN : "", { colour: 0, stroke: other?.colours?.[0], isBeside }),
    ...(other ? linesOf(other.curve, other.name, { colour: 5, stroke: other.colours?.[1], isBeside }) : []),
  ].flatMap((line) => withSmoothing(line, settings.smoothing));
  const shaded = curve.stalled && {
    from: curve.stalled[0],
    to: curve.stalled[1],
    name: `${statusWord(status).toLowerCase()}, ${epochs(curve.stalled[0], curve.stalled[1], unit)}`,
  };
  return {
    what: curve.label,
    epochs: [...new Set([...curve.epochs, ...(other?.curve.epochs ?? [])])].sort((a, b) => a - b),
    lines,
    levels: curve.levels,
    shaded,
    broken: brokenOf(curve),
    unit,
    share: isFraction(curve.name),
    axisAs: settings.axis,
    keepLevels: isFlat(status), // how far a stalled run is from what can be reached is what the picture is for
    range,
    tip: false, // the crosshair says it
    height: HEIGHT,
  };
}

function linesOf(curve: CurveData, name: string, { colour, stroke, isBeside }: { colour: number; stroke?: string; isBeside: boolean }): Line[] {
  const values = (list: (number | null)[]) => curve.epochs.map((_, i) => list[i] ?? NaN);
  const of = (part: string) => [name, part].filter(Boolean).join(", ");
  const lines: Line[] = [{ name: curve.validation ? of("training") : name, values: values(curve.values), epochs: curve.epochs, colour, stroke }];
  if (curve.validation)
    lines.push({ name: of("validation"), values: values(curve.validation), epochs: curve.epochs, colour: isBeside ? colour : 4, stroke, dashed: true });
  return lines;
}

/** The measured line stays behind the smoothed one, faint. */
const withSmoothing = (line: Line, weight: number): Line[] =>
  weight === 0 ? [line] : [{ ...line, faint: true }, { ...line, values: smoothed(line.values, weight) }];

const SAID: Record<string, string> = { NaN: "nan", Infinity: "∞", "-Infinity": "−∞" };

/** Neighbouring epochs with the same trouble are one. */
function brokenOf({ not_finite: rows, epochs: all, name, label }: CurveData): Broken[] {
  const found: (Broken & { value: string })[] = [];
  for (const { epoch, of, value } of rows) {
    const last = found.at(-1);
    if (last && last.value === value && all.indexOf(epoch) === all.indexOf(last.to) + 1) last.to = epoch;
    else found.push({ from: epoch, to: epoch, value, text: `${of === name ? label : of.replace(/^probe_/, "").replace(/_/g, " ")}: ${SAID[value]}` });
  }
  return found;
}
