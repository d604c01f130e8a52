"""Every answer has the form that `answers.schema.json` describes, against which the tab is written, too."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import states
from jsonschema import Draft202012Validator
from places import RECORDINGS
from tensorboard.plugins import base_plugin
from test_report import REPORTS, judged
from werkzeug.test import Client, TestResponse

import tb_diagnose
from tb_diagnose import api, event_file
from tb_diagnose.cli import rendering
from tb_diagnose.diagnosis import engine
from tb_diagnose.event_data import EventData
from tb_diagnose.evidence import Evidence
from tb_diagnose.plugin.routes import DiagnosisPlugin
from tb_diagnose.reader import logdir
from tb_diagnose.report import html, schema, serialize
from tb_diagnose.report.evidence_index import evidence_index
from tb_diagnose.report.plain import plain

SCHEMA_FILE = Path(serialize.__file__).parent / "answers.schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
WITHOUT_FORM = {"series", "export", "openapi"}
"""Routes that answer with float32 values, with a document, and with what others have written the form of."""


class Routes:
    """The routes of the plugin over the runs of one logdir, asked in process."""

    def __init__(self, root: Path) -> None:
        folders, _ = logdir.folders(str(root))
        provider = EventData({run: path for folder in folders for run, path in folder.runs.items()})
        self._apps = DiagnosisPlugin(base_plugin.TBContext(data_provider=provider, logdir=str(root))).get_plugin_apps()

    def get(self, route: str, **query: str) -> TestResponse:
        return Client(self._apps[f"/api/{route}"]).get(f"/?{urlencode(query)}")

    def json(self, route: str, **query: str) -> Any:
        answer = self.get(route, **query)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data, parse_constant=pytest.fail)

    def names(self) -> list[str]:
        """Names of all runs; the rows of each are judged for it."""
        listed = {row["run"] for row in self.json("runs")["runs"]}
        return [row["run"] for name in sorted(listed) for row in self.json("rows", name=name)["rows"][name]]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The runs of all states of the tab."""
    root = tmp_path_factory.mktemp("states")
    states.write(root)
    return root


@pytest.fixture(scope="module", params=["states", "recordings"])
def routes(request, made) -> Routes:
    return Routes(made if request.param == "states" else RECORDINGS)


def errors(answer: Any, definition: str) -> Iterator[str]:
    """What is wrong with an answer, a sentence each."""
    validator = Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{definition}"})
    yield from (f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer))


def check(answer: Any, definition: str) -> None:
    assert list(errors(answer, definition)) == []


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_every_route_is_in_the_schema(routes):
    names = {route.rpartition("/")[2] for route in routes._apps if route.startswith("/api/")}
    assert names - WITHOUT_FORM == set(SCHEMA["properties"])


def test_runs_before_and_after_they_are_judged(routes):
    check(routes.json("runs"), "RunList")
    assert routes.names()
    check(routes.json("runs"), "RunList")


def test_rows(routes):
    for name in routes.names():
        check(routes.json("rows", name=name), "Rows")


def test_diagnosis(routes):
    for name in routes.names():
        check(routes.json("diagnosis", run=name), "Diagnosis")


def test_a_layer_of_a_damaged_log_whose_name_is_no_text():
    layers = [{"name": 2**63}, {"name": "dense"}]
    evidence = Evidence("run", np.array([1]), {"gradient_norm": np.ones((1, 2))}, {"layers": layers}, {})
    index = evidence_index(engine.judge(evidence))
    check(index, "Evidence")
    assert index["series"]["gradient_norm"]["labels"] == [str(2**63), "dense"]


def test_every_picture_can_be_asked_for(routes):
    """Derived evidence is not sent to the tab."""
    for name in routes.names():
        report, index = routes.json("diagnosis", run=name), routes.json("evidence", run=name)
        findings = [*report["probable_causes"], *report["notes"]]
        findings += [link for finding in findings for link in finding["consequences"]]
        for picture in (picture for finding in findings for picture in finding["pictures"]):
            assert picture["name"] in index["series" if picture["kind"] == "series" else "facts"]


def test_evidence_and_series(routes):
    for name in routes.names():
        index = routes.json("evidence", run=name)
        check(index, "Evidence")
        for series, about in list(index["series"].items())[:3]:
            values = np.frombuffer(routes.get("series", run=name, name=series).data, "<f4")
            assert values.size == np.prod(about["shape"])


