import type { ComponentChildren } from "preact";
import { type CurveSettings, MOST_SMOOTHING } from "./curveSettings";
import type { AxisAs } from "./lines";
import "./CurveTools.css";

interface Props {
  settings: CurveSettings;
  change: (changed: Partial<CurveSettings>) => void;
  isShare: boolean;
  isZoomed: boolean;
  showAll: () => void;
  children?: ComponentChildren;
}

/** How the curve is drawn: its axis, its smoothing, and the way back to all epochs. */
export function CurveTools({ settings, change, isShare, isZoomed, showAll, children }: Props) {
  const axes: [AxisAs, string][] = [
    ["fitted", "fitted"],
    ["whole", isShare ? "0 to 1" : "from 0"],
    ["log", "log"],
  ];
  return (
    <div class="tools">
      {children}
      <label>
        Axis
        <select value={settings.axis} onChange={(event) => change({ axis: event.currentTarget.value as AxisAs })}>
          {axes.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <label>
        Smoothing
        <input
          type="range"
          min="0"
          max={MOST_SMOOTHING}
          step="0.01"
          value={settings.smoothing}
          onInput={(event) => change({ smoothing: Number(event.currentTarget.value) })}
        />
        <output>{settings.smoothing.toFixed(2)}</output>
      </label>
      <span class="hint">Drag to see fewer epochs. By key: arrows, + and −, 0.</span>
      {isZoomed && (
        <button type="button" class="plain" onClick={showAll}>
          All epochs
        </button>
      )}
    </div>
  );
}
