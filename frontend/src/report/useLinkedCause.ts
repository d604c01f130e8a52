import { useLayoutEffect, useState } from "preact/hooks";
import { readLinkedCause } from "../host/address";

/** The cause that the address pointed at when the report was opened; it is brought into view once. */
export function useLinkedCause(): string | null {
  const [linked] = useState(readLinkedCause);
  useLayoutEffect(() => {
    if (!linked) return;
    const elements = [...document.querySelectorAll<HTMLElement>("main [data-cause]")];
    elements.find(({ dataset }) => dataset.cause === linked)?.scrollIntoView?.({ block: "start" });
  }, [linked]);
  return linked;
}
