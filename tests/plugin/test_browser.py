"""The tab in a real browser, in a real TensorBoard: what a person does with it. `test_states.py` has how it looks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from browsing import TOO_WIDE, address, item, tab
from playwright.sync_api import FrameLocator, Page, expect
from states import HOSTILE, past, proven

import tb_diagnose
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report import html

STALLED = "Accuracy has been stalled at 0.504 since epoch 1"
HEALTHY = "Accuracy is at 0.99"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def live(tmp_path_factory, tensorboard, written):
    """A TensorBoard with a stalled and a healthy run."""
    logdir = tmp_path_factory.mktemp("logs")
    for name, epochs in (("stalled", 6), ("healthy", 8)):
        written(logdir, name, epochs, healthy=name == "healthy")
    with tensorboard(logdir, "--reload_interval", "1") as server:
        server.runs(stalled=6, healthy=8)
        yield SimpleNamespace(server=server, logdir=logdir)


def open_run(page: Page, live: SimpleNamespace, run: str) -> FrameLocator:
    """The tab, by a link to one run."""
    page.goto(address(live.server.url, run))
    expect(tab(page).locator("[aria-current=true]")).to_have_attribute("data-run", run)
    return tab(page)


def test_the_tab_opens_on_the_latest_run(live, page):
    latest = max(live.server.runs().values(), key=lambda row: row["updated"])
    page.goto(live.server.url)
    page.get_by_role("tab", name="Diagnosis").click()
    expect(tab(page).get_by_test_id("headline")).to_have_text(latest["headline"])


def test_a_stalled_run_names_the_cause_and_the_fix(live, page):
    frame = open_run(page, live, "stalled")
    expect(frame.get_by_test_id("status")).to_contain_text("Stalled")
    expect(frame.get_by_test_id("headline")).to_contain_text(STALLED)
    card = frame.get_by_test_id("probable-cause")
    expect(card).to_have_attribute("data-cause", "output_activation")
    expect(card).to_contain_text("dense_2 has 1 unit with activation relu, before binary_crossentropy")
    expect(card).to_contain_text("Outputs between 0 and 1")
    expect(card).to_contain_text('Dense(1, activation="sigmoid")')


def test_a_stalled_run_shows_its_evidence(live, page):
    frame = open_run(page, live, "stalled")
    expect(frame.get_by_test_id("curve").locator("svg").first).to_be_visible()
    evidence = frame.get_by_test_id("evidence")
    expect(evidence.get_by_test_id("evidence-picture").locator("svg").first).to_be_visible()
    chain = evidence.get_by_test_id("chain")
    box = chain.get_by_role("button", name="Dead ReLU units")
    box.focus()
    expect(box).to_be_focused()
    page.keyboard.press("Enter")
    expect(chain.locator("[data-name=dead_fraction] svg").first).to_be_visible()


def test_a_better_run_of_the_same_data_is_drawn_beside_it_and_read_by_key_and_pointer(live, page):
    frame = open_run(page, live, "stalled")
    curve = frame.get_by_test_id("curve")
    cross = curve.get_by_role("slider", name="values at each epoch")
    expect(curve.get_by_label("Beside it")).to_have_value("healthy")
    cross.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(cross).to_have_attribute("aria-valuetext", re.compile(r"^epoch 2, this run 0\.\d+, healthy 0\.\d+$"))
    expect(curve.locator(".readout")).to_contain_text("healthy")
    # Dragging shows the epochs that it went over; a double click all of them again.
    box = cross.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 60, steps=5)
    page.mouse.up()
    expect(cross).to_have_attribute("aria-valuemin", "3")
    cross.dblclick()
    expect(cross).to_have_attribute("aria-valuemin", "1")
    # How the chart is drawn is remembered, for other runs too.
    curve.get_by_role("combobox", name="Axis").select_option("whole")
    page.reload()
    expect(tab(page).get_by_test_id("curve").get_by_role("combobox", name="Axis")).to_have_value("whole")


def test_the_colours_of_two_runs_are_those_of_tensorboard(live, page):
    frame = open_run(page, live, "stalled")
    lines = frame.get_by_test_id("curve").locator("svg [aria-label=line]")
    expect(lines).to_have_count(2)
    scale = "runs => runs.map(run => document.createElement('tf-color-scale').runsColorScale(run))"
    expected = page.evaluate(scale, ["stalled/diagnosis", "healthy/diagnosis"])
    assert lines.evaluate_all("all => all.map(line => line.getAttribute('stroke'))") == expected


def test_what_is_wrong_and_what_to_do_stand_on_the_first_screen(live, page):
    page.set_viewport_size({"width": 1280, "height": 720})
    frame = open_run(page, live, "stalled")
    for shown in ("status", "headline", "probable-cause"):
        box = frame.get_by_test_id(shown).bounding_box()
        assert box is not None and box["y"] + box["height"] <= 720, (shown, box)


@pytest.mark.parametrize("size", [(1280, 720), (390, 700)])
def test_a_meaning_is_whole_and_the_pointer_may_go_onto_it(live, page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    frame = open_run(page, live, "stalled")
    terms = frame.get_by_test_id("probable-cause").locator(".term")
    for i in range(terms.count()):
        terms.nth(i).hover()
        tip = frame.get_by_role("tooltip")
        box = tip.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= size[0], terms.nth(i).inner_text()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=20)
        expect(tip).to_be_visible()
        page.keyboard.press("Escape")
        expect(tip).to_have_count(0)
    # Code may be scrolled sideways, the page not.
    assert [wide for wide in frame.locator("html").evaluate(TOO_WIDE) if not wide.startswith("PRE")] == []


def test_the_back_button_returns_to_the_run_before(live, page):
    frame = open_run(page, live, "stalled")
    item(frame, "healthy").click()
    expect(frame.get_by_test_id("headline")).to_contain_text(HEALTHY)
    page.go_back()
    expect(frame.get_by_test_id("headline")).to_contain_text(STALLED)
    page.go_forward()
    expect(frame.get_by_test_id("headline")).to_contain_text(HEALTHY)


def test_a_link_to_a_cause_brings_it_into_view(live, page):
    frame = open_run(page, live, "healthy")
    cause = frame.get_by_test_id("fine").locator("[data-cause]").last
    expect(cause).to_be_visible()
    name = cause.get_attribute("data-cause")
    page.goto("about:blank")
    page.goto(f"{live.server.url}#diagnosis&p.diagnosis.run=stalled&p.diagnosis.cause={name}")
    expect(tab(page).locator(f"[data-cause={name}]").first).to_be_in_viewport()


def test_a_healthy_run_has_no_probable_cause(live, page):
    frame = open_run(page, live, "healthy")
    expect(frame.get_by_test_id("headline")).to_contain_text(HEALTHY)
    expect(frame.get_by_test_id("fine")).to_contain_text("activation sigmoid")
    expect(frame.get_by_test_id("probable-cause")).to_have_count(0)


def test_another_run_is_one_click_away(live, page):
    frame = open_run(page, live, "stalled")
    item(frame, "healthy").click()
    expect(frame.get_by_test_id("headline")).to_contain_text(HEALTHY)
    item(frame, "stalled").click()
    expect(frame.get_by_test_id("headline")).to_contain_text(STALLED)


def test_a_link_of_version_1_still_leads_to_its_run(live, page):
    page.goto(f"{live.server.url}#diagnosis&p.diagnosis.training=healthy")
    expect(tab(page).get_by_test_id("headline")).to_contain_text(HEALTHY)


def test_a_link_leads_back_to_its_run(live, page):
    frame = open_run(page, live, "stalled")
    item(frame, "healthy").click()
    expect(page).to_have_url(f"{live.server.url}#diagnosis&p.diagnosis.run=healthy")
    copied = page.url
    page.goto("about:blank")
    page.goto(copied)
    expect(tab(page).get_by_test_id("headline")).to_contain_text(HEALTHY)


def test_dark_mode_is_followed(live, page):
    frame = open_run(page, live, "stalled")
    for theme, background in (("Dark", "rgb(48, 48, 48)"), ("Light", "rgb(255, 255, 255)")):
        page.locator("app-header-dark-mode-toggle button").click()
        page.get_by_role("menuitem", name=theme).click()
        expect(frame.locator("body")).to_have_css("background-color", background)


def test_reload_shows_a_new_epoch_in_place(live, page, written):
    growing = written(live.logdir, "growing", 4)
    live.server.runs(growing=4)
    frame = open_run(page, live, "growing")
    expect(item(frame, "growing")).to_contain_text("epochs 1 to 4")
    frame.get_by_test_id("fine").locator("summary").click()
    report = frame.get_by_role("main")
    report.evaluate("main => { main.scrollTop = 400 }")
    marked = frame.get_by_test_id("fine").bounding_box()
    growing.add_epochs(1)
    live.server.runs(growing=5)
    page.locator("app-header-reload button").click()
    expect(item(frame, "growing")).to_contain_text("epochs 1 to 5")
    expect(frame.get_by_test_id("news")).to_have_text("Since the last reload: 1 new epoch")
    expect(frame.get_by_test_id("fine")).to_have_attribute("open", "")
    # Nothing has jumped, though the headline has a line less: browsers scroll by whole pixels.
    assert frame.get_by_test_id("fine").bounding_box() == pytest.approx(marked, abs=1.5)


def open_document(page: Page, reports: Sequence[tuple[str, Diagnosis]], path: Path) -> list[str]:
    """Opens an exported file without a network; what the page asked for is listed."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    html.write(str(path), [html.part(diagnosis, name) for name, diagnosis in reports])
    page.goto(path.as_uri())
    return asked


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_exported_file_needs_nothing_else(page, tmp_path, written, scheme):
    for name in ("stalled", "healthy"):
        written(tmp_path / "logs", name, healthy=name == "healthy")
    page.emulate_media(color_scheme=scheme)
    reports = [(diagnosis.run, diagnosis) for diagnosis in tb_diagnose.diagnose(tmp_path / "logs")]
    path = tmp_path / "report.html"
    asked = open_document(page, reports, path)
    item(page, "stalled").click()
    expect(page.get_by_test_id("headline")).to_contain_text(STALLED)
    expect(page.get_by_test_id("curve").locator("svg").first).to_be_visible()
    expect(page.get_by_test_id("evidence").get_by_test_id("evidence-picture").first).to_be_visible()
    box = page.get_by_test_id("chain").get_by_role("button", name="Dead ReLU units")
    box.click()
    expect(page.get_by_test_id("chain").locator("[data-name=dead_fraction] svg").first).to_be_visible()
    expect(page.get_by_role("button", name="Save as HTML")).to_have_count(0)
    expect(page.get_by_test_id("compare")).to_have_count(0)
    background = {"light": "rgb(255, 255, 255)", "dark": "rgb(48, 48, 48)"}[scheme]
    expect(page.locator("body")).to_have_css("background-color", background)
    item(page, "healthy").click()
    expect(page.get_by_test_id("headline")).to_contain_text(HEALTHY)
    assert asked == [path.as_uri()]


