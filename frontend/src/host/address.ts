import { attempt, hostWindow } from "./hostWindow";

const plugin = new URLSearchParams(location.search).get("name") ?? "diagnosis"; // plugin_entry.html?name=diagnosis
const TRAINING_KEY = `p.${plugin}.training`;
const CAUSE_KEY = `p.${plugin}.cause`;

// TensorBoard 2.21 answers experimental.GetURLPluginData with {} on a fresh link, so the address is read directly:
// #diagnosis&p.diagnosis.training=run1&p.diagnosis.cause=dead_relu

const linked = (key: string) => attempt(() => new URLSearchParams((hostWindow() ?? window).location.hash.slice(1)).get(key)) ?? null;

export const readLinkedTraining = () => linked(TRAINING_KEY);

export const readLinkedCause = () => linked(CAUSE_KEY);

function write(key: string, value: string, replace: boolean): void {
  attempt(() => {
    const { tensorboard } = hostWindow() as unknown as { tensorboard: { tf_storage: { setString: Function } } };
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
  attempt(() => hostWindow()?.addEventListener("hashchange", read, { signal }));
  attempt(() => hostWindow()?.addEventListener("popstate", read, { signal }));
}
