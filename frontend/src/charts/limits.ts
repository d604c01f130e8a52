import type { Picture } from "../server/answers";

/** The side of its limit that is not healthy. */
export type Side = NonNullable<Picture["beyond"]>;

export interface Limit {
  name: string;
  value: number;
  side: Side | null; // null: it is no limit of health
}

export function limitOf({ limit, limit_name: name, beyond }: Picture): Limit | null {
  if (limit === null || !Number.isFinite(limit)) return null;
  return { name: name ?? "healthy limit", value: limit, side: beyond };
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
