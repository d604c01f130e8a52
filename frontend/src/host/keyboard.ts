import { attempt, hostWindow } from "./hostWindow";

/** Who came by a click on TensorBoard's own tab still has the focus there. */
export function onEscape(pressed: () => void, signal: AbortSignal): void {
  const listen = (event: KeyboardEvent) => event.key === "Escape" && pressed();
  document.addEventListener("keydown", listen, { signal });
  attempt(() => hostWindow()?.addEventListener("keydown", listen, { signal }));
}
