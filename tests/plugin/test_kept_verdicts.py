"""Rows that were judged before are found again by the files that they were judged from, and by nothing else."""

from __future__ import annotations

import os

import pytest
from states import past
from tensorboard import context

from tb_diagnose import api
from tb_diagnose.event_data import EventData
from tb_diagnose.plugin.store import Store
from tb_diagnose.reader import logdir
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags

CTX = context.RequestContext()


@pytest.fixture
def logs(tmp_path, written):
    with past():  # whether a run of today goes on is not known yet
        written(tmp_path / "logs", "stalled")
        written(tmp_path / "logs", "healthy", healthy=True)
    return tmp_path / "logs"


def started(logs, cache, tags=NO_TAGS):
    """The store of a TensorBoard that has just started."""
    folders, _ = logdir.folders(str(logs))
    provider = EventData({run: path for folder in folders for run, path in folder.runs.items()})
    return Store(provider, tags, str(logs), None if cache is None else str(cache))


def rows(store):
    listing = store.listing(CTX, "")
    return {name: store.rows(CTX, "", name, listed) for name, listed in listing.items()}


@pytest.fixture
def judged(monkeypatch):
    """Names of the runs that are judged."""
    names = []
    original = api.judged

    def counting(provider, ctx, experiment, name, *rest):
        names.append(name)
        return original(provider, ctx, experiment, name, *rest)

    monkeypatch.setattr(api, "judged", counting)
    return names


def test_what_was_judged_is_there_after_a_new_start(logs, tmp_path, judged):
    first = started(logs, tmp_path / "cache")
    expected, sweep = rows(first), first.of_sweep("")
    assert sorted(judged) == ["healthy", "stalled"]
    second = started(logs, tmp_path / "cache")
    assert rows(second) == expected and len(judged) == 2
    assert second.of_sweep("") == sweep
    listing = second.listing(CTX, "")
    (diagnosis,) = second.diagnoses(CTX, "", "stalled", listing["stalled"])  # arrays are not kept
    assert diagnosis.status.name == "stalled" and judged[2:] == ["stalled"]


def test_a_run_that_has_grown_is_judged_anew(logs, tmp_path, written, judged):
    with past():
        run = written(logs, "growing", 4)
        rows(started(logs, tmp_path / "cache"))
        run.add_epochs(2)
    assert rows(started(logs, tmp_path / "cache"))["growing"][0]["epochs"] == 6
    assert sorted(judged) == ["growing", "growing", "healthy", "stalled"]


def test_what_else_a_verdict_depends_on(logs, tmp_path, judged, monkeypatch):
    rows(started(logs, tmp_path / "cache"))
    rows(started(logs, tmp_path / "cache", UserTags(("reward",), ())))
    assert len(judged) == 4
    monkeypatch.setattr("tb_diagnose.plugin.verdicts._code", lambda: "another version")
    rows(started(logs, tmp_path / "cache"))
    assert len(judged) == 6


def test_a_verdict_that_time_changes_is_not_kept(logs, tmp_path, judged, monkeypatch):
    monkeypatch.setattr("tb_diagnose.plugin.store._holds_until", lambda _: 9e9)
    for _ in range(2):
        rows(started(logs, tmp_path / "cache"))
    assert len(judged) == 4


@pytest.mark.parametrize("harm", ["deleted", "damaged", "not writable", "deleted meanwhile", "off"])
def test_whatever_is_wrong_with_it_runs_are_judged(logs, tmp_path, judged, harm):
    cache = None if harm == "off" else tmp_path / "cache"
    if harm == "not writable":
        cache.write_text("a file")
    store = started(logs, cache)
    expected = rows(store)
    if harm.startswith("deleted"):
        (cache / "verdicts.sqlite").unlink()
    if harm == "damaged":
        (cache / "verdicts.sqlite").write_bytes(os.urandom(8192))
    if harm == "deleted meanwhile":
        assert rows(store) == expected
        return
    assert rows(started(logs, cache)) == expected and len(judged) == 4
    assert (tmp_path / "cache").exists() == (harm != "off")
