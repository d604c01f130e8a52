import { useEffect, useMemo, useState } from "preact/hooks";
import { NOTHING, type Screen } from "./screen";
import { Store } from "./Store";

/** What the page shows, and what the user can do. */
export function useScreen() {
  const [screen, setScreen] = useState<Screen>(NOTHING);
  const store = useMemo(() => new Store(setScreen), []);
  useEffect(() => store.start(), [store]);
  return { screen, select: store.select, showNames: store.showNames, ask: store.ask };
}
