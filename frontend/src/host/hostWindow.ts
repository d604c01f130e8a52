/**
 * TensorBoard around us: its reload messages, its dark mode, its address. The tab lives in an iframe of the same
 * origin. Everything in this folder may fail in a host that we do not know, and then the tab works without it.
 */

import { isEmbedded } from "../server/embedded";

/** The window around the iframe; null where there is none, or where we may not access it. An exported file has none. */
export function hostWindow(): Window | null {
  if (isEmbedded()) return null;
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null;
  }
}

/** The result of the action; undefined where the host does not allow it. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
