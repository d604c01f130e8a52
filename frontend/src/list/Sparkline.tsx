import "./Sparkline.css";

const WIDTH = 48;
const HEIGHT = 18;
const INSET = 2;

/**
 * The judged curve, as small as a word. The text beside it says the same. A loss has its place between 0 and that of the
 * best constant answer, so that one that stands there looks like it.
 */
export function Sparkline({ values, constant }: { values: (number | null)[]; constant: number | null }) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const isLoss = constant !== null && constant > 0;
  const low = isLoss ? Math.min(...known, 0) : Math.min(...known);
  // Small changes of a flat curve must not fill the height. Fractions have a fixed smallest range.
  const range = isLoss ? constant - low : Math.max(Math.max(...known) - low, known.every((value) => value >= 0 && value <= 1) ? 0.25 : 1e-9);
  const x = (i: number) => INSET + ((WIDTH - 2 * INSET) * i) / (values.length - 1);
  const y = (value: number) => HEIGHT - INSET - ((HEIGHT - 2 * INSET) * Math.min(value - low, isLoss ? range : Infinity)) / range;
  let path = "";
  let drawing = false;
  values.forEach((value, i) => {
    if (value !== null) path += `${drawing ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    drawing = value !== null;
  });
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
