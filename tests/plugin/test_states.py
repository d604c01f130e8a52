"""Every state of the tab as a person sees it: its words, its picture, and its use by keyboard and by assistive tools.

    python -m pytest tests/plugin/test_states.py -k test_the_picture --rewrite-pictures

writes the pictures in tests/pictures again. Look at them before you commit.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import likeness
import pytest
import states
from browsing import IFRAME, OPEN_FOLDS, TOO_WIDE, address, axe, frame_of, item, quiet_page, settle, tab
from PIL import Image
from places import PICTURES, ROOT
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect
from states import STATES, State

from tb_diagnose.status.status import STATUSES

pytestmark = pytest.mark.slow

REWRITE = "python -m pytest tests/plugin/test_states.py -k test_the_picture --rewrite-pictures"

PACKAGES = ROOT / "frontend" / "node_modules"
FONTS = {
    ("Roboto", "400"): PACKAGES / "@fontsource" / "roboto" / "files" / "roboto-latin-400-normal.woff2",
    ("Roboto", "500"): PACKAGES / "@fontsource" / "roboto" / "files" / "roboto-latin-500-normal.woff2",
    ("Roboto Mono", "400"): PACKAGES / "@fontsource" / "roboto-mono" / "files" / "roboto-mono-latin-400-normal.woff2",
}
"""TensorBoard's own fonts, which the tab asks for first: with them, lines break alike on every machine."""
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
THEMES = ("light", "dark")
WINDOW = {"width": 1000, "height": 1000}
NARROW = {
    "360 px wide": {"width": 360, "height": 740},
    "1280 x 720 at 200 %": {"width": 640, "height": 360},
}
ALIKE = 0.1
"""Difference up to which two pictures show the same: hinting and antialiasing make up to 0.06, a missing block 0.2."""
SAME_CLOCK = "Date.prototype.toLocaleTimeString = () => '12:00'"
FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]"
# What the tab key should reach, in the order of the page: all that can be used and seen, of a roving group one.
EXPECTED_STOPS = f"""html => [...html.querySelectorAll('{FOCUSABLE}')]
  .filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({{ visibilityProperty: true }}))
  .map(e => {{ e.dataset.stop ??= Math.random().toString(36).slice(2); return e.dataset.stop; }})"""
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || !document.hasFocus()) return null;
  const { top, bottom, left, right } = e.getBoundingClientRect();
  const style = getComputedStyle(e);
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  return {
    stop: e.dataset.stop ?? '',
    says: `${e.tagName.toLowerCase()} ${(e.ariaLabel || e.textContent || e.placeholder || '').trim().slice(0, 40)}`,
    inside: bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
    ring: ring || style.boxShadow !== 'none',
  };
}"""
RUNNING = "() => document.getAnimations().filter(a => a.playState === 'running').map(a => a.animationName || a.id)"

SET_FONT = """async ([name, weight, base64]) => {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  document.fonts.add(await new FontFace(name, bytes, { weight }).load());
}"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory, tensorboard) -> Iterator[SimpleNamespace]:
    """Two TensorBoards: `.full` has the runs of all states, `.empty` none."""
    full, empty = tmp_path_factory.mktemp("states"), tmp_path_factory.mktemp("empty")
    states.write(full)
    with tensorboard(full) as one, tensorboard(empty) as other:
        yield SimpleNamespace(full=one, empty=other)


@pytest.fixture(scope="module")
def rows(servers) -> dict[str, dict[str, Any]]:
    """What the API says of each run, when TensorBoard has read them all."""
    epochs = {state.run: 0 for state in STATES if state.run} | {"stalled": 6, "healthy": 8, "stock": 8}
    return servers.full.runs(**epochs)


class Seen:
    """A state in a browser.

    Args:
        state: Which one.
        page: TensorBoard's page.
    """

    def __init__(self, state: State, page: Page) -> None:
        self.state = state
        self.page = page
        self.tab = tab(page)
        self.html = self.tab.locator("html")
        self.theme = "light"

    def settle(self) -> None:
        settle(self.page, "" if self.state.after else self.state.held)

    def show(self, theme: str) -> None:
        """Switches TensorBoard to a theme, as a person does."""
        if theme != self.theme:
            self.page.locator("app-header-dark-mode-toggle button").click()
            self.page.get_by_role("menuitem", name=theme.title()).click()
            expect(self.html).to_have_css("color-scheme", theme)
            self.theme = theme
            self.page.mouse.move(0, 0)
            self.settle()

    def screenshot(self) -> bytes:
        return self.page.locator(IFRAME).screenshot()


