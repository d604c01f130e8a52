import { expect, test, vi } from "vitest";
import { readLinkedRun, writeLinkedCause, writeLinkedRun } from "../../src/host/address";
import { onReload } from "../../src/host/reload";
import { followTheme } from "../../src/host/theme";
import { isVisible, onVisible } from "../../src/host/visibility";

/** A window around ours, as TensorBoard's page is. */
function hosted() {
  const posted: { message: string; port: MessagePort }[] = [];
  const page = document.implementation.createHTMLDocument();
  const written: unknown[][] = [];
  const parent = {
    document: page,
    location: { hash: "" },
    addEventListener: vi.fn(),
    postMessage: (message: string, _target: string, [port]: MessagePort[]) => posted.push({ message, port }),
    tensorboard: { tf_storage: { setString: (...args: unknown[]) => written.push(args) } },
  };
  vi.spyOn(window, "parent", "get").mockReturnValue(parent as unknown as Window);
  return { parent, page, posted, written };
}

test("the theme follows the host's switch", async () => {
  const { page } = hosted();
  followTheme();
  expect(document.documentElement.classList.contains("dark")).toBe(false);
  page.body.classList.add("dark-mode");
  await vi.waitFor(() => expect(document.documentElement.classList.contains("dark")).toBe(true));
  page.body.classList.remove("dark-mode");
  await vi.waitFor(() => expect(document.documentElement.classList.contains("dark")).toBe(false));
});

test("a reload is heard and answered; anything else is ignored", async () => {
  const { posted } = hosted();
  const reload = vi.fn();
  const replies: unknown[] = [];
  onReload(reload, new AbortController().signal);
  expect(posted[0].message).toBe("experimental.bootstrap");
  posted[0].port.onmessage = ({ data }) => replies.push(JSON.parse(data));
  posted[0].port.postMessage("not JSON");
  posted[0].port.postMessage(JSON.stringify({ type: "experimental.RunsChanged", id: 4, payload: [], isReply: false }));
  posted[0].port.postMessage(JSON.stringify({ type: "experimental.DataReloaded", id: 5, payload: null, isReply: false }));
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
  await vi.waitFor(() => expect(replies).toHaveLength(2));
  expect(replies[1]).toMatchObject({ type: "experimental.DataReloaded", id: 5, isReply: true });
});

test("the run is read from the host's address and written through its storage", () => {
  const { parent, written } = hosted();
  expect(readLinkedRun()).toBeNull();
  parent.location.hash = "#diagnosis&p.diagnosis.run=a%2Fb%20%26c";
  expect(readLinkedRun()).toBe("a/b &c");
  parent.location.hash = "#diagnosis";
  const options = (replace: boolean) => ({ defaultValue: "", useLocationReplace: replace });
  writeLinkedRun("x"); // a page of its own, so that the back button returns
  writeLinkedRun("y", true);
  writeLinkedCause("dead_relu");
  expect(written).toEqual([
    ["p.diagnosis.cause", "", options(true)],
    ["p.diagnosis.run", "x", options(false)],
    ["p.diagnosis.cause", "", options(true)],
    ["p.diagnosis.run", "y", options(true)],
    ["p.diagnosis.cause", "dead_relu", options(true)],
  ]);
});

test("a host that we may not touch does no harm", () => {
  vi.spyOn(window, "parent", "get").mockReturnValue({
    get document(): Document {
      throw new DOMException("cross-origin", "SecurityError");
    },
  } as unknown as Window);
  followTheme();
  onReload(() => {}, new AbortController().signal);
  writeLinkedRun("x");
  expect(readLinkedRun()).toBeNull();
});

test("hidden by zero height, shown again", () => {
  const shown = vi.fn();
  const stop = new AbortController();
  onVisible(shown, stop.signal);
  vi.stubGlobal("innerHeight", 0);
  expect(isVisible()).toBe(false);
  window.dispatchEvent(new Event("resize"));
  vi.stubGlobal("innerHeight", 700);
  window.dispatchEvent(new Event("resize"));
  window.dispatchEvent(new Event("resize"));
  expect(shown).toHaveBeenCalledTimes(1);
  stop.abort();
  vi.stubGlobal("innerHeight", 0);
  window.dispatchEvent(new Event("resize"));
  vi.stubGlobal("innerHeight", 700);
  window.dispatchEvent(new Event("resize"));
  expect(shown).toHaveBeenCalledTimes(1);
});

test("a link of version 1 is understood, and gives way to a new one", () => {
  const { parent, written } = hosted();
  parent.location.hash = "#diagnosis&p.diagnosis.training=old";
  expect(readLinkedRun()).toBe("old");
  parent.location.hash = "#diagnosis&p.diagnosis.training=old&p.diagnosis.run=new";
  expect(readLinkedRun()).toBe("new");
  writeLinkedRun("x");
  expect(written.map(([key, value]) => [key, value])).toContainEqual(["p.diagnosis.training", ""]);
});
