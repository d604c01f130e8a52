import type { ComponentChildren } from "preact";
import { isEmbedded } from "../server/embedded";
import { clock } from "./format";
import { Prose } from "./Prose";
import "./Message.css";

const THREE_LINES = `import tb_diagnose
model.fit(x, y, epochs=10,
          callbacks=[tb_diagnose.KerasCallback("logs/run1", (x, y))])`;

export function Message({ children }: { children: ComponentChildren }) {
  return (
    <p class="message" role="status" data-testid="message">
      {children}
    </p>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      {what}…
    </p>
  );
}

export function ServerGone({ readAt }: { readAt: Date | null }) {
  return (
    <Message>
      {readAt
        ? `TensorBoard does not answer. You see what was read at ${clock(readAt)}; it continues by itself when TensorBoard is back.`
        : "TensorBoard does not answer. This page continues by itself when TensorBoard is back."}
    </Message>
  );
}

/** Says why there are no runs, and how to get one. */
export function Empty({ message, isGone }: { message: string | null; isGone: boolean }) {
  return (
    <main class="empty">
      {isGone && <ServerGone readAt={null} />}
      <h1>Nothing to diagnose yet</h1>
      <p data-testid="message">
        <Prose text={message ?? "No runs were found in the log directory."} />
      </p>
      {!isEmbedded() && <HowToLog />}
    </main>
  );
}

function HowToLog() {
  return (
    <>
      <p>Add one callback to <code>fit</code>, and the diagnosis of the run appears here:</p>
      <pre>
        <code>{THREE_LINES}</code>
      </pre>
      <p class="quiet">
        Then press TensorBoard's reload button. Logs written by <code>keras.callbacks.TensorBoard</code> are diagnosed
        too, as far as they go.
      </p>
    </>
  );
}
