import { messageOf } from "../common/format";
import { Gone } from "./api";

/** What the server answered: what was asked for, or a sentence why there is none. */
export type Answered<T> = { kind: "read"; value: T } | { kind: "refused"; sentence: string };

/** The outcome of a reading. Gone: the server does not answer. */
export type Outcome<T> = Answered<T> | { kind: "gone"; sentence: string };

/** Asks the server; stops when the signal is aborted. */
export type Ask<T> = (signal: AbortSignal) => Promise<T>;

/** Reads one thing at a time. A new reading aborts the one before, so an older outcome never arrives after a newer one. */
export class Reader {
  private current: AbortController | undefined;

  get isReading(): boolean {
    return this.current !== undefined;
  }

  read<T>(ask: Ask<T>, receive: (outcome: Outcome<T>) => void): void {
    this.stop();
    const current = new AbortController();
    this.current = current;
    const arrive = (outcome: Outcome<T>) => {
      if (current.signal.aborted) return;
      this.current = undefined;
      receive(outcome);
    };
    ask(current.signal).then(
      (value) => arrive({ kind: "read", value }),
      (error) => arrive({ kind: error instanceof Gone ? "gone" : "refused", sentence: messageOf(error) }),
    );
  }

  stop(): void {
    this.current?.abort();
    this.current = undefined;
  }
}
