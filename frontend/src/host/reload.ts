import { attempt, hostWindow } from "./hostWindow";

/** Calls back whenever TensorBoard has read new data: the reload button, auto reload. */
export function onReload(reload: () => void, signal: AbortSignal): void {
  if (!hostWindow()) return;
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
