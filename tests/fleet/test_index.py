"""The index on disk: whole at any moment, each run once, and filters that say what they should."""

import dataclasses
import json
import os
import random
import resource
import subprocess
import sys
import time

import pytest
from places import ROOT, TESTS

pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402

from tb_diagnose.fleet import index as indexing  # noqa: E402
from tb_diagnose.fleet import place as placing  # noqa: E402
from tb_diagnose.fleet.page import page  # noqa: E402
from tb_diagnose.fleet.run_folder import short_name  # noqa: E402
from tb_diagnose.fleet.store import store_of  # noqa: E402
from tb_diagnose.fleet.where import WhereError, where  # noqa: E402

DAY = 86_400.0


def row(run, status="reached", version=0, **more):
    key = short_name("logs", run)
    return {
        **{"logdir": "logs", "folder": run, "run": run, "status": status, "key": key, "version": key + version},
        **{"updated": 1.7e9, "settled_until": float("inf"), "cause_ids": "  ", "texts": {}, "numbers": {}, **more},
    }


def current(folder, wanted=None):
    found = indexing.opened(str(folder))
    chosen = found.current() if wanted is None else found.current() & where(wanted)
    return {each["run"]: each for each in found.dataset().to_table(filter=chosen).to_pylist()}


def add(folder, *rows, fold=True):
    with indexing.writing(str(folder)) as writer:
        writer.add(rows)
        if not fold:
            writer.flush()


def test_a_later_reading_replaces_the_earlier_one_in_any_day(tmp_path):
    add(tmp_path / "index", row("a", "learning"), row("b"), row("a (earlier 1)") | {"key": short_name("logs", "a")})
    time.sleep(0.002)
    add(tmp_path / "index", row("a", "stalled", version=1, updated=1.7e9 + 3 * DAY))
    found = current(tmp_path / "index")
    assert {name: each["status"] for name, each in found.items()} == {"a": "stalled", "b": "reached"}
    files = indexing.opened(str(tmp_path / "index")).paths()
    assert sum(pq.read_metadata(path).num_rows for path in files) == 2  # nothing outdated is kept
    assert sorted(os.path.dirname(path)[-14:] for path in files) == ["day=2023-11-14", "day=2023-11-17"]


def test_a_reading_counts_before_it_is_put_to_its_day(tmp_path):
    add(tmp_path / "index", row("a", "learning"))
    with indexing.writing(str(tmp_path / "index")) as writer:
        time.sleep(0.002)
        writer.add([row("a", "stalled", version=1)])
        writer.flush()
        assert current(tmp_path / "index")["a"]["status"] == "stalled"
        assert not writer.index.is_folded and len(writer.index.outdated) == 1


def test_at_its_end_a_review_says_that_nothing_outdated_need_be_looked_for(tmp_path):
    for version in range(2):
        add(tmp_path / "index", row("a", version=version), row("b"))
        time.sleep(0.002)
        found = indexing.opened(str(tmp_path / "index"))
        assert found.is_folded and len(dataclasses.replace(found, is_folded=False).outdated) == 0
    told = json.loads((tmp_path / "index" / "index.json").read_text())
    del told["folded"]  # as an earlier tb_diagnose writes it
    (tmp_path / "index" / "index.json").write_text(json.dumps(told))
    assert not indexing.opened(str(tmp_path / "index")).is_folded and current(tmp_path / "index").keys() == {"a", "b"}


def test_a_long_review_ends_with_one_file_a_day(tmp_path, monkeypatch):
    monkeypatch.setattr(indexing, "FLUSH_ROWS", 5)
    monkeypatch.setattr(indexing, "SPREAD_ROWS", 20)
    names = []
    with indexing.writing(str(tmp_path / "index")) as writer:
        for number in range(60):
            writer.add([row(str(number), updated=1.7e9 + number % 3 * DAY)])
            names.append(len(writer.index.files))
    assert max(names) >= 9  # three days, spread three times
    found = indexing.opened(str(tmp_path / "index"))
    assert sorted(pq.read_metadata(path).num_rows for path in found.paths()) == [20, 20, 20]
    assert len(current(tmp_path / "index")) == 60


