"""`autolog` is as autologging is elsewhere: idempotent, the user's own callback wins, each fit has its folder."""

from __future__ import annotations

import os
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor

import keras
import pytest
from small_run import X, Y, model

import tb_diagnose
from tb_diagnose import storage
from tb_diagnose.recorder import autolog as module
from tb_diagnose.recorder import fit_hook


@pytest.fixture(autouse=True)
def off():
    """Nothing is logged by itself before and after a test."""
    tb_diagnose.autolog(disable=True)
    yield
    tb_diagnose.autolog(disable=True)


def fit(net, **more):
    net.fit(X, Y, epochs=1, verbose=0, **more)
    return net


def named(name):
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")], name=name)
    net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return net


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def runs(logdir):
    return len(tb_diagnose.diagnose(logdir))


def test_calling_it_again_logs_once_and_takes_the_new_settings(tmp_path):
    for _ in range(3):
        tb_diagnose.autolog(tmp_path / "a", verbose=0)
    fit(model())
    assert names(tmp_path / "a") == ["sequential_1"] and runs(tmp_path / "a") == 1
    tb_diagnose.autolog(tmp_path / "b", verbose=0)
    fit(model())
    assert names(tmp_path / "a") == names(tmp_path / "b") == ["sequential_1"]


def test_disable_ends_it(tmp_path):
    tb_diagnose.autolog(tmp_path / "a", verbose=0)
    tb_diagnose.autolog(disable=True)
    fit(model())
    assert names(tmp_path / "a") == [] and fit_hook.is_automatic() is None


def test_a_block_puts_back_what_was_in_force(tmp_path):
    with tb_diagnose.autolog(tmp_path / "a", verbose=0):
        with tb_diagnose.autolog(tmp_path / "b", verbose=0):
            fit(named("inner"))
        fit(named("outer"))
        with tb_diagnose.autolog(disable=True):
            fit(named("none"))
        with pytest.raises(KeyError), tb_diagnose.autolog(tmp_path / "c", verbose=0):
            raise KeyError
        fit(named("again"))
    fit(named("after"))
    assert names(tmp_path / "a") == ["again_1", "outer_1"] and names(tmp_path / "b") == ["inner_1"]
    assert names(tmp_path / "c") == []


def test_a_callback_of_ones_own_wins(tmp_path):
    tb_diagnose.autolog(tmp_path / "auto", verbose=0)
    own = tb_diagnose.KerasCallback(tmp_path / "own", verbose=0)
    fit(model(), callbacks=[own])
    net = model()
    listed = tb_diagnose.KerasCallback(tmp_path / "list", verbose=0)
    fit(net, callbacks=keras.callbacks.CallbackList([listed], add_history=True, model=net))
    assert names(tmp_path / "auto") == [] and runs(tmp_path / "own") == runs(tmp_path / "list") == 1


def test_a_list_object_of_ones_own_gets_the_callback(tmp_path):
    """A `CallbackList` may know neither epochs nor steps."""
    tb_diagnose.autolog(tmp_path, verbose=0)
    net = model()
    several = keras.callbacks.CallbackList([], add_history=True, model=net)
    fit(net, callbacks=several)
    assert runs(tmp_path) == 1 and len(several.callbacks) == 1


def test_the_users_list_of_callbacks_stays_as_it_is(tmp_path):
    """A list that serves several fits would collect a callback of ours for each."""
    tb_diagnose.autolog(tmp_path, verbose=0)
    callbacks = [keras.callbacks.History()]
    for _ in range(2):
        fit(model(), callbacks=callbacks)
    assert len(callbacks) == 1 and names(tmp_path) == ["sequential_1", "sequential_2"]


def test_each_fold_has_its_folder_and_a_model_goes_on_in_its_own(tmp_path):
    tb_diagnose.autolog(tmp_path, verbose=0)
    first = fit(model())
    clone = keras.models.clone_model(first)
    clone.compile("adam", "binary_crossentropy")
    fit(clone)
    fit(first, initial_epoch=0)
    assert names(tmp_path) == ["sequential_1", "sequential_2"]
    (one, other) = tb_diagnose.diagnose(tmp_path)
    assert (one.evidence.epochs[-1], other.evidence.epochs[-1]) == (2, 1)


