import { isEmbedded } from "../server/embedded";
import { hostWindow } from "./hostWindow";

/** Keeps `html.dark` in step with TensorBoard's own switch; an exported file follows the reader's system. */
export function followTheme(): void {
  if (isEmbedded()) return followSystem();
  const body = hostWindow()?.document.body;
  if (!body) return;
  const apply = () => document.documentElement.classList.toggle("dark", body.classList.contains("dark-mode"));
  new MutationObserver(apply).observe(body, { attributes: true, attributeFilter: ["class"] });
  apply();
}

function followSystem(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", apply);
  apply();
}
