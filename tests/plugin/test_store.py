"""What the plugin reads and keeps: nothing of runs that nobody asked for."""

from __future__ import annotations

import pytest
from tensorboard import context

from tb_diagnose import event_file
from tb_diagnose.diagnosis.sweep import sweep_run
from tb_diagnose.event_data import EventData
from tb_diagnose.plugin import store
from tb_diagnose.reader import logdir, settled

CTX = context.RequestContext()


class Counting:
    """A data provider that counts what is read from it."""

    def __init__(self, provider):
        self._provider = provider
        self.read = []

    def __getattr__(self, name):
        method = getattr(self._provider, name)
        if not name.startswith("read_"):
            return method

        def counted(*args, **options):
            self.read.append(sorted(options["run_tag_filter"].runs))
            return method(*args, **options)

        return counted


@pytest.fixture
def logs(tmp_path, written, monkeypatch):
    """`open()` looks at the logdir anew; the runs can go on."""
    monkeypatch.setattr(store, "FRESH", 0.0)
    monkeypatch.setattr(store, "FRESH_TIMES", 0)
    runs = {name: written(tmp_path, name, 4) for name in ("a", "b", "c")}

    def look():
        folders, _ = logdir.folders(str(tmp_path))
        return Counting(EventData({run: path for folder in folders for run, path in folder.runs.items()}))

    return runs, look


def test_listing_reads_nothing(logs):
    provider = logs[1]()
    found = store.Store(provider).listing(CTX, "")
    assert sorted(found) == ["a", "b", "c"] and provider.read == []
    assert all(listed.updated > 0 for listed in found.values())


def test_only_what_is_asked_for_is_read_and_only_once(logs):
    provider = logs[1]()
    kept = store.Store(provider)
    found = kept.listing(CTX, "")
    (row,) = kept.rows(CTX, "", "b", found["b"])
    assert (row["run"], row["status"]) == ("b", "stalled")
    read = list(provider.read)
    assert {run for runs in read for run in runs} == {"b/diagnosis"}
    assert kept.rows(CTX, "", "b", found["b"]) == kept.known("", "b", found["b"]) == [row]
    assert kept.diagnoses(CTX, "", "b", found["b"])[0].run == "b"
    assert provider.read == read
    assert kept.known("", "a", found["a"]) is None


def test_files_on_this_machine_are_read_themselves(logs, tmp_path):
    runs, look = logs
    provider = look()
    kept = store.Store(provider, logdir=str(tmp_path))
    found = kept.listing(CTX, "")
    runs["b"].add_epochs(2)  # TensorBoard has not seen these
    assert kept.rows(CTX, "", "b", found["b"])[0]["epochs"] == 6
    assert provider.read == []
    runs["c"].event_file.unlink()  # and holds these still
    assert kept.rows(CTX, "", "c", found["c"])[0]["epochs"] == 4
    assert provider.read


@pytest.mark.parametrize("place", ["", "nowhere", "gs://bucket/logs"])
def test_files_elsewhere_are_left_to_tensorboard(logs, place):
    provider = logs[1]()
    kept = store.Store(provider, logdir=place)
    assert kept.rows(CTX, "", "b", kept.listing(CTX, "")["b"])[0]["epochs"] == 4
    assert provider.read


def test_a_run_that_has_grown_is_read_again(logs):
    runs, look = logs
    provider = look()
    kept = store.Store(provider)
    before = kept.listing(CTX, "")
    for name in "ab":
        kept.rows(CTX, "", name, before[name])
    runs["a"].add_epochs(2)
    provider._provider = look()._provider
    after = kept.listing(CTX, "")
    assert kept.known("", "a", after["a"]) is None and kept.known("", "b", after["b"]) is not None
    assert kept.rows(CTX, "", "a", after["a"])[0]["epochs"] == 6


