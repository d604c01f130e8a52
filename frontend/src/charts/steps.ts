import type { Limit } from "./limits";
import { greatest, least, powers, scaleFor, thinned } from "./scales";

// Cividis: from dark to bright, also for those who see no red or no green.
const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];
const FIFTHS = [1, 2, 3, 4];
const NEAR = 0.4; // of a step: so near to the limit there is no other bound

/** Steps of colour, so that a cell can be looked up in the legend. There is one more colour than bounds. */
export interface Steps {
  bounds: number[];
  colours: string[];
}

/** The limit is one of the bounds: no colour is healthy and unhealthy at once. */
export function stepsFor(values: number[], limit: Limit | null, share: boolean): Steps {
  const { even, place } = evenSteps(values, share);
  const width = even.length > 1 ? place(even[1]) - place(even[0]) : Infinity;
  const bounds = limit
    ? [...even.filter((bound) => Math.abs(place(bound) - place(limit.value)) >= NEAR * width && bound !== limit.value), limit.value]
    : even;
  bounds.sort((a, b) => a - b);
  const colours = Array.from({ length: bounds.length + 1 }, (_, i) => CIVIDIS[Math.round((i / bounds.length) * (CIVIDIS.length - 1))]);
  return { bounds, colours: bounds.length > 0 ? colours : [CIVIDIS[0]] };
}

function evenSteps(values: number[], share: boolean): { even: number[]; place: (x: number) => number } {
  const scale = scaleFor(values, share);
  if (scale.type === "log") {
    const positive = values.filter((x) => x > 0 && Number.isFinite(x));
    return { even: thinned(powers(least(positive), greatest(positive)), 6), place: (x) => (x > 0 ? Math.log10(x) : -Infinity) };
  }
  const [low, high] = scale.domain;
  return { even: FIFTHS.map((k) => low + ((high - low) * k) / 5), place: (x) => x };
}
