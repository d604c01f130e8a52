"""What a newer tb_diagnose wrote is never read by guess: one sentence on every way in."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from tensorboard import errors
from test_schema import Routes, check

import tb_diagnose
from tb_diagnose import event_file

SENTENCE = (
    "This run was logged by a newer tb_diagnose (schema 3; this version reads up to 2). "
    "Update it here: `pip install --upgrade tb-diagnose`."
)


@pytest.fixture
def logdir(tmp_path, written, monkeypatch):
    """A run of today, and one of a newer version."""
    written(tmp_path, "today")
    with monkeypatch.context() as patch:
        patch.setattr(event_file, "SCHEMA", 3)
        written(tmp_path, "newer", healthy=True)
    return tmp_path


def run(*arguments):
    command = [sys.executable, "-m", "tb_diagnose", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_diagnose(logdir):
    newer, today = tb_diagnose.diagnose(logdir)
    assert (newer.run, newer.status.name, newer.headline) == ("newer", "unreadable", SENTENCE)
    assert not newer.probable_causes and not newer.notes and not newer.fine
    assert today.status.name == "stalled"
    assert SENTENCE in " ".join(str(newer).split())


def test_the_command_line(logdir, tmp_path):
    alone = run(logdir / "newer")
    assert alone.returncode == 2 and "Traceback" not in alone.stderr
    assert SENTENCE in " ".join(alone.stdout.split())
    assert run(logdir).returncode == 0  # the other run was read
    assert run(logdir, "--fail-on", "unreadable").returncode == 1
    rows = {row["run"]: row for row in json.loads(run("--json", logdir).stdout)}
    assert (rows["newer"]["status"], rows["newer"]["headline"]) == ("unreadable", SENTENCE)
    assert rows["newer"]["probable_causes"] == [] and rows["today"]["status"] == "stalled"
    assert run("--json", logdir / "newer").returncode == 2
    assert SENTENCE in run("--markdown", logdir).stdout.replace("\\_", "_")
    assert "newer tb_diagnose" in run(logdir, "--compare", "today", "newer").stdout
    run(logdir, "--junit", tmp_path / "report.xml", "--html", tmp_path / "report.html")
    (error,) = ElementTree.parse(tmp_path / "report.xml").getroot().iter("error")
    assert error.get("message") == SENTENCE
    assert SENTENCE.replace("`", "`") in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_routes(logdir):
    routes = Routes(logdir)
    rows = {name: routes.json("rows", name=name)["rows"][name][0] for name in ("today", "newer")}
    assert (rows["newer"]["status"], rows["newer"]["headline"]) == ("unreadable", SENTENCE)
    assert rows["today"]["status"] == "stalled"
    assert {row["run"]: row["status"] for row in routes.json("runs")["runs"]} == {
        "newer": "unreadable",
        "today": "stalled",
    }
    report = routes.json("diagnosis", run="newer")
    assert (report["status"], report["headline"], report["probable_causes"]) == ("unreadable", SENTENCE, [])
    for route, definition in (("diagnosis", "Diagnosis"), ("evidence", "Evidence")):
        check(routes.json(route, run="newer"), definition)
    assert routes.json("evidence", run="newer")["series"] == {}
    check(routes.json("compare", run="today", other="newer"), "Comparison")
    check(routes.json("sweep"), "Sweep")
    assert SENTENCE in routes.get("export", run="newer", form="markdown").text.replace("\\_", "_")
    assert SENTENCE in routes.get("export", run="newer", form="html").text
    with pytest.raises(errors.NotFoundError, match="has no series 'loss'"):
        routes.get("series", run="newer", name="loss")


def test_a_newer_run_behind_an_older_one_in_the_same_folder_is_told(tmp_path, written, monkeypatch):
    """Of a tag TensorBoard keeps the metadata of the first event: they alone would say that all is of today."""
    written(tmp_path, "run1")
    with monkeypatch.context() as patch:
        patch.setattr(event_file, "SCHEMA", 3)
        file = event_file.EventFile(str(tmp_path / "run1" / "diagnosis"), 100)
        file.write(100, facts={"run_start": 100})
        file.close()
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert found.headline == SENTENCE


def test_metadata_alone_tell_as_well(tmp_path, written, monkeypatch):
    """As of a version that no longer writes the tag of the schema."""
    with monkeypatch.context() as patch:
        patch.setattr(event_file, "SCHEMA", 3)
        patch.setattr(event_file, "SCHEMA_TAG", "diagnosis/form")
        written(tmp_path, "run1")
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert found.headline == SENTENCE
