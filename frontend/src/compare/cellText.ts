import { number } from "../common/format";

/** A setting or a number in a cell of a table. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : number(value); // a seed has many digits
  return typeof value === "string" ? value : JSON.stringify(value);
}