def test_few_diagnoses_are_kept_and_nothing_of_what_is_gone(logs, monkeypatch):
    monkeypatch.setattr(store, "KEPT", 2)
    provider = logs[1]()
    kept = store.Store(provider)
    found = kept.listing(CTX, "")
    for name in "abc":
        kept.rows(CTX, "", name, found[name])
    assert [name for _, name in kept._diagnoses] == ["b", "c"]
    assert kept.known("", "a", found["a"])[0]["status"] == "stalled"  # its row is small, and stays
    provider._provider = EventData({})
    assert kept.listing(CTX, "") == {} and not kept._rows and not kept._diagnoses


def test_a_row_has_its_curve_at_a_few_epochs(logs):
    kept = store.Store(logs[1]())
    (row,) = kept.rows(CTX, "", "a", kept.listing(CTX, "")["a"])
    (found,) = kept.diagnoses(CTX, "", "a", kept.listing(CTX, "")["a"])
    assert row["spark"] == pytest.approx(found.progress.values.tolist(), rel=0.01)
    assert row["accuracy"] == pytest.approx(found.evidence.get("accuracy")[-1])
    assert kept.of_sweep("") == [sweep_run(found)]


class Clock:
    """A clock that the test sets."""

    def __init__(self, monkeypatch, now):
        self.now = now
        monkeypatch.setattr(store.time, "time", lambda: self.now)


@pytest.fixture
def waiting(tmp_path, monkeypatch):
    """A store over a run whose first epoch is not finished, the reading of it, and a clock."""
    file = event_file.EventFile(str(tmp_path / "run1" / "diagnosis"), 0)
    file.write(0, facts={"run_start": 0, "environment": {"host": "elsewhere", "process": 1}})
    file.close()
    provider = Counting(EventData({"run1/diagnosis": str(tmp_path / "run1" / "diagnosis")}))
    return store.Store(provider), provider, Clock(monkeypatch, store.time.time())


def test_a_run_without_an_epoch_is_judged_once_in_a_while(waiting):
    kept, provider, clock = waiting
    listed = kept.listing(CTX, "")["run1"]
    (row,) = kept.rows(CTX, "", "run1", listed)
    assert row["status"] == "too short to tell"
    read = list(provider.read)
    for _ in range(3):
        assert kept.known("", "run1", listed) == kept.rows(CTX, "", "run1", listed) == [row]
        kept.diagnoses(CTX, "", "run1", listed)
    assert provider.read == read
    clock.now += settled.UNSETTLED + 1
    assert kept.known("", "run1", listed) is None  # its process may have ended without an event
    clock.now += 3600
    assert kept.rows(CTX, "", "run1", listed)[0]["status"] == "crashed"
    clock.now += 30 * 24 * 3600
    assert (
        kept.known("", "run1", listed)[0]["status"] == "crashed"
    )  # what has crashed stays so until there is a new event


def test_a_run_that_cannot_be_read_is_not_read_at_each_request(tmp_path):
    file = event_file.EventFile(str(tmp_path / "run1" / "diagnosis"), 0)
    file.write(0, facts={"run_start": "damaged"})
    file.write(1, facts={"run_start": 1})
    file.close()
    provider = Counting(EventData({"run1/diagnosis": str(tmp_path / "run1" / "diagnosis")}))
    kept = store.Store(provider)
    listed = kept.listing(CTX, "")["run1"]
    (row,) = kept.rows(CTX, "", "run1", listed)
    read = list(provider.read)
    assert row["status"] == "unreadable" and kept.known("", "run1", listed) == [row]
    assert kept.rows(CTX, "", "run1", listed) == [row] and provider.read == read


def test_a_folder_may_be_named_like_an_earlier_run():
    listing = {"x", "x (earlier 1)", "y"}
    assert store.listed_as("x (earlier 1)", listing) == "x (earlier 1)"
    assert store.listed_as("x (earlier 2)", listing) == "x"
    assert store.listed_as("y (earlier 1)", listing) == "y"
    assert store.listed_as("z (earlier 1)", listing) is None
