import { useEffect, useState } from "preact/hooks";

const MINUTE_MS = 60_000;

/** Draws again each minute: what was "now" grows old. */
export function useMinute(): void {
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => draw((count) => count + 1), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
}
