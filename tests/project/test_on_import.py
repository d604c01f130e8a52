"""A module that has been imported is told of once, and is found as without us."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tb_diagnose.on_import import ImportHook


@pytest.fixture
def hook(tmp_path, monkeypatch):
    """`hook(name)` waits for a module; gives the list that a word is put into for each time."""
    monkeypatch.syspath_prepend(str(tmp_path))
    hooks = []

    def install(name):
        told = []
        hooks.append(ImportHook(name, lambda: told.append(hasattr(sys.modules[name], "READY"))))
        hooks[-1].install()
        return told

    yield install
    for each in hooks:
        each.remove()


def write(folder, name, text="READY = True"):
    (folder / f"{name}.py").write_text(text)
    importlib.invalidate_caches()


def test_it_is_told_when_the_module_is_complete(tmp_path, hook):
    write(tmp_path, "late_one")
    told = hook("late_one")
    import json  # noqa: F401 - another module

    assert told == []
    module = importlib.import_module("late_one")
    assert told == [True] and module.__spec__.loader.exec_module.__func__ is type(module.__loader__).exec_module
    assert not any(isinstance(finder, ImportHook) and finder.name == "late_one" for finder in sys.meta_path)
    importlib.reload(module)
    assert told == [True]


def test_a_question_is_no_import(tmp_path, hook):
    """Libraries ask whether there is a Keras, and go on without it."""
    write(tmp_path, "late_five")
    told = hook("late_five")
    assert importlib.util.find_spec("late_five") is not None and importlib.util.find_spec("late_five") is not None
    assert told == []
    importlib.import_module("late_five")
    assert told == [True]


def test_one_that_is_there_already(tmp_path, hook):
    write(tmp_path, "late_two")
    importlib.import_module("late_two")
    assert hook("late_two") == [True]


def test_an_import_that_fails_may_be_tried_again(tmp_path, hook):
    told = hook("late_three")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("late_three")
    write(tmp_path, "late_three", "1 / 0")
    with pytest.raises(ZeroDivisionError):
        importlib.import_module("late_three")
    assert told == []
    (tmp_path / "late_three.py").unlink()
    (tmp_path / "late_three").mkdir()
    (tmp_path / "late_three" / "__init__.py").write_text("READY = 1")
    importlib.invalidate_caches()
    importlib.import_module("late_three")
    assert told == [True]


def test_nobody_is_told_when_it_was_removed(tmp_path, hook):
    write(tmp_path, "late_four")
    told = []
    waiting = ImportHook("late_four", lambda: told.append(True))
    waiting.install()
    waiting.remove()
    importlib.import_module("late_four")
    assert told == []


def test_two_may_wait_for_a_module(tmp_path, hook):
    write(tmp_path, "late_six")
    first, second = hook("late_six"), hook("late_six")
    importlib.import_module("late_six")
    assert first == second == [True]
