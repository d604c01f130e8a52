import { count, number, tick } from "../common/format";
import { greatest, least } from "../charts/scales";
import type { TrialRow } from "../server/answers";

const WIDTH = 150;
const HEIGHT = 92;
const LEFT = 24; // px for the numbers beside it
const BOTTOM = 16; // px for the epochs below it
const INSET = 4;

type Curve = TrialRow["curve"];
type Place = (epoch: number, value: number) => [x: number, y: number];

/** The course of each change beside that of the run as it is: small pictures that have their axes in common. */
export function TrialCurves({ rows, measure }: { rows: TrialRow[]; measure: string }) {
  const drawn = rows.filter(({ causes, curve }) => causes.length > 0 && curve.values.some((value) => value !== null));
  if (drawn.length === 0) return null;
  const control = rows.find(({ causes }) => causes.length === 0)?.curve ?? { epochs: [], values: [] };
  const all = [control, ...drawn.map(({ curve }) => curve)];
  const values = all.flatMap((curve) => curve.values.filter((value) => value !== null));
  const epochs = all.flatMap((curve) => curve.epochs);
  const y: [number, number] = [Math.min(0, least(values)), Math.max(1, greatest(values))];
  const x: [number, number] = [least(epochs), greatest(epochs)];
  const along = (at: number, [low, high]: [number, number]) => (high > low ? (at - low) / (high - low) : 0.5);
  const place: Place = (epoch, value) => [
    LEFT + INSET + (WIDTH - LEFT - 2 * INSET) * along(epoch, x),
    HEIGHT - BOTTOM - (HEIGHT - BOTTOM - INSET) * along(value, y),
  ];
  return (
    <figure class="trial-curves" data-testid="trial-curves">
      <ul>
        {drawn.map((row) => (
          <li key={row.causes.join()}>
            <Panel row={row} control={control} measure={measure} place={place} x={x} y={y} />
            <span>{row.title}</span>
          </li>
        ))}
      </ul>
      <figcaption>
        {`${measure.charAt(0).toUpperCase()}${measure.slice(1)} over the epochs, on the same axes.`}
        {control.values.length > 0 && " Grey and dashed: the run as it is."}
      </figcaption>
    </figure>
  );
}

interface PanelProps {
  row: TrialRow;
  control: Curve;
  measure: string;
  place: Place;
  x: [number, number];
  y: [number, number];
}

function Panel({ row, control, measure, place, x, y }: PanelProps) {
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={inWords(row, control, measure)}>
      {[...new Set([y[0], (y[0] + y[1]) / 2, y[1]])].map((level) => (
        <g key={level}>
          <line class="grid" x1={LEFT} x2={WIDTH} y1={place(x[0], level)[1]} y2={place(x[0], level)[1]} />
          <text class="level" x={LEFT - 4} y={place(x[0], level)[1] + 4}>
            {tick(Number(level.toPrecision(2)))}
          </text>
        </g>
      ))}
      {[...new Set(x)].map((epoch, i) => (
        <text key={epoch} class={i === 0 ? "first" : "last"} x={i === 0 ? LEFT : WIDTH} y={HEIGHT - 2}>
          {i === 0 ? `epoch ${epoch}` : epoch}
        </text>
      ))}
      <Line curve={control} place={place} kind="control" />
      <Line curve={row.curve} place={place} kind="changed" />
    </svg>
  );
}

/** One curve; a single point is a dot, and what is no number is left out. */
function Line({ curve, place, kind }: { curve: Curve; place: Place; kind: "control" | "changed" }) {
  const points = curve.values.map((value, i) => (value === null ? null : place(curve.epochs[i], value)));
  const known = points.filter((point) => point !== null);
  const path = points.map((point, i) => point && `${points[i - 1] ? "L" : "M"}${point.map((at) => at.toFixed(1)).join(" ")}`);
  return (
    <g class={kind}>
      <path d={path.join("")} />
      {known.length === 1 && <circle cx={known[0][0]} cy={known[0][1]} r={2.5} />}
    </g>
  );
}

function inWords({ title, curve }: TrialRow, control: Curve, measure: string): string {
  const last = (values: Curve["values"]) => values.filter((value) => value !== null).at(-1);
  const from = curve.values.find((value) => value !== null)!;
  const asItIs = last(control.values);
  return [
    `${title}: ${measure} ${number(rounded(from))} at first, ${number(rounded(last(curve.values)!))} after ${count(curve.epochs.at(-1)!, "epoch")}`,
    asItIs === undefined ? "." : `; the run as it is ${number(rounded(asItIs))} after ${count(control.epochs.at(-1)!, "epoch")}.`,
  ].join("");
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;
