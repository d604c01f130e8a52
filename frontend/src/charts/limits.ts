import type { Picture } from "../types";
import type { Grid } from "./EvidenceStore";

/** On which side of its limit a finding's numbers are. The other one is healthy. */
export type Side = "above" | "below";

export interface Limit {
  name: string;
  value: number;
  side: Side | null; // null: the numbers do not tell
}

export function limitOf(picture: Picture, grid: Grid, names: string[]): Limit | null {
  const { limit, limit_name: name } = picture;
  if (limit === null || !Number.isFinite(limit)) return null;
  return { name: name ?? "healthy limit", value: limit, side: sideOf(picture, limit, grid, names) };
}

/**
 * A finding says where its limit is, not which side is healthy. But it names the layers that go beyond it, and the first
 * epoch in which they do. So that epoch tells: not the later ones, in which a training that blew up stands still.
 */
function sideOf({ layers, since }: Picture, limit: number, grid: Grid, names: string[]): Side | null {
  const named = names.flatMap((name, i) => (layers.includes(name) ? [i] : []));
  if (named.length === 0 && since === null) return null;
  const columns = named.length > 0 ? named : [...names.keys()];
  const epochs = grid.epochs.map((epoch, i) => ({ epoch, sides: columns.map((column) => sideOfValue(grid.rows[i][column], limit)) }));
  const bad = epochs.filter(({ epoch, sides }) => (since === null || epoch >= since) && sides.some(Boolean));
  if (bad.length === 0) return null;
  if (since !== null) {
    const before = epochs.filter(({ epoch, sides }) => epoch < since && sides.some(Boolean)).pop();
    const crossed = before ? bad[0].sides.filter((side, i) => before.sides[i] && side !== before.sides[i]) : [];
    const at = most(crossed, 1) ?? most(bad[0].sides, 1);
    if (at) return at;
  }
  return most(bad.flatMap(({ sides }) => sides), 2 / 3);
}

function sideOfValue(value: number, limit: number): Side | null {
  return isBeyond(value, limit, "above") ? "above" : isBeyond(value, limit, "below") ? "below" : null;
}

/** The side that at least such a share of them is on. */
function most(sides: (Side | null)[], share: number): Side | null {
  const above = sides.filter((side) => side === "above").length;
  const below = sides.filter((side) => side === "below").length;
  if (above === below) return null;
  return Math.max(above, below) >= share * (above + below) ? (above > below ? "above" : "below") : null;
}

/** The limit itself is healthy, also where a float32 made 0.10000000149 of 0.1. */
export const isBeyond = (value: number, limit: number, side: Side) =>
  side === "above" ? value > limit + slack(limit) : value < limit - slack(limit);

export const slack = (limit: number) => Math.max(Math.abs(limit), 1e-12) * 1e-6;

/** "Healthy: at most 50 %." */
export function inWords({ name, value, side }: Limit, format: (x: number) => string): string {
  if (side === null) return `${name.replace(/^./, (letter) => letter.toUpperCase())} ${format(value)}.`;
  const healthy = `${side === "above" ? "at most" : "at least"} ${format(value)}`;
  return /healthy/i.test(name) ? `Healthy: ${healthy}.` : `Healthy: ${healthy}, the ${name}.`;
}
