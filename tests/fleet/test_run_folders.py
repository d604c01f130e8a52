"""Runs of a logdir as its files come, without a list of all of them."""

import os
import random
import shutil
from dataclasses import replace

import fsspec
import pytest
from places import RECORDINGS

from tb_diagnose.fleet.group import MOST_BYTES, MOST_RUNS, groups
from tb_diagnose.fleet.listing import event_files
from tb_diagnose.fleet.run_folder import EventFile, run_folders
from tb_diagnose.reader import logdir


def listed(path, complain=pytest.fail):
    return list(run_folders(str(path), event_files(str(path), complain)))


def names(folders):
    return sorted((folder.name, sorted(folder.files)) for folder in folders)


def as_the_reader_does(path):
    return sorted((folder.name, sorted(folder.runs)) for folder in logdir.folders(str(path))[0])


def test_they_are_those_that_the_reader_finds():
    assert names(listed(RECORDINGS)) == as_the_reader_does(RECORDINGS)


def test_they_are_so_in_any_tree(tmp_path):
    drawn = random.Random(0)
    for number in range(40):
        root = tmp_path / str(number)
        for _ in range(drawn.randint(1, 8)):
            path = drawn.choices(["a", "b-1", "train", "val", "diagnosis", "Loss_val"], k=drawn.randint(0, 3))
            path += drawn.choice([[], [], ["1795338274.9"]])  # only what lies in a run is named by a time
            (root / "/".join(path)).mkdir(parents=True, exist_ok=True)
            (root / "/".join(path) / "events.out.tfevents.1.x").touch()
        assert names(listed(root)) == as_the_reader_does(root)


def test_a_store_of_fsspec_gives_the_same():
    memory = fsspec.filesystem("memory")
    memory.put(str(RECORDINGS), "/listing", recursive=True)
    try:
        assert names(listed("memory://listing")) == as_the_reader_does(RECORDINGS)
    finally:
        memory.rm("/listing", recursive=True)


def test_a_link_back_is_not_followed_and_one_elsewhere_is_followed_once(tmp_path, written):
    logs = tmp_path / "logs"
    written(logs, "run1")
    written(tmp_path / "elsewhere", "run2")
    os.symlink(logs, logs / "loop")
    os.symlink(logs / "run1", logs / "latest")
    for name in ("there", "there_too"):
        os.symlink(tmp_path / "elsewhere", logs / name)
    assert len(found := names(listed(logs))) == 2
    assert [name.split("/")[-1] for name, _ in found] == ["run1", "run2"]


def test_a_version_changes_with_any_file_and_with_nothing_else(tmp_path, written):
    run = written(tmp_path, "run1")
    (before,) = listed(tmp_path)
    assert [each.version for each in listed(tmp_path)] == [before.version]
    run.add_epochs(1)
    (after,) = listed(tmp_path)
    assert after.version != before.version and after.key == before.key
    shutil.copytree(tmp_path / "run1", tmp_path / "run2")
    assert len({each.version for each in listed(tmp_path)}) == 2


def test_groups_are_bounded_by_runs_and_by_bytes():
    file = EventFile("run", "events.out.tfevents.1", 1, "", 0.0)
    (small,) = run_folders("logs", [file])
    large = replace(small, files={"run": (file._replace(size=MOST_BYTES),)})
    assert [len(group) for group in groups([small] * (2 * MOST_RUNS + 1))] == [MOST_RUNS, MOST_RUNS, 1]
    assert [len(group) for group in groups([large, small, small, large])] == [1, 2, 1]
    assert list(groups([])) == []