def test_compare(routes):
    one, *others = routes.names()
    for other in others:
        check(routes.json("compare", run=one, other=other), "Comparison")


def test_sweep(routes):
    routes.names()
    check(routes.json("sweep"), "Sweep")


def test_a_folder_that_is_named_like_an_earlier_run_is_read(tmp_path, written):
    written(tmp_path, "x")
    written(tmp_path, "x (earlier 1)", healthy=True)
    routes = Routes(tmp_path)
    statuses = {name: routes.json("rows", name=name)["rows"][name][0]["status"] for name in ("x", "x (earlier 1)")}
    assert statuses == {"x": "stalled", "x (earlier 1)": "reached"}
    assert {row["run"]: row["status"] for row in routes.json("runs")["runs"]} == statuses
    assert {name: routes.json("diagnosis", run=name)["status"] for name in statuses} == statuses
    assert {d.run: d.status.name for d in tb_diagnose.diagnose(tmp_path)} == statuses


def test_an_earlier_run_is_asked_for_by_its_name(tmp_path, written):
    written(tmp_path, "x", 4)
    file = event_file.EventFile(str(tmp_path / "x" / "diagnosis"), 100)
    file.write(100, facts={"run_start": 100})
    file.close()
    rows = Routes(tmp_path).json("rows", name="x (earlier 1)")["rows"]["x (earlier 1)"]
    assert [row["run"] for row in rows] == ["x", "x (earlier 1)"]


def test_a_sweep_with_a_setting_that_separates(tmp_path, written):
    for number in range(24):
        written(tmp_path, f"run{number:02}", healthy=number % 3 == 0)
    routes = Routes(tmp_path)
    assert len(routes.names()) == 24
    answer = routes.json("sweep")
    assert [setting["name"] for setting in answer["settings"] if setting["separates"]] == ["output.activation"]
    check(answer, "Sweep")


def test_the_documents(routes):
    name = routes.names()[0]
    assert routes.get("export", run=name, form="markdown").mimetype == "text/plain"
    page = routes.get("export", run=name, form="html").text
    _check_embedded(page)


def test_the_exported_file_of_every_run(made):
    found = [*tb_diagnose.diagnose(made), *tb_diagnose.diagnose(RECORDINGS)]
    _check_embedded(html.page([html.part(diagnosis) for diagnosis in found]))


def _check_embedded(page: str) -> None:
    """The answers in a page are those of the routes."""
    embedded = json.loads(page.partition('id="tb-diagnose">')[2].partition("</script>")[0])
    assert list(embedded) == ["schema", "message", "runs"] and embedded["schema"] == schema.SCHEMA
    for run in embedded["runs"]:
        assert list(run) == ["row", "diagnosis", "evidence", "series"]
        check(run["row"], "RunRow")
        check(run["diagnosis"], "Diagnosis")
        check(run["evidence"], "Evidence")
        for name, text in run["series"].items():
            values = np.frombuffer(base64.b64decode(text), "<f4")
            assert values.size == np.prod(run["evidence"]["series"][name]["shape"])


@pytest.mark.parametrize("where", ["states", "recordings"])
def test_what_the_command_line_prints(made, where):
    root = str(made if where == "states" else RECORDINGS)
    folders, _ = logdir.folders(root)
    for folder in folders:
        for run in rendering.render(api.look(folder), root, "json", 80, color=False).runs:
            check(json.loads(run.rendered, parse_constant=pytest.fail), "Report")


@pytest.mark.parametrize("name", REPORTS)
def test_the_reports_of_the_snapshots(name):
    check(plain(serialize.as_json(judged(name))), "Report")
    check(plain(serialize.for_tab(judged(name))), "Diagnosis")


def test_a_failed_cause_has_its_form(monkeypatch):
    from test_samples import broken

    monkeypatch.setattr("tb_diagnose.causes.CATALOGUE", broken())
    report = serialize.as_json(judged("threshold_as_asked"))
    assert report["failed"]
    check(report, "Report")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.update(training="run1"),
        lambda report: report.pop("fine"),
        lambda report: report.update(status="fine"),
        lambda report: report["probable_causes"][0].update(severity=0.5),
        lambda report: report["probable_causes"][0].update(harm="much"),
    ],
)
def test_a_drift_is_seen(spoil):
    report = plain(serialize.as_json(judged("threshold_as_asked")))
    spoil(report)
    assert list(errors(report, "Report"))
