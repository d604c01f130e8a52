import * as Plot from "@observablehq/plot";
import { LETTER } from "../common/format";
import type { Limit } from "./limits";
import type { Steps } from "./steps";

const SWATCH = 48; // px
const LINE = 18; // px of a line of text
const BAR = 12;

/** The colours of a map and what they stand for; which of them are healthy, and that the others are hatched. */
export function mapLegend(steps: Steps, limit: Limit | null, axis: string, format: (x: number) => string, hatch: string, width: number): Element {
  const { bounds, colours } = steps;
  const at = limit ? bounds.indexOf(limit.value) + 1 : 0;
  const sides = limit?.side ? sidesOf(limit.side) : null;
  const left = sides ? sides.left.length * LETTER + 10 : 0;
  const right = sides ? sides.right.length * LETTER + 10 : 0;
  const swatch = Math.min(SWATCH, width / colours.length);
  // The words beside the limit may need more room than the colours there.
  const marginLeft = Math.min(Math.max(0, left - at * swatch), width * 0.35);
  const marginRight = Math.max(0, right - (colours.length - at) * swatch);
  const whole = Math.min(width, marginLeft + colours.length * swatch + marginRight);
  const marginTop = (axis ? LINE : 0) + (sides ? LINE + 2 : 4);
  const marginBottom = LINE + 4;
  const boxes = colours.map((colour, i) => ({ colour, from: i, to: i + 1 }));
  const beyond = limit?.side ? boxes.filter((box) => (limit.side === "above" ? box.from >= at : box.to <= at)) : [];
  const numbers = bounds.map((bound, i) => ({ bound, at: i + 1 }));
  const box = { x1: "from", x2: "to", y1: 0, y2: 1 };
  const word = { y: 1, dy: -6, lineAnchor: "bottom" as const };
  return Plot.plot({
    width: whole,
    height: marginTop + BAR + marginBottom,
    marginTop,
    marginBottom,
    marginLeft,
    marginRight,
    x: { domain: [0, colours.length], axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      Plot.rect(boxes, { ...box, fill: "colour" }),
      Plot.rect(beyond, { ...box, fill: `url(#${hatch})` }),
      ...[true, false].map((isLimit) =>
        Plot.text(numbers.filter(({ bound }) => (bound === limit?.value) === isLimit), {
          x: "at",
          y: 0,
          dy: 6,
          lineAnchor: "top",
          text: ({ bound }: { bound: number }) => format(bound),
          fontWeight: isLimit ? 600 : undefined,
        }),
      ),
      Plot.text(axis ? [axis] : [], { frameAnchor: "top-left", dx: -marginLeft, dy: -marginTop + 2, textAnchor: "start", lineAnchor: "top", fill: "var(--quiet)" }),
      ...(limit && at > 0 ? [Plot.ruleX([at], { insetTop: -5, insetBottom: -4, stroke: "currentColor", strokeWidth: 2 })] : []),
      ...(sides
        ? [
            Plot.text([sides.left], { ...word, x: at, dx: -6, textAnchor: "end" }),
            Plot.text([sides.right], { ...word, x: at, dx: 6, textAnchor: "start" }),
          ]
        : []),
    ],
  });
}

function sidesOf(unhealthy: "above" | "below") {
  return unhealthy === "above" ? { left: "healthy", right: "too high (hatched)" } : { left: "too low (hatched)", right: "healthy" };
}
