// @vitest-environment node
import { describe, expect, test, vi } from "vitest";
import { Gone, Refused } from "../../src/server/api";
import { type Outcome, Reader } from "../../src/server/reading";

const settled = () => new Promise((done) => setTimeout(done));

describe("a reader", () => {
  test.each([
    ["an answer", async () => 5, { kind: "read", value: 5 }],
    ["a refusal", async () => Promise.reject(new Refused("No.")), { kind: "refused", sentence: "No." }],
    ["a server that is gone", async () => Promise.reject(new Gone("Nobody.")), { kind: "gone", sentence: "Nobody." }],
  ])("tells of %s", async (_, ask, expected) => {
    const receive = vi.fn();
    new Reader().read<number>(ask, receive);
    await settled();
    expect(receive.mock.calls).toEqual([[expected]]);
  });

  test("never tells of an older reading, however late it ends, and stops it", async () => {
    const reader = new Reader();
    const outcomes: Outcome<string>[] = [];
    let finishFirst!: (value: string) => void;
    let firstSignal!: AbortSignal;
    reader.read<string>(
      (signal) => {
        firstSignal = signal;
        return new Promise((done) => (finishFirst = done));
      },
      (outcome) => outcomes.push(outcome),
    );
    reader.read<string>(async () => "second", (outcome) => outcomes.push(outcome));
    finishFirst("first");
    await settled();
    expect(firstSignal.aborted).toBe(true);
    expect(outcomes).toEqual([{ kind: "read", value: "second" }]);
    expect(reader.isReading).toBe(false);
  });

  test("that is stopped tells nothing", async () => {
    const reader = new Reader();
    const receive = vi.fn();
    reader.read(async () => 1, receive);
    reader.stop();
    await settled();
    expect(receive).not.toHaveBeenCalled();
  });
});
