"""What is said before the first step, at the first stall and at a crash: once each, and never where unwanted."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
import recorded
import small_run

import tb_diagnose
from tb_diagnose.diagnosis.engine import judge
from tb_diagnose.recorder import notices, program, watchers
from tb_diagnose.report.verdict import contradiction


def net(units, loss, rate=0.001):
    keras.utils.set_random_seed(0)
    layers = [keras.Input((3,)), keras.layers.Dense(units, activation="softmax" if units > 1 else "sigmoid")]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


@pytest.mark.parametrize("verbose", [1, 0])
def test_a_contradiction_is_said_before_the_first_step_and_once(tmp_path, capsys, verbose):
    steps = []

    class Note(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            steps.append(capsys.readouterr().out)

    model = net(3, "categorical_crossentropy")
    callbacks = [tb_diagnose.KerasCallback(tmp_path / "run", verbose=verbose), Note()]
    with pytest.raises(ValueError, match="shape"):
        model.fit(small_run.X, small_run.Y, verbose=0, callbacks=callbacks)
    after = capsys.readouterr().out
    if not verbose:
        assert (steps[0], after) == ("", "")
        return
    (line,) = steps[0].splitlines()
    assert line.startswith("tb_diagnose: ") and "sparse_categorical_crossentropy" in line
    headline, *more = after.splitlines()
    assert headline.startswith("tb_diagnose: The run raised ValueError before it finished an epoch")
    assert "What to change" not in after and len(more) == 1  # where the whole report is


def test_the_first_stall_is_said_once_while_the_run_trains(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(notices, "SHARE", 1e9)  # a look before every epoch
    epochs = []

    class Note(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            epochs.append(capsys.readouterr().out)

    callbacks = [tb_diagnose.KerasCallback(tmp_path / "run"), Note()]
    net(1, "binary_crossentropy", 1e-9).fit(small_run.X, small_run.Y, epochs=12, verbose=0, callbacks=callbacks)
    said = [(epoch, text) for epoch, text in enumerate(epochs) if text]
    ((epoch, line),) = said
    assert 5 <= epoch < 12 and "has been stalled " in line and "What to change: " in line
    assert len(line.splitlines()) == 1
    at_the_end = capsys.readouterr().out
    assert at_the_end.startswith("tb_diagnose: Accuracy has been stalled") and "What to change" not in at_the_end


def test_what_was_said_of_a_run_is_not_said_by_its_next_fit(tmp_path, capsys):
    run = watchers.Run(str(tmp_path / "run" / "diagnosis"), str(tmp_path / "run"))
    first, next_fit = notices.Notices(run), notices.Notices(run)
    for each in (first, next_fit):
        each._say("Accuracy stands.", "frozen_layers")
    assert capsys.readouterr().out == "tb_diagnose: Accuracy stands.\n"
    assert next_fit.said == ("frozen_layers",)


def test_a_healthy_run_hears_nothing_before_its_end(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(notices, "SHARE", 1e9)
    heard = []

    class Note(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            heard.append(capsys.readouterr().out)

    callbacks = [tb_diagnose.KerasCallback(tmp_path / "run"), Note()]
    net(1, "binary_crossentropy", 0.05).fit(small_run.X, small_run.Y, epochs=12, verbose=0, callbacks=callbacks)
    assert "".join(heard) == ""


def test_of_recorded_runs_only_faults_are_contradictions_and_by_their_name():
    """Each as it was before its first step; what was measured only later is taken away."""
    named = {}
    for job in (*recorded.shown(), *recorded.twins()):
        if not recorded.path_of(job).exists():
            continue
        evidence = recorded.load(job).evidence
        facts = {name: value for name, value in evidence.facts.items() if name != "error"}
        before = dataclasses.replace(evidence, epochs=np.zeros(0, np.int64), series={}, metrics={}, facts=facts)
        found = contradiction(judge(before))
        if found is not None:
            named.setdefault(job.fault, []).append(found.cause.id)
    assert {"label_encoding", "loss_mismatch", "output_units"} <= set(named)
    assert [(fault, ids) for fault, ids in named.items() if set(ids) != {fault}] == []


def test_a_look_that_fails_is_one_warning_and_training_goes_on(tmp_path, monkeypatch):
    def fail(self):
        raise RuntimeError("out of order")

    monkeypatch.setattr(notices.Notices, "_look", fail)
    monkeypatch.setattr(notices, "SHARE", 1e9)
    model = net(1, "binary_crossentropy")
    with pytest.warns(RuntimeWarning, match="looking at the run before its first step failed") as given:
        model.fit(
            small_run.X, small_run.Y, epochs=3, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path / "run")]
        )
    assert len([each for each in given if "tb_diagnose" in str(each.message)]) == 1
    assert model.optimizer.iterations == 6


def test_under_a_watching_process_that_one_says_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(program.VARIABLE, "{}")
    with pytest.raises(ValueError, match="shape"):
        net(3, "categorical_crossentropy").fit(
            small_run.X, small_run.Y, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path / "run")]
        )
    said = capsys.readouterr().out
    assert said.count("What to change") == 1 and said.startswith("tb_diagnose: The run raised")
