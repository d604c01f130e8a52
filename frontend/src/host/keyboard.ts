import { attempt, hostWindow } from "./hostWindow";

/** Listens to TensorBoard's page too: after a click on its tab bar, the focus is still there. */
export function onEscape(pressed: () => void, signal: AbortSignal): void {
  const listen = (event: KeyboardEvent) => event.key === "Escape" && pressed();
  document.addEventListener("keydown", listen, { signal });
  attempt(() => hostWindow()?.addEventListener("keydown", listen, { signal }));
}