@contextmanager
def opened(browser: Browser, servers: SimpleNamespace, state: State) -> Iterator[Seen]:
    """A state in a page of its own, at rest."""
    with quiet_page(browser, viewport=WINDOW, reduced_motion="reduce", locale="en-US", timezone_id="UTC") as page:
        page.add_init_script(SAME_CLOCK)
        state.arrange(page)
        page.goto(address((servers.empty if state.empty else servers.full).url, state.run))
        if state.after is not None:
            expect(tab(page).get_by_test_id("headline")).to_be_visible()
            settle(page)
            state.after(page)
            page.locator("app-header-reload button").click()
            page.mouse.move(0, 0)
        expect(tab(page).locator("body")).to_contain_text(state.words[0], use_inner_text=True)
        found = Seen(state, page)
        for (name, weight), path in FONTS.items():
            assert path.is_file(), "Run: npm ci (in frontend/)."
            frame_of(page).evaluate(SET_FONT, [name, weight, base64.b64encode(path.read_bytes()).decode()])
        found.settle()
        yield found
        page.unroute_all(behavior="ignoreErrors")


@pytest.fixture(scope="module", params=STATES, ids=lambda state: state.name)
def seen(request, browser, servers, rows) -> Iterator[Seen]:
    """Each state in turn."""
    with opened(browser, servers, request.param) as found:
        yield found


@pytest.fixture(scope="module")
def unfolded(seen) -> Seen:
    """The same with everything folded out; tests that need it as it was come first."""
    fold_out(seen.page)
    seen.settle()
    return seen


def violations(seen: Seen) -> list[str]:
    """What axe complains of, one rule a paragraph with its elements; in the dark, only what colours can change."""
    return axe(frame_of(seen.page), COLOUR_RULES if seen.theme == "dark" else None)


def fold_out(page: Page) -> None:
    """Opens every fold, and those within."""
    html, count = tab(page).locator("html"), -1
    while count != html.locator("details").count():
        count = html.locator("details").count()
        html.evaluate(OPEN_FOLDS)
        settle(page, "")


def text(locator: Locator) -> str:
    """What can be seen of it, with single blanks."""
    return " ".join(locator.inner_text().split())


def shown(sentence: str) -> str:
    """A sentence of the server as the tab shows it: `code` without its ticks, an arrow for "->"."""
    without = re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", r"\2", sentence, flags=re.DOTALL)
    turned = re.sub(
        "[\u202a-\u202e\u2066-\u2069]", "\ufffd", without
    )  # marks that turn the writing are not let through
    return " ".join(turned.replace("->", "→").split())


def path_of(state: str, theme: str) -> Path:
    return PICTURES / f"{state.replace(' ', '_')}-{theme}.png"


@pytest.mark.parametrize("theme", THEMES)
def test_the_picture(seen, theme, request, tmp_path):
    seen.show(theme)
    now, path = likeness.small(seen.screenshot()), path_of(seen.state.name, theme)
    if request.config.getoption("--rewrite-pictures"):
        likeness.save(now, path)
    assert path.exists(), f"There is no picture of it yet. Run: {REWRITE}"
    found = likeness.difference(now, Image.open(path))
    if found > ALIKE:
        likeness.save(now, tmp_path / path.name)
    assert found <= ALIKE, (
        f"The tab looks different: by {found:.2f}, where {ALIKE} is allowed. "
        f"Compare {tmp_path / path.name} with {path}. "
        f"If it is meant to look like this, run: {REWRITE}"
    )


def test_what_a_person_reads(seen):
    for words in seen.state.words:
        expect(seen.tab.locator("body")).to_contain_text(words, use_inner_text=True)


def lost_code(cause, everything):
    """The new lines of a fix that are not shown."""
    return [line["new"] for line in cause["code"] if line["new"] and shown(line["new"]) not in everything]


def test_the_diagnosis_is_read_at_once(seen, servers, rows):
    state = seen.state
    if state.status is None:
        assert seen.tab.get_by_test_id("headline").count() == 0, "There is no report, and a headline."
        return
    assert rows[state.run]["status"] == state.status
    report = servers.full.api("diagnosis", run=state.run).json
    part = seen.tab.get_by_test_id
    expect(part("status")).to_have_attribute("data-status", state.status)
    assert text(part("headline")) == shown(report["headline"])
    for number, cause in enumerate(report["probable_causes"]):
        card = text(part("probable-cause").nth(number))
        missing = [key for key in ("title", "saw", "expected", "change") if shown(cause[key]) not in card]
        assert missing == [], f"{cause['id']}: {missing} in {card!r}"
        assert lost_code(cause, text(seen.tab.get_by_role("main"))) == []
    assert part("probable-cause").count() == len(report["probable_causes"])
    assert part("curve").count() == bool(report["curve"] and report["curve"]["epochs"])