@pytest.mark.parametrize("name", [HOSTILE, "</script><script>console.error('ran')</script><!--<script>", "__proto__"])
def test_a_hostile_name_is_text_in_an_exported_file(page, tmp_path, written, name):
    written(tmp_path, "logs")
    reports = [(name, diagnosis) for diagnosis in tb_diagnose.diagnose(tmp_path / "logs")]
    open_document(page, reports, tmp_path / "report.html")
    expect(item(page, name)).to_contain_text(name)
    expect(page.get_by_role("main")).to_contain_text(name)
    expect(page.locator("img, body script")).to_have_count(0)
    expect(page).to_have_title(f"{name}: stalled")


def test_a_report_is_taken_away(live, page, tmp_path):
    frame = open_run(page, live, "stalled")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    frame.get_by_role("button", name="Copy as Markdown").click()
    expect(frame.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("## stalled: stalled\n")
    with page.expect_download() as download:
        frame.get_by_role("button", name="Save as HTML").click()
    assert download.value.suggested_filename == "diagnosis-stalled.html"
    download.value.save_as(tmp_path / "saved.html")
    page.goto((tmp_path / "saved.html").as_uri())
    expect(page.get_by_test_id("headline")).to_contain_text(STALLED)


def test_a_report_is_copied_where_there_is_no_clipboard(live, page):
    # As on plain http from another machine. What was copied is pasted into a box, as a user would.
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    frame = open_run(page, live, "stalled")
    frame.get_by_role("button", name="Copy as Markdown").click()
    expect(frame.get_by_role("button", name="Copied")).to_be_visible()
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), { id: 'paste' }))")
    page.locator("#paste").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("#paste")).to_have_value(re.compile("^## stalled: stalled\n"))


def test_what_a_trial_has_proven_is_seen_first_and_copied(live, page):
    with past():
        proven(live.logdir / "proven")
    live.server.runs(proven=6)
    page.set_viewport_size({"width": 1280, "height": 720})
    frame = open_run(page, live, "proven")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(frame.get_by_test_id("headline")).to_contain_text("accuracy is 0.998 after 5 epochs (0.50 as it is)")
    trial = frame.get_by_test_id("trial")
    expect(trial.get_by_test_id("trial-curves")).to_be_in_viewport()
    expect(trial.get_by_role("row")).to_have_count(7)
    expect(trial.locator("tr.best")).to_contain_text("proven, brings most")
    boxes = [box for box in (one.bounding_box() for one in trial.get_by_role("img").all()) if box is not None]
    assert len(boxes) == 4 and len({box["y"] for box in boxes}) == 1, "They stand side by side."
    trial.get_by_test_id("trial-patch").get_by_role("button", name="Copy").click()
    expect(trial.get_by_role("button", name="Copied")).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0] == 'Dense(1, activation="sigmoid")' and len(lines) == 4
