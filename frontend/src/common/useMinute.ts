import { useEffect, useState } from "preact/hooks";

const MINUTE_MS = 60_000;

/** Draws the component again every minute, so that ages stay right. */
export function useMinute(): void {
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => draw((count) => count + 1), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
}
