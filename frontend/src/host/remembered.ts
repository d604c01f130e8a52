import { attempt } from "./hostWindow";

const PREFIX = "tb_diagnose.";

/** What the reader chose last in this browser; undefined where nothing is kept, or the browser keeps nothing. */
export function remembered(name: string): unknown {
  return attempt(() => JSON.parse(localStorage.getItem(PREFIX + name) ?? "null") ?? undefined);
}

export const remember = (name: string, value: unknown) => attempt(() => localStorage.setItem(PREFIX + name, JSON.stringify(value)));
