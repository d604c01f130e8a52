/** Whether the tab can be seen. TensorBoard gives the iframe of a tab in the background no height. */
export const isVisible = () => document.visibilityState === "visible" && window.innerHeight > 0;

export function onVisible(shown: () => void, signal: AbortSignal): void {
  let before = isVisible();
  const update = () => {
    const now = isVisible();
    if (now && !before) shown();
    before = now;
  };
  document.addEventListener("visibilitychange", update, { signal });
  window.addEventListener("resize", update, { signal });
}
