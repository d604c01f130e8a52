/** How the reader wants the curve drawn; the browser remembers it. */

import { useState } from "preact/hooks";
import { remember, remembered } from "../host/remembered";
import type { AxisAs } from "./lines";

export interface CurveSettings {
  axis: AxisAs;
  smoothing: number; // 0: none
}

export const MOST_SMOOTHING = 0.99;
const AXES: AxisAs[] = ["fitted", "whole", "log"];

/** Shares and other numbers have axes of their own: who wants losses on a log scale does not want accuracies so. */
export function useCurveSettings(kind: "share" | "number"): [CurveSettings, (changed: Partial<CurveSettings>) => void] {
  const [settings, setSettings] = useState(() => read(kind));
  const change = (changed: Partial<CurveSettings>) => {
    setSettings({ ...settings, ...changed });
    if (changed.axis !== undefined) remember(`axis.${kind}`, changed.axis);
    if (changed.smoothing !== undefined) remember("smoothing", changed.smoothing);
  };
  return [settings, change];
}

/** What is stored may be of another version, or of somebody else. */
function read(kind: string): CurveSettings {
  const [axis, smoothing] = [remembered(`axis.${kind}`), remembered("smoothing")];
  return {
    axis: AXES.find((known) => known === axis) ?? "fitted",
    smoothing: typeof smoothing === "number" && smoothing >= 0 && smoothing <= MOST_SMOOTHING ? smoothing : 0,
  };
}