def test_the_rest_is_a_click_away(unfolded, servers, rows):
    state, part = unfolded.state, unfolded.tab.get_by_test_id
    if state.status is None:
        return
    report = servers.full.api("diagnosis", run=state.run).json
    everything = text(unfolded.tab.get_by_role("main"))
    for notes in report["notes"]:
        assert all(shown(notes[key]) in everything for key in ("title", "saw", "expected", "change")), notes["id"]
        assert lost_code(notes, everything) == []
    for key in ("fine", "does_not_apply", "could_not_tell", "failed"):
        assert part(key).count() == bool(report[key])
        lost = [row["id"] for row in report[key] if row["title"] not in text(part(key))]
        assert lost == [], f"{key}: {lost}"
    assert shown(report["advice"] or "") in everything


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(unfolded, theme):
    unfolded.show(theme)
    found = violations(unfolded)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", NARROW)
def test_nothing_is_cut_off_in_a_narrow_window(unfolded, size):
    unfolded.page.set_viewport_size(NARROW[size])
    unfolded.settle()
    wide = unfolded.html.evaluate(TOO_WIDE)
    unfolded.page.set_viewport_size(WINDOW)
    assert [found for found in wide if not found.startswith("PRE.")] == []  # lines of code are not broken


def test_nothing_moves_for_who_wants_no_motion(seen):
    assert frame_of(seen.page).evaluate("() => matchMedia('(prefers-reduced-motion: reduce)').matches")
    assert frame_of(seen.page).evaluate(RUNNING) == []


def test_every_state_of_the_api_has_a_picture():
    shown_states = {state.status for state in STATES} - {None}
    assert shown_states == set(STATUSES)


def test_pictures_are_small_and_none_is_left_over():
    expected = {path_of(state.name, theme) for state in STATES for theme in THEMES}
    assert set(PICTURES.glob("*.png")) == expected
    assert [path.name for path in expected if path.stat().st_size > 12_000] == []


@pytest.mark.parametrize("theme", THEMES)
def test_no_state_passes_for_another(theme):
    pictures = {state.name: Image.open(path_of(state.name, theme)) for state in STATES}
    alike = [
        (one, other, round(likeness.difference(pictures[one], pictures[other]), 2))
        for one, other in combinations(pictures, 2)
        if likeness.difference(pictures[one], pictures[other]) <= ALIKE
    ]
    assert alike == []


def test_a_missing_block_does_not_pass(browser, servers, rows):
    with opened(browser, servers, next(state for state in STATES if state.name == "gone")) as seen:
        whole = likeness.small(seen.screenshot())
        found = {}
        for block in ("message", "headline", "curve", "probable-cause"):
            part = seen.tab.get_by_test_id(block)
            part.evaluate("block => { block.style.display = 'none' }")
            found[block] = likeness.difference(likeness.small(seen.screenshot()), whole)
            part.evaluate("block => { block.style.display = '' }")
        seen.settle()
        assert likeness.difference(likeness.small(seen.screenshot()), whole) < ALIKE / 4
    assert min(found.values()) > ALIKE, found


def test_no_theme_passes_for_the_other():
    pairs = [[Image.open(path_of(state.name, theme)) for theme in THEMES] for state in STATES]
    assert min(likeness.difference(*pair) for pair in pairs) > ALIKE


@pytest.fixture
def long_list(page, servers, rows) -> tuple[Page, FrameLocator]:
    """The tab on a run of a long list."""
    page.goto(address(servers.full.url, "stalled"))
    expect(tab(page).get_by_test_id("headline")).to_be_visible()
    settle(page)
    return page, tab(page)


FROM_THE_BEGINNING = """() => {
  window.focus();
  const first = document.createElement("span");
  first.tabIndex = -1;
  document.body.prepend(first);
  first.focus();
  first.remove();
}"""
"""Puts the place that the tab key goes on from in front of the page; else it is where something was clicked last."""


def stops(page: Page) -> list[dict[str, Any]]:
    """Where the tab key leads in the tab, from its beginning to its end."""
    frame, found = frame_of(page), []
    frame.evaluate(FROM_THE_BEGINNING)
    for _ in range(200):
        page.keyboard.press("Tab")
        stop = frame.evaluate(FOCUSED)
        if stop is None:
            return found
        found.append(stop)
    raise AssertionError(f"The tab key never leaves the tab: {[stop['says'] for stop in found[-5:]]}")


