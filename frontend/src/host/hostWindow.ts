/**
 * TensorBoard around us: its reload messages, its dark mode, its address. The tab lives in an iframe of the same
 * origin. Everything in this folder may fail in a host that we do not know, and then the tab works without it.
 */

import { isEmbedded } from "../server/embedded";

/** The window around the iframe; null when there is none or it is not ours to touch. An exported file has none. */
export function hostWindow(): Window | null {
  if (isEmbedded()) return null;
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null;
  }
}

/** What the action gives; undefined where the host does not let us. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
