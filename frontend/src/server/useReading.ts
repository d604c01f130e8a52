import { useEffect, useState } from "preact/hooks";
import { type Ask, Reader } from "./reading";

export interface Reading<T> {
  value: T | null; // what was read last
  trouble: string | null; // why the newest reading gave nothing
}

/**
 * What the server answers, for one component. It is read when `ask` is another function (null: nothing is asked) and when
 * `version` changes; the earlier answer stays until the new one is there.
 */
export function useReading<T>(ask: Ask<T> | null, version?: string | number): Reading<T> {
  const [reading, setReading] = useState<Reading<T>>({ value: null, trouble: null });
  useEffect(() => {
    if (!ask) return;
    const reader = new Reader();
    reader.read(ask, (outcome) =>
      setReading((before) =>
        outcome.kind === "read" ? { value: outcome.value, trouble: null } : { value: before.value, trouble: outcome.sentence },
      ),
    );
    return () => reader.stop();
  }, [ask, version]);
  return reading;
}