def test_the_tab_key_reaches_everything_in_the_order_of_the_page(long_list):
    page, frame = long_list
    expected = frame.locator("html").evaluate(EXPECTED_STOPS)
    found = stops(page)
    said = [stop["says"] for stop in found]
    assert [stop["stop"] for stop in found] == expected, said
    assert len([one for one in said if one.startswith("summary")]) >= 4, said
    assert [stop["says"] for stop in found if not stop["ring"]] == [], "Nobody sees that these have the focus."
    assert [stop["says"] for stop in found if not stop["inside"]] == [], "These have the focus outside the window."


def test_the_arrow_keys_walk_through_the_list(long_list):
    page, frame = long_list
    names = frame.get_by_test_id("run-item").evaluate_all("items => items.map(i => i.dataset.run)")
    here = names.index("stalled")
    item(frame, "stalled").focus()
    page.keyboard.press("ArrowDown")
    expect(frame.locator(f'[data-run="{names[here + 1]}"]')).to_be_focused()
    expect(frame.locator("[aria-current=true]")).to_have_attribute("data-run", names[here + 1])
    page.keyboard.press("End")
    expect(frame.get_by_test_id("run-item").last).to_be_focused()
    page.keyboard.press("Home")
    expect(frame.get_by_test_id("run-item").first).to_be_focused()
    expect(frame.get_by_test_id("status")).to_have_attribute("data-status", "stalled")
    settle(page)


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_fold_opens_and_closes_by_key(long_list, key):
    page, frame = long_list
    fold = frame.get_by_test_id("fine")
    before = fold.evaluate("details => details.open")
    fold.locator("summary").first.focus()
    for expected in (not before, before):
        page.keyboard.press(key)
        assert fold.evaluate("details => details.open") is expected


def test_a_slash_leads_to_the_search_and_the_tab_key_to_what_it_found(long_list):
    page, frame = long_list
    item(frame, "stalled").focus()
    page.keyboard.press("/")
    expect(frame.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("unfin")
    expect(frame.get_by_test_id("run-item")).to_have_count(1)
    for _ in range(6):
        page.keyboard.press("Tab")
        if frame_of(page).evaluate("() => document.activeElement.dataset.run") == "unfinished":
            break
    page.keyboard.press("Enter")
    expect(frame.get_by_test_id("status")).to_have_attribute("data-status", "unfinished")
    settle(page)


def test_a_filter_stays_in_the_address(long_list):
    page, frame = long_list
    frame.get_by_label("Status").select_option("stalled")
    heading = frame.get_by_role("heading", name=f"of {len(states.WRITERS)} runs")
    expect(heading).to_be_visible()
    shown_runs = frame.get_by_test_id("run-item").evaluate_all("items => items.map(i => i.dataset.run)")
    assert 1 < len(shown_runs) < len(states.WRITERS)
    assert "p.diagnosis.list=" in page.url
    page.reload()
    expect(heading).to_be_visible()
    expect(frame.get_by_label("Status")).to_have_value("stalled")
    expect(frame.get_by_test_id("run-item")).to_have_count(len(shown_runs))
    settle(page)


def test_a_comparison_can_be_made_by_key(long_list):
    page, frame = long_list
    compare = frame.get_by_test_id("compare")
    compare.locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("healthy")
    expect(compare).to_contain_text("Output activation")
    settle(page)


def test_the_server_goes_and_comes_back(long_list):
    page, frame = long_list
    before = text(frame.get_by_test_id("headline"))
    states.gone(page)
    page.locator("app-header-reload button").click()
    expect(frame.get_by_test_id("message")).to_contain_text("TensorBoard does not answer")
    assert text(frame.get_by_test_id("headline")) == before
    states.back(page)
    expect(frame.get_by_test_id("message")).to_have_count(0)
    assert text(frame.get_by_test_id("headline")) == before
    settle(page)


def test_hostile_strings_are_text_everywhere(page, servers, rows):
    page.goto(address(servers.full.url, states.HOSTILE))
    frame = tab(page)
    expect(frame.get_by_test_id("headline")).to_be_visible()
    settle(page)
    fold_out(page)
    frame.get_by_test_id("compare").get_by_label("Name of the other run").fill(states.HOSTILE_TWIN)
    expect(frame.get_by_test_id("compare")).to_contain_text("Output activation")
    settle(page)
    assert frame.locator("img, i, iframe, object, embed, b:text-is('b')").count() == 0
    assert frame.locator("script").filter(has_text="'ran'").count() == 0
    assert states.HOSTILE in text(item_named(frame, states.HOSTILE))
    assert states.HOSTILE_TWIN in text(frame.get_by_test_id("compare"))
    for name in ("probable-cause", "fine", "compare"):
        assert "<img src=x onerror=console.error('ran')> <b>b</b>" in text(frame.get_by_test_id(name)), name


def item_named(frame: FrameLocator, name: str) -> Locator:
    return frame.get_by_test_id("run-item").filter(has_text=name)