class Tuner:
    """Builds a model for each trial and fits it inside a call of its own, as Keras Tuner does."""

    def search(self, rates):
        return [self.run_trial(rate) for rate in rates]

    def run_trial(self, rate):
        net = named("trial")
        net.optimizer.learning_rate = rate
        return fit(net, callbacks=[keras.callbacks.History()])


def test_each_trial_of_a_tuner_has_its_folder(tmp_path):
    tb_diagnose.autolog(tmp_path, verbose=0)
    Tuner().search([0.1, 0.01, 0.001])
    assert names(tmp_path) == ["trial_1", "trial_2", "trial_3"]
    rates = [float(run.evidence.get("learning_rate")[-1]) for run in tb_diagnose.diagnose(tmp_path)]
    assert rates == pytest.approx([0.1, 0.01, 0.001])


@pytest.mark.parametrize("inner", ["another", "the same"])
def test_a_fit_inside_a_callback(tmp_path, inner):
    """Of the same model too: two writers in one folder could not be read."""
    tb_diagnose.autolog(tmp_path, verbose=0)
    outer = named("outer")
    other = outer if inner == "the same" else named("inner")
    once = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: fit(other))
    fit(outer, callbacks=[once])
    assert names(tmp_path) == (["outer_1", "outer_2"] if inner == "the same" else ["inner_1", "outer_1"])
    assert all(run.evidence.epochs[-1] >= 1 for run in tb_diagnose.diagnose(tmp_path))


def test_the_folder_is_named_for_the_model():
    for name, expected in {
        "sequential_3": "sequential",
        "block/head": "block_head",
        "..": "..",
        "größe 2": "größe_2",
        "\\:*?": "_",
        "": "model",
        "x" * 300: "x" * module.LONGEST_NAME,
    }.items():
        assert module.folder_name(name) == expected


def test_of_several_that_ask_for_a_folder_one_gets_it(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: storage.make_new_folder(str(tmp_path / "logs" / "run_1")), range(32)))
    assert sum(got) == 1


def test_a_folder_that_is_there_is_not_used_again(tmp_path):
    (tmp_path / "sequential_1").mkdir()
    (tmp_path / "sequential_2").write_text("a file")
    tb_diagnose.autolog(tmp_path, verbose=0)
    fit(model())
    assert names(tmp_path)[-1] == "sequential_3"


def test_a_process_that_was_forked_off_has_folders_of_its_own(tmp_path, monkeypatch):
    tb_diagnose.autolog(tmp_path, verbose=0)
    net = fit(model())
    monkeypatch.setattr(module.os, "getpid", lambda: 1)
    assert module._folder(net, str(tmp_path)) == str(tmp_path / "sequential_2")


def test_a_logdir_that_cannot_be_made_is_one_warning(tmp_path):
    tb_diagnose.autolog(tmp_path / "logs", verbose=0)
    (tmp_path / "logs").write_text("in the way")
    with pytest.warns(RuntimeWarning, match="this fit is not logged. `logdir` cannot"):
        fit(model())


def test_an_error_of_fit_is_printed_as_without_us(tmp_path, monkeypatch, capsys):
    """The frame of the wrapper is in the traceback, and Python's own printing leaves it out."""
    import sys

    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    tb_diagnose.autolog(tmp_path, verbose=0)
    with pytest.raises(ValueError) as raised:
        try:
            raise KeyError("first")
        except KeyError:
            model().fit(X, Y[:3], verbose=0)
    frames = [frame.filename for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert sum("fit_hook" in name for name in frames) == 1 and "data_adapter" in frames[-1]
    sys.excepthook(type(raised.value), raised.value, raised.value.__traceback__)
    printed = capsys.readouterr().err
    assert "ValueError" in printed and f"tb_diagnose{os.sep}" not in printed


def test_what_measuring_warns_of_is_not_said(tmp_path):
    """Keras warns of a softmax over one unit with the shape in it: ours is another than the step's."""
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="softmax")])
    net.compile("adam", "binary_crossentropy", run_eagerly=True)
    said = []
    for logged in (False, True):
        if logged:
            tb_diagnose.autolog(tmp_path, verbose=0)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fit(net, batch_size=64)
        said.append([str(warning.message) for warning in caught if "softmax" in str(warning.message)])
    assert said[0] == said[1] != []
