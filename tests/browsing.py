"""How tests look at the tab in a browser: pages that note every complaint, and what is in the tab's frame."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from places import ROOT
from playwright.sync_api import Browser, Frame, FrameLocator, Locator, Page, Request, expect, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
IFRAME = "iframe[src*='name=diagnosis']"
# What a reader would have to scroll sideways for; inner boxes count through the first box around them that scrolls.
TOO_WIDE = """html => [html, ...html.querySelectorAll('*')]
  .filter(e => e.scrollWidth > e.clientWidth)
  .filter(e => e === html || ['auto', 'scroll'].includes(getComputedStyle(e).overflowX))
  .map(e => `${e.tagName}.${e.className}: ${e.scrollWidth} in ${e.clientWidth}`)"""
OPEN_FOLDS = "html => html.querySelectorAll('details').forEach(details => { details.open = true })"
# Milliseconds since the tab's page changed last.
QUIET = """html => {
  if (!window.lastChange) {
    window.lastChange = performance.now();
    const options = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver(() => { window.lastChange = performance.now() }).observe(html, options);
  }
  return performance.now() - window.lastChange;
}"""
QUIET_FOR = 250
PENDING = "diagnosis_requests"
"""Attribute of a page: the tab's requests that are not answered yet."""

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

expect.set_options(timeout=30_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium of this machine."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, (
        f"The browser tests need Chromium (on Debian: apt-get install chromium). Looked for: {', '.join(BROWSERS)}."
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def quiet_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page about which the browser must have had nothing to complain at the end; options as for `new_context`."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"} | options)
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error(`CSP: ${e.violatedDirective}`))"
    )
    page = context.new_page()
    pending: set[Request] = set()
    setattr(page, PENDING, pending)
    page.on("request", lambda request: "/plugin/diagnosis/api/" in request.url and pending.add(request))
    for ended in ("requestfinished", "requestfailed"):
        page.on(ended, lambda request: pending.discard(request))
    complaints: list[str] = []
    page.on(
        "console", lambda message: message.type == "error" and complaints.append(f"{message.text} {message.location}")
    )
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    # Leaving a page aborts what it was still waiting for.
    page.on(
        "requestfailed",
        lambda request: (
            request.failure != "net::ERR_ABORTED" and complaints.append(f"{request.url}: {request.failure}")
        ),
    )
    page.on(
        "response", lambda response: response.status >= 400 and complaints.append(f"{response.url}: {response.status}")
    )
    yield page
    context.close()
    assert complaints == []


def tab(page: Page) -> FrameLocator:
    return page.frame_locator(IFRAME)


def frame_of(page: Page) -> Frame:
    """The tab's own page, to run scripts in."""
    frame = page.locator(IFRAME).element_handle().content_frame()
    assert frame is not None
    return frame


def item(frame: FrameLocator, run: str) -> Locator:
    """A run in the list at the side."""
    return frame.get_by_test_id("run-item").and_(frame.locator(f'[data-run="{run}"]'))


def address(url: str, run: str | None = None) -> str:
    """A link to the tab, or to one run in it."""
    return f"{url}#diagnosis" + (f"&p.diagnosis.run={quote(run, safe='')}" if run else "")


def settle(page: Page, held: str | None = None) -> None:
    """Waits until the tab has its answers and has stopped changing; those of the route `held` do not come."""
    html = tab(page).locator("html")
    pending: set[Request] = getattr(page, PENDING)
    for _ in range(600):
        waiting = [request for request in pending if held is None or f"/api/{held}" not in request.url]
        if not waiting and html.evaluate(QUIET) >= QUIET_FOR:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"The tab never came to rest; it waits for {[request.url for request in pending]}.")


def axe(frame: Frame, rules: list[str] | None = None) -> list[str]:
    """What axe complains of, one rule a paragraph with its elements.

    Args:
        frame: The tab's own page.
        rules: The only rules to ask for; those of `AXE_TAGS` by default.
    """
    assert AXE.is_file(), "Run: npm ci (in frontend/)."
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(AXE.read_text(encoding="utf-8"))
    only = {"type": "tag", "values": AXE_TAGS} if rules is None else {"type": "rule", "values": rules}
    answer = frame.evaluate(
        "runOnly => axe.run(document, { runOnly, resultTypes: ['violations'], elementRef: false })", only
    )
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}\n"
        + "\n".join(f"    {' '.join(map(str, node['target']))}: {node['failureSummary']!r}" for node in rule["nodes"])
        for rule in answer["violations"]
    ]
