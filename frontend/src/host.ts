/**
 * TensorBoard around us: its reload messages, its dark mode, its URL. The tab lives in an iframe of the same
 * origin. Everything here may fail in a host that we do not know, and then the tab works without it.
 */

import { isEmbedded } from "./embedded";

const plugin = new URLSearchParams(location.search).get("name") ?? "diagnosis"; // plugin_entry.html?name=diagnosis
const TRAINING_KEY = `p.${plugin}.training`;
const CAUSE_KEY = `p.${plugin}.cause`;

/** The window around the iframe; null when there is none or it is not ours to touch. An exported file has none. */
function host(): Window | null {
  if (isEmbedded()) return null;
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null;
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Calls back whenever TensorBoard has read new data: the reload button, auto reload. */
export function onReload(reload: () => void, signal: AbortSignal): void {
  if (!host()) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    const message = attempt(() => JSON.parse(data));
    if (!message || message.isReply) return;
    // TensorBoard waits for a reply to each message.
    port1.postMessage(JSON.stringify({ type: message.type, id: message.id, payload: null, error: null, isReply: true }));
    if (message.type === "experimental.DataReloaded") reload();
  };
  signal.addEventListener("abort", () => port1.close());
  window.parent.postMessage("experimental.bootstrap", "*", [port2]);
}

/** Keeps `html.dark` in step with TensorBoard's own switch; an exported file follows the reader's system. */
export function followTheme(): void {
  if (isEmbedded()) return followSystem();
  const body = host()?.document.body;
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

/** Whether somebody can see the tab: TensorBoard gives the iframe of a tab that is not in front zero height. */
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

// TensorBoard 2.21 answers experimental.GetURLPluginData with {} on a fresh link, so the address is read directly:
// #diagnosis&p.diagnosis.training=run1&p.diagnosis.cause=dead_relu

const linked = (key: string) => attempt(() => new URLSearchParams((host() ?? window).location.hash.slice(1)).get(key)) ?? null;

export const readLinkedTraining = () => linked(TRAINING_KEY);

export const readLinkedCause = () => linked(CAUSE_KEY);

function write(key: string, value: string, replace: boolean): void {
  attempt(() => {
    const { tensorboard } = host() as unknown as { tensorboard: { tf_storage: { setString: Function } } };
    tensorboard.tf_storage.setString(key, value, { defaultValue: "", useLocationReplace: replace });
  });
}

/** The address of another training is a new page: the browser's back button returns. Walking through a list is not. */
export function writeLinkedTraining(training: string, walking = false): void {
  write(CAUSE_KEY, "", true);
  write(TRAINING_KEY, training, walking);
}

export const writeLinkedCause = (cause: string) => write(CAUSE_KEY, cause, true);

export function onLinkedTraining(changed: (training: string | null) => void, signal: AbortSignal): void {
  const read = () => changed(readLinkedTraining());
  attempt(() => host()?.addEventListener("hashchange", read, { signal }));
  attempt(() => host()?.addEventListener("popstate", read, { signal }));
}

/** Who came by a click on TensorBoard's own tab still has the focus there. */
export function onEscape(pressed: () => void, signal: AbortSignal): void {
  const listen = (event: KeyboardEvent) => event.key === "Escape" && pressed();
  document.addEventListener("keydown", listen, { signal });
  attempt(() => host()?.addEventListener("keydown", listen, { signal }));
}
