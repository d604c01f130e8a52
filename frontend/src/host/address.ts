import { attempt, hostWindow } from "./hostWindow";

const plugin = new URLSearchParams(location.search).get("name") ?? "diagnosis"; // plugin_entry.html?name=diagnosis
const RUN_KEY = `p.${plugin}.run`;
const FORMER_RUN_KEY = `p.${plugin}.training`; // links of version 1
const LIST_KEY = `p.${plugin}.list`; // how the list is filtered
const CAUSE_KEY = `p.${plugin}.cause`;

// TensorBoard 2.21 answers experimental.GetURLPluginData with {} on a fresh link, so the address is read directly:
// #diagnosis&p.diagnosis.run=run1&p.diagnosis.cause=dead_relu

const linked = (key: string) => attempt(() => new URLSearchParams((hostWindow() ?? window).location.hash.slice(1)).get(key)) ?? null;

export const readLinkedRun = () => linked(RUN_KEY) ?? linked(FORMER_RUN_KEY);

export const readLinkedCause = () => linked(CAUSE_KEY);

export const readLinkedList = () => linked(LIST_KEY);

/** The address keeps the filter of the list: it is there again after a reload, and for whom it is sent to. */
export const writeLinkedList = (filter: string) => write(LIST_KEY, filter, true);

/** The address of a run's report, for a link that is opened in another window. */
export function addressOf(run: string): string {
  const here = attempt(() => (hostWindow() ?? window).location.href.split("#")[0]) ?? "";
  return `${here}#${plugin}&${RUN_KEY}=${encodeURIComponent(run)}`;
}

/** A plain click stays on the page; with a key, or another button, the browser does what it does with a link. */
export function follow(event: MouseEvent, go: () => void): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go();
}

interface Storage {
  setString: (key: string, value: string, options: { defaultValue: string; useLocationReplace: boolean }) => void;
}

function write(key: string, value: string, replace: boolean): void {
  attempt(() => {
    const { tensorboard } = hostWindow() as unknown as { tensorboard: { tf_storage: Storage } };
    tensorboard.tf_storage.setString(key, value, { defaultValue: "", useLocationReplace: replace });
  });
}

/** The address of another run is a new page: the browser's back button returns. Stepping through the list with the arrow keys is not. */
export function writeLinkedRun(run: string, walking = false): void {
  write(CAUSE_KEY, "", true);
  write(RUN_KEY, run, walking);
  if (linked(FORMER_RUN_KEY) !== null) write(FORMER_RUN_KEY, "", true);
}

export const writeLinkedCause = (cause: string) => write(CAUSE_KEY, cause, true);

export function onLinkedRun(changed: (run: string | null) => void, signal: AbortSignal): void {
  const read = () => changed(readLinkedRun());
  attempt(() => hostWindow()?.addEventListener("hashchange", read, { signal }));
  attempt(() => hostWindow()?.addEventListener("popstate", read, { signal }));
}
