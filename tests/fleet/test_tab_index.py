"""The tab on an index: its routes in a real TensorBoard, over real files."""

import json
import shutil

import pytest
from browsing import address, axe, frame_of, quiet_page, settle, tab
from fleet_logs import command, copies
from places import ROOT
from playwright.sync_api import expect

pytest.importorskip("pyarrow")
jsonschema = pytest.importorskip("jsonschema")

from tb_diagnose.fleet.index import writing  # noqa: E402
from tb_diagnose.plugin.indexed import index_in  # noqa: E402

SCHEMA = json.loads((ROOT / "tb_diagnose" / "report" / "answers.schema.json").read_text())


def test_a_logdir_that_is_an_index_is_taken_for_one(tmp_path):
    (tmp_path / "index.json").write_text('{"schema": 1, "files": []}')  # somebody else's
    assert index_in(str(tmp_path)) == index_in(str(tmp_path / "missing")) == index_in("") == ""
    with writing(str(tmp_path / "index")):
        pass
    assert index_in(str(tmp_path / "index")) == str(tmp_path / "index")


def is_list(answer):
    jsonschema.validate(answer, {"$ref": "#/$defs/RunList", "$defs": SCHEMA["$defs"]})
    return answer["runs"]


@pytest.fixture(scope="module")
def served(tmp_path_factory, written, tensorboard):
    """A TensorBoard over an empty logdir and an index of 5 runs, and the logdir of these."""
    folder = tmp_path_factory.mktemp("tab")
    logs = folder / "logs"
    copies(written(folder / "first", "bad").folder, logs, 3)
    copies(written(folder / "first", "good", healthy=True).folder, logs, 2)
    assert command("review", logs, "--out", folder / "index", "--jobs", 1).returncode == 0
    (folder / "empty").mkdir()
    with tensorboard(folder / "empty", "--diagnosis_index", str(folder / "index")) as server:
        yield server, logs


def test_the_list_is_a_page_of_the_index_filtered_and_sorted_by_the_server(served):
    server, logs = served
    every = server.api("runs").json
    assert len(is_list(every)) == 5 and all(row["status"] for row in every["runs"])
    assert every["index"] == {"total": 5, "statuses": {"stalled": 3, "reached": 2}, "offset": 0, "shown": 5}
    found = server.api("runs", where="cause = 'output_activation'", sort="name", offset="1", limit="1").json
    assert [row["run"] for row in is_list(found)] == [f"{logs}/group000/bad00001"]
    assert found["index"] == {"total": 3, "statuses": {"stalled": 3}, "offset": 1, "shown": 1}
    assert is_list(server.api("runs", sort="best").json)[0]["status"] == "reached"
    assert server.api("runs", where="epochs > 100").json["message"] == "No run fits."


def test_a_run_that_is_asked_for_by_its_name_is_listed_wherever_it_is(served):
    server, logs = served
    name = f"{logs}/group000/bad00002"
    found = server.api("runs", sort="best", limit="2", run=name).json
    assert [row["status"] for row in is_list(found)] == ["stalled", "reached", "reached"]
    assert found["runs"][0]["run"] == name and found["index"]["shown"] == 2
    again = server.api("runs", sort="best", limit="2", run=found["runs"][1]["run"]).json
    assert again["runs"] == server.api("runs", sort="best", limit="2").json["runs"]
    assert len(server.api("runs", run="nobody").json["runs"]) == 5


def test_the_overview_says_what_holds_the_runs_up(served):
    server, logs = served
    found = server.api("overview").json
    jsonschema.validate(found, {"$ref": "#/$defs/Overview", "$defs": SCHEMA["$defs"]})
    assert found["runs"] == 5 and found["statuses"] == {"stalled": 3, "reached": 2}
    week = found["causes_by_week"][0]
    assert week["cause"]["title"].startswith("Output activation") and (week["runs"], week["all_runs"]) == (3, 5)
    assert {row["run"] for row in found["look_at"]} == {f"{logs}/group000/bad0000{at}" for at in range(3)}
    assert server.api("overview", where="status = 'reached'").json["look_at"] == []
    wrong = server.api("overview", where="status =")
    assert wrong.status == 400 and "cannot be understood" in wrong.text


@pytest.mark.slow
def test_a_lead_goes_from_the_overview_to_a_report(served, browser):
    server, logs = served
    with quiet_page(browser) as page:
        page.goto(address(server.url))
        frame = tab(page)
        frame.get_by_role("button", name="Overview of these runs").click()
        expect(frame.get_by_test_id("overview")).to_contain_text("To look at first")
        settle(page)
        assert axe(frame_of(page)) == []
        name = f"{logs}/group000/bad00001"
        frame.get_by_role("row", name="bad00001").get_by_role("link").click()
        expect(frame.get_by_role("main", name=f"Diagnosis of {name}")).to_contain_text("Output activation")


def test_what_is_no_index_has_no_overview(tensorboard, tmp_path):
    with tensorboard(tmp_path) as server:
        answer = server.api("overview")
    assert answer.status == 404 and "no index" in answer.text


def test_a_report_is_read_from_the_event_files(served):
    server, logs = served
    name = f"{logs}/group000/bad00000"
    report = server.api("diagnosis", run=name).json
    assert report["run"] == name and report["probable_causes"][0]["id"] == "output_activation"
    assert server.api("series", run=name, name="probe_accuracy").status == 200
    assert server.api("diagnosis", run=f"{logs}/none").status == 404
    shutil.rmtree(logs / "group000" / "good00001")
    gone = server.api("diagnosis", run=f"{logs}/group000/good00001")
    assert gone.status == 404 and "are not there any more" in gone.text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"where": "status ="}, "cannot be understood"),
        ({"sort": "luck"}, "is sorted by"),
        ({"limit": "9999"}, "A page has"),
    ],
)
def test_a_mistake_is_a_sentence(served, asked, sentence):
    answer = served[0].api("runs", **asked)
    assert answer.status == 400 and sentence in answer.text
