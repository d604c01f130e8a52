import { useMemo } from "preact/hooks";
import { epochs } from "../common/format";
import { statusWord } from "../common/StatusMark";
import type { Curve as CurveData, Status, Unit } from "../server/answers";
import { Figure } from "./Figure";
import { describeLines, type Line, type LinePicture, linePlot, tableOfLines } from "./lines";
import { isFraction } from "./scales";
import "./Curve.css";

const HEIGHT = 240;

interface Props {
  curve: CurveData;
  status: Status;
  unit: Unit;
  run: string; // for the names of saved files
}

/** The curve on which the status is based, with the stalled epochs shaded. */
export function Curve({ curve, status, unit, run }: Props) {
  const picture = useMemo(() => pictureOf(curve, status, unit), [curve, status, unit]);
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
        table={() => tableOfLines(picture, "series", curve.name)}
        run={run}
        name={curve.name}
      />
    </figure>
  );
}

function pictureOf(curve: CurveData, status: Status, unit: Unit): LinePicture {
  const values = (list: (number | null)[]) => curve.epochs.map((_, i) => list[i] ?? NaN);
  const lines: Line[] = [{ name: curve.validation ? "training" : "", values: values(curve.values), colour: 0 }];
  if (curve.validation) lines.push({ name: "validation", values: values(curve.validation), colour: 4, dashed: true });
  const shaded = curve.stalled && {
    from: curve.stalled[0],
    to: curve.stalled[1],
    name: `${statusWord(status).toLowerCase()}, ${epochs(curve.stalled[0], curve.stalled[1], unit)}`,
  };
  const share = isFraction(curve.name);
  return { what: curve.label, epochs: curve.epochs, lines, levels: curve.levels, shaded, unit, share, height: HEIGHT };
}
