/** Puts a text on the clipboard. Raises where the browser does not allow it. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyFromTextarea(text); // TensorBoard is often plain http on another machine, where browsers have no navigator.clipboard
  }
}

function copyFromTextarea(text: string): void {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "unseen";
  area.readOnly = true; // no keyboard comes up on a phone
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand?.("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  if (!done) throw new Error("The browser does not let this page copy.");
}
