"""The tab in a real browser, in a real TensorBoard."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from browsing import OPEN_FOLDS, TOO_WIDE, address, item, tab
from playwright.sync_api import FrameLocator, Page, expect
from states import HOSTILE

STALLED = "Accuracy has been stalled at 0.5 since epoch 1"
HEALTHY = "Accuracy is at 0.99"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def live(tmp_path_factory, tensorboard, written):
    """A TensorBoard with a stalled, a healthy and a hostile training."""
    logdir = tmp_path_factory.mktemp("logs")
    for name, epochs in ((HOSTILE, 7), ("stalled", 6), ("healthy", 8)):
        written(logdir, name, epochs, healthy=name == "healthy")
    with tensorboard(logdir, "--reload_interval", "1") as server:
        server.trainings(**{HOSTILE: 7, "stalled": 6, "healthy": 8})
        yield SimpleNamespace(server=server, logdir=logdir)


def open_training(page: Page, live: SimpleNamespace, training: str) -> FrameLocator:
    """The tab, by a link to one training."""
    page.goto(address(live.server.url, training))
    expect(tab(page).locator("[aria-current=true]")).to_have_attribute("data-training", training)
    return tab(page)


def test_the_tab_opens_on_the_latest_training(live, page):
    latest = max(live.server.trainings().values(), key=lambda row: row["updated"])
    page.goto(live.server.url)
    page.get_by_role("tab", name="Diagnosis").click()
    expect(tab(page).get_by_test_id("headline")).to_have_text(latest["headline"])


def test_a_stalled_training_names_cause_and_remedy(live, page):
    frame = open_training(page, live, "stalled")
    expect(frame.get_by_test_id("status")).to_contain_text("Stalled")
    expect(frame.get_by_test_id("headline")).to_contain_text(STALLED)
    card = frame.get_by_test_id("probable-cause")
    expect(card).to_have_attribute("data-cause", "output_activation")
    expect(card).to_contain_text("dense_2 has 1 unit with activation relu, before binary_crossentropy")
    expect(card).to_contain_text("Outputs between 0 and 1")
    expect(card).to_contain_text('Dense(1, activation="sigmoid")')


def test_a_stalled_training_shows_its_evidence(live, page):
    frame = open_training(page, live, "stalled")
    expect(frame.get_by_test_id("curve").locator("svg").first).to_be_visible()
    card = frame.get_by_test_id("probable-cause")
    expect(card.get_by_test_id("chain")).to_contain_text("Dead ReLU units")
    expect(card.get_by_test_id("evidence-picture").locator("svg").first).to_be_visible()


def test_a_healthy_training_has_no_probable_cause(live, page):
    frame = open_training(page, live, "healthy")
    expect(frame.get_by_test_id("headline")).to_contain_text(HEALTHY)
    expect(frame.get_by_test_id("cleared")).to_contain_text("activation sigmoid")
    expect(frame.get_by_test_id("probable-cause")).to_have_count(0)


def test_another_training_is_one_click_away(live, page):
    frame = open_training(page, live, "stalled")
    item(frame, "healthy").click()
    expect(frame.get_by_test_id("headline")).to_contain_text(HEALTHY)
    item(frame, "stalled").click()
    expect(frame.get_by_test_id("headline")).to_contain_text(STALLED)


def test_a_link_leads_back_to_its_training(live, page):
    frame = open_training(page, live, "stalled")
    item(frame, "healthy").click()
    expect(page).to_have_url(f"{live.server.url}#diagnosis&p.diagnosis.training=healthy")
    copied = page.url
    page.goto("about:blank")
    page.goto(copied)
    expect(tab(page).get_by_test_id("headline")).to_contain_text(HEALTHY)


def test_dark_mode_is_followed(live, page):
    frame = open_training(page, live, "stalled")
    for theme, background in (("Dark", "rgb(48, 48, 48)"), ("Light", "rgb(255, 255, 255)")):
        page.locator("app-header-dark-mode-toggle button").click()
        page.get_by_role("menuitem", name=theme).click()
        expect(frame.locator("body")).to_have_css("background-color", background)


def test_reload_shows_a_new_epoch_in_place(live, page, written):
    growing = written(live.logdir, "growing", 4)
    live.server.trainings(growing=4)
    frame = open_training(page, live, "growing")
    expect(item(frame, "growing")).to_contain_text("epochs 1 to 4")
    frame.get_by_test_id("cleared").locator("summary").click()
    growing.add_epochs(1)
    live.server.trainings(growing=5)
    page.locator("app-header-reload button").click()
    expect(item(frame, "growing")).to_contain_text("epochs 1 to 5")
    expect(frame.get_by_test_id("cleared")).to_have_attribute("open", "")


def test_a_hostile_name_is_text(live, page):
    frame = open_training(page, live, HOSTILE)
    expect(frame.get_by_role("main")).to_contain_text(HOSTILE)
    expect(item(frame, HOSTILE)).to_contain_text(HOSTILE)
    expect(frame.locator("img")).to_have_count(0)


@pytest.mark.parametrize("training", ["stalled", "healthy", HOSTILE])
def test_nothing_is_cut_off_in_a_narrow_window(live, page, training):
    page.set_viewport_size({"width": 800, "height": 700})
    frame = open_training(page, live, training)
    expect(frame.get_by_test_id("curve").locator("svg").first).to_be_visible()
    frame.locator("html").evaluate(OPEN_FOLDS)
    assert frame.locator("html").evaluate(TOO_WIDE) == []


def test_an_empty_logdir_says_what_to_do(page, tensorboard, tmp_path):
    with tensorboard(tmp_path) as server:
        page.goto(f"{server.url}#diagnosis")
        expect(tab(page).get_by_test_id("message")).to_contain_text("No training was found")
        expect(tab(page).locator("pre")).to_contain_text("tb_diagnose.KerasCallback(")
        page.goto("about:blank")