def test_many_runs_of_one_day_are_files_of_bounded_size(tmp_path, monkeypatch):
    """So many rows, and no more, are held in memory at once."""
    monkeypatch.setattr(indexing, "PART_ROWS", 10)
    folder, before = tmp_path / "index", [1.7e9 - 3 * DAY, 1.7e9 - 2 * DAY]
    add(folder, *(row(f"run{i}", updated=[*before, *[1.7e9] * 3][i % 5]) for i in range(35)))
    sizes = {str(path): pq.read_metadata(path).num_rows for path in (tmp_path / "index").rglob("*.parquet")}
    assert sorted(sizes.values()) == [1, 7, 7, 10, 10], "Three days: 7, 7 and 21 runs."
    time.sleep(0.002)
    add(folder, row("run2", "stalled", version=1))
    left = {str(path): pq.read_metadata(path).num_rows for path in (tmp_path / "index").rglob("*.parquet")}
    assert len(current(folder)) == 35 and current(folder)["run2"]["status"] == "stalled"
    assert sum(left.values()) == 35 and max(left.values()) == 10
    assert len(left.keys() & sizes.keys()) == 3, "What is full, and up to date, stays where it is."


def test_a_folder_without_a_run_is_known_and_not_listed(tmp_path):
    bare = {name: value for name, value in row("a").items() if name in ("logdir", "folder", "key", "version")}
    add(tmp_path / "index", bare, row("b", settled_until=0.0))
    assert current(tmp_path / "index").keys() == {"b"}
    assert indexing.opened(str(tmp_path / "index")).known(time.time()).tolist() == [bare["version"]]


def test_a_clock_that_is_ahead_or_was_not_set_gives_a_day_that_there_is(tmp_path):
    add(tmp_path / "index", row("ahead", updated=time.time() + 1000 * DAY), row("behind", updated=-5.0))
    days = {name: each["day"].year for name, each in current(tmp_path / "index").items()}
    assert days["behind"] == 1970 and 2024 <= days["ahead"] < 2100
    assert current(tmp_path / "index")["ahead"]["updated"].timestamp() <= time.time()


def test_what_a_process_left_that_was_killed_does_not_count_and_goes(tmp_path):
    add(tmp_path / "index", row("a"))
    left = tmp_path / "index" / "new" / "left.parquet"
    left.parent.mkdir()
    left.write_bytes(b"half a file")
    assert current(tmp_path / "index").keys() == {"a"}
    add(tmp_path / "index", row("b"))
    assert current(tmp_path / "index").keys() == {"a", "b"} and not left.exists()


