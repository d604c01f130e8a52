/** TensorBoard's smoothing: a running mean without the bias towards 0 at its beginning. What was not measured stays so. */
export function smoothed(values: number[], weight: number): number[] {
  let sum = 0;
  let known = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = sum * weight + (1 - weight) * value;
    known += 1;
    return sum / (1 - weight ** known);
  });
}
