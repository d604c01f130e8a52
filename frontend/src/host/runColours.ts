import { attempt, hostWindow } from "./hostWindow";

const PARTS = ["", "/diagnosis", "/train", "/validation"]; // folders of a run that TensorBoard lists

type ColourScale = HTMLElement & { runsColorScale?: (run: string) => string };

/** The colours that TensorBoard's own charts give to these runs; null where it does not tell, or gives two the same. */
export function coloursOf(runs: string[]): string[] | null {
  const scale: ColourScale | undefined = attempt(() => hostWindow()?.document.createElement("tf-color-scale"));
  const found = runs.map((run) => {
    const names = PARTS.map((part) => (run === "." && part ? part.slice(1) : run + part));
    return names.map((name) => attempt(() => scale?.runsColorScale?.(name))).find(Boolean); // it raises at a name that it does not know
  });
  const known = found.filter((colour) => colour !== undefined);
  return new Set(known).size === runs.length ? known : null;
}
