/** The numbers of a picture, and how a spreadsheet reads them. */

export interface Table {
  columns: string[];
  rows: (string | number)[][];
}

/** RFC 4180. A value that was not measured is an empty cell. */
export function csv({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

function cell(value: string | number): string {
  const text = typeof value === "number" ? digits(value) : harmless(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** The fewest digits that give the same number again: 0.1, not the 0.10000000149011612 that a float32 makes of it. */
function digits(x: number): string {
  if (Number.isNaN(x)) return "";
  if (Number.isFinite(x) && Math.fround(x) === x) {
    for (let n = 1; n <= 9; n++) if (Math.fround(Number(x.toPrecision(n))) === x) return String(Number(x.toPrecision(n)));
  }
  return String(x);
}

// A layer may be named like a formula, and a spreadsheet would run it.
const harmless = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
