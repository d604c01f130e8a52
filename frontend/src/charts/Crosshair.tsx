import { useRef, useState } from "preact/hooks";
import { exact } from "../common/format";
import { type LinePicture, pointsOf, type PlotElement, strokeOf } from "./lines";
import "./Crosshair.css";

const DRAGGED = 8; // px from which a movement is no click
const PAGE = 10; // epochs
const ZOOM = 2;
const SHORTEST = 2; // epochs in the window at least

export type Window = [number, number];

interface Props {
  plot: PlotElement | null; // where its scales put an epoch
  picture: LinePicture;
  zoom: (window: Window | null) => void;
}

/**
 * Over a chart: all values at the epoch under the pointer, or at the one that the arrow keys lead to. Dragging, and the
 * keys + and -, choose the epochs that are shown; a double click, and 0, show all again.
 */
export function Crosshair({ plot, picture, zoom }: Props) {
  const [at, setAt] = useState<number | null>(null); // epoch
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null); // px in the frame
  const area = useRef<HTMLDivElement>(null);
  const scale = plot?.scale("x");
  const { epochs, unit = "epoch", range } = picture;
  const shown = range ? epochs.filter((epoch) => epoch >= range[0] && epoch <= range[1]) : epochs;
  if (!scale?.apply || !scale.invert || !scale.range || shown.length === 0) return null;
  const [left, right] = [...scale.range] as Window;
  const [bottom, top] = [...(plot!.scale("y")?.range ?? [0, 0])] as Window;
  const nearest = (px: number) => closest(shown, scale.invert!(left + px));
  const place = (event: PointerEvent) => event.clientX - area.current!.getBoundingClientRect().left;

  const show = (from: number, to: number) => {
    const [one, other] = [Math.min(from, to), Math.max(from, to)];
    const inside = epochs.filter((epoch) => epoch >= one && epoch <= other);
    if (inside.length >= SHORTEST) zoom([inside[0], inside[inside.length - 1]]);
  };
  const drop = () => {
    if (drag && Math.abs(drag.to - drag.from) >= DRAGGED) show(nearest(drag.from), nearest(drag.to));
    setDrag(null);
  };
  const zoomAround = (factor: number) => {
    const here = shown.indexOf(at ?? shown[shown.length - 1]);
    const size = Math.max(SHORTEST, Math.round(shown.length * factor));
    if (size >= epochs.length) return zoom(null);
    const whole = epochs.indexOf(shown[Math.max(here, 0)]);
    const first = Math.min(Math.max(whole - Math.floor(size / 2), 0), epochs.length - size);
    zoom([epochs[first], epochs[first + size - 1]]);
  };
  const press = (event: KeyboardEvent) => {
    const here = at === null ? shown.length - 1 : shown.indexOf(closest(shown, at));
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: shown.length - 1, PageUp: here - PAGE, PageDown: here + PAGE }[event.key];
    if (to !== undefined) setAt(shown[Math.min(Math.max(to, 0), shown.length - 1)]);
    else if (event.key === "+") zoomAround(1 / ZOOM);
    else if (event.key === "-") zoomAround(ZOOM);
    else if (event.key === "0") zoom(null);
    else return;
    event.preventDefault();
  };

  const now = at === null ? null : closest(shown, at);
  const rows = valuesAt(picture, now ?? shown[shown.length - 1]);
  const x = now === null ? 0 : scale.apply(now) - left;
  return (
    <div
      ref={area}
      class="crosshair"
      style={{ left: `${left}px`, width: `${right - left}px`, top: `${top}px`, height: `${bottom - top}px` }}
      role="slider"
      tabIndex={0}
      aria-label={`${picture.what}, values at each ${unit}`}
      aria-valuemin={shown[0]}
      aria-valuemax={shown[shown.length - 1]}
      aria-valuenow={now ?? shown[shown.length - 1]}
      aria-valuetext={inWords(unit, now ?? shown[shown.length - 1], rows)}
      onFocus={() => setAt(now ?? shown[shown.length - 1])}
      onBlur={() => setAt(null)}
      onKeyDown={press}
      onPointerMove={(event) => {
        const px = place(event);
        setAt(nearest(px));
        if (drag) setDrag({ ...drag, to: px });
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        area.current!.setPointerCapture?.(event.pointerId);
        setDrag({ from: place(event), to: place(event) });
      }}
      onPointerUp={drop}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => document.activeElement !== area.current && setAt(null)}
      onDblClick={() => zoom(null)}
    >
      {drag && Math.abs(drag.to - drag.from) >= DRAGGED && (
        <div class="dragged" style={{ left: `${Math.min(drag.from, drag.to)}px`, width: `${Math.abs(drag.to - drag.from)}px` }} />
      )}
      {now !== null && (
        <div aria-hidden="true">
          <div class="hair" style={{ left: `${x}px` }} />
          <div class={x > (right - left) / 2 ? "readout before" : "readout"} style={{ left: `${x}px` }}>
            <b>{`${unit} ${now}`}</b>
            {rows.map(({ name, value, smooth, stroke, dashed }) => (
              <div key={name}>
                <i class={dashed ? "dashed" : undefined} style={{ borderColor: stroke }} />
                <span>{name}</span>
                <span class="value">{value + (smooth === null ? "" : ` (${smooth})`)}</span>
              </div>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

interface Row {
  name: string;
  value: string;
  smooth: string | null; // the smoothed value
  stroke: string;
  dashed: boolean;
}

/** What is drawn at an epoch, one row a line; a smoothed line is in the row of what it smooths. */
export function valuesAt(picture: LinePicture, epoch: number): Row[] {
  const at = (line: LinePicture["lines"][number]) => {
    const points = pointsOf(line, picture.epochs);
    // Other runs may have been logged at other steps: the nearest one, unless it is farther than theirs are apart.
    const point = points.find((one) => one.epoch === epoch) ?? (picture.unit === "step" ? points.reduce((a, b) => (Math.abs(b.epoch - epoch) < Math.abs(a.epoch - epoch) ? b : a)) : undefined);
    return point === undefined || Number.isNaN(point.value) ? null : exact(point.value);
  };
  const faint = picture.lines.filter((line) => line.faint);
  return picture.lines
    .filter((line) => !line.faint)
    .map((line) => {
      const raw = faint.find((other) => other.name === line.name);
      return {
        name: line.name || picture.what,
        value: at(raw ?? line) ?? "–",
        smooth: raw ? at(line) : null,
        stroke: line.stroke ?? strokeOf(line.colour),
        dashed: line.dashed ?? false,
      };
    });
}

const inWords = (unit: string, epoch: number, rows: Row[]) =>
  [`${unit} ${epoch}`, ...rows.map(({ name, value, smooth }) => `${name} ${value}${smooth === null ? "" : `, smoothed ${smooth}`}`)].join(", ");

const closest = (epochs: number[], to: number) => epochs.reduce((a, b) => (Math.abs(b - to) < Math.abs(a - to) ? b : a));