FULL = """
import resource, sys
sys.path[:0] = {paths!r}
from test_index import add, row
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    add({folder!r}, *(row(str(i), headline=str(hash(str(i))) * 20) for i in range(2000)))
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit of the size of files")
def test_a_disk_that_is_full_leaves_the_index_as_it_was(tmp_path):
    add(tmp_path / "index", row("a"))
    before = sorted(path for path in (tmp_path / "index").rglob("*") if path.is_file())
    program = FULL.format(paths=[str(ROOT), str(TESTS), os.path.dirname(__file__)], folder=str(tmp_path / "index"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "index' cannot be written: File too large." in done.stdout, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert sorted(path for path in (tmp_path / "index").rglob("*") if path.is_file()) == before
    assert current(tmp_path / "index").keys() == {"a"}


@pytest.fixture
def store():
    """The address of an index in a store, where nothing is yet."""
    filesystem, path = store_of("memory://team/index")
    if filesystem.exists(path):
        filesystem.rm(path, recursive=True)
    return "memory://team/index"


def names_in(address):
    filesystem, path = store_of(address)
    return sorted(name[len(path) + 1 :] for name in filesystem.find(path))


def test_an_index_in_a_store_holds_what_one_in_a_folder_does(tmp_path, store):
    for place in (store, str(tmp_path / "index")):
        add(place, row("a", "learning"), row("b", texts={"optimizer.name": "sgd"}))
        time.sleep(0.002)
        add(place, row("a", "stalled", version=1, updated=1.7e9 + 3 * DAY), row("c"), fold=False)
    told = ("run", "status", "updated", "texts", "version")
    ours, same = ({name: [each[t] for t in told] for name, each in current(at).items()} for at in (store, place))
    assert ours == same and {name: each[1] for name, each in ours.items()} == {
        **{"a": "stalled", "b": "reached", "c": "reached"}
    }
    assert current(store, "optimizer.name = 'sgd'").keys() == {"b"}
    assert page(indexing.opened(store), where("status = 'stalled'")).rows[0]["run"] == "a"
    days = sorted(path.relative_to(place).parent.name for path in (tmp_path / "index").rglob("*.parquet"))
    assert sorted(name.split("/")[0] for name in names_in(store)) == [*days, "index.json"]
    known = (indexing.opened(at).known(time.time()).tolist() for at in (store, place))
    assert next(known) == next(known)


def test_what_is_left_over_in_a_store_goes_when_nobody_can_be_about_to_add_it(store, monkeypatch):
    add(store, row("a"))
    filesystem, path = store_of(store)
    filesystem.pipe_file(f"{path}/new/left.parquet", b"of a process that was killed, or that is at work")
    filesystem.pipe_file(f"{path}/notes.txt", b"somebody's own")
    add(store, row("b"))
    assert "new/left.parquet" in names_in(store) and current(store).keys() == {"a", "b"}
    monkeypatch.setattr(placing, "LEFT_OVER", -1.0)
    add(store, row("c"))
    assert current(store).keys() == {"a", "b", "c"}
    assert [name.split("/")[0] for name in names_in(store)] == ["day=2023-11-14", "index.json", "notes.txt"]


def test_of_two_that_write_to_a_store_the_second_one_stops(store):
    sentence = "Another `tb-diagnose review` has written to 'memory://team/index' meanwhile"
    with pytest.raises(OSError, match=sentence), indexing.writing(store) as writer:
        add(store, row("a"))
        writer.add([row("b")])
    assert current(store).keys() == {"a"}


def test_a_store_that_holds_something_else_is_left_alone(store):
    filesystem, path = store_of(store)
    filesystem.pipe_file(f"{path}/notes.txt", b"somebody's own")
    with pytest.raises(OSError, match="'memory://team/index' holds something else .'notes.txt'.. Expected"):
        add(store, row("a"))
    assert names_in(store) == ["notes.txt"]


def test_one_process_writes_at_a_time(tmp_path):
    with indexing.writing(str(tmp_path / "index")), pytest.raises(OSError, match="Another `tb-diagnose review`"):
        add(tmp_path / "index", row("a"))


def test_a_newer_or_damaged_list_is_a_sentence(tmp_path):
    for content, sentence in (
        (json.dumps({"schema": 2, "written_by": "tb_diagnose 9.0", "files": []}), "newer tb_diagnose .tb_diagnose 9.0"),
        ("{", "is damaged"),
    ):
        (tmp_path / "index.json").write_text(content)
        with pytest.raises(OSError, match=sentence):
            indexing.opened(str(tmp_path))


FILTERS = {
    "status = 'stalled'": lambda r: r["status"] == "stalled",
    "status in ('stalled', 'reached') and epochs >= 5": lambda r: r["epochs"] >= 5,
    "not (learning_rate > 0.05)": lambda r: "learning_rate" in r["numbers"] and r["numbers"]["learning_rate"] <= 0.05,
    "optimizer.name = 'sgd' or hours < 1": lambda r: r["texts"].get("optimizer.name") == "sgd" or r["seconds"] < 3600,
    "cause = 'b'": lambda r: "b" in r["cause_ids"].split(),
    "cause != 'ab'": lambda r: "ab" not in r["cause_ids"].split(),
    "learning_rate is null": lambda r: "learning_rate" not in r["numbers"],
    "settings.status is not null": lambda r: "status" in r["texts"],
    "nesterov = true": lambda r: r["texts"].get("nesterov") == "true",
    "updated >= '2023-11-15'": lambda r: r["updated"] >= 1_700_006_400,
    "\"odd name\" = 'it''s'": lambda r: r["texts"].get("odd name") == "it's",
}


def test_filters_choose_what_a_loop_would(tmp_path):
    drawn = random.Random(0)
    rows = [
        row(
            str(number),
            drawn.choice(["stalled", "reached"]),
            epochs=drawn.randint(0, 10),
            seconds=drawn.choice([60.0, 7200.0]),
            updated=1.7e9 + drawn.choice([0, DAY]),
            cause_ids=drawn.choice(["  ", " a ", " a b ", " ab "]),
            texts=drawn.choice(
                [{}, {"optimizer.name": "sgd", "nesterov": "true"}, {"odd name": "it's"}, {"status": "x"}]
            ),
            numbers=drawn.choice([{}, {"learning_rate": 0.1}, {"learning_rate": 0.01, "x": 1.0}]),
        )
        for number in range(200)
    ]
    add(tmp_path / "index", *rows)
    for text, fits in FILTERS.items():
        wanted = {each["run"] for each in rows if fits(each)}
        assert 0 < len(wanted) < 200, text
        assert current(tmp_path / "index", text).keys() == wanted, text


@pytest.mark.parametrize(
    "text",
    ["", "status", "status =", "= 3", "a = b", "(a = 1", "a = 1 b = 2", "a in ()", "a is 3", "cause < 'a'"]
    + ["epochs = 'many'", "updated > 'soon'", "a = 'open", "a = 1; drop", "not", "a not = 1"],
)
def test_a_filter_that_is_none_is_a_sentence(text):
    with pytest.raises(WhereError, match=r"\.$"):
        where(text)
