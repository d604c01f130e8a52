"""Which settings a sweep is looked at for: what was set, each once, and never what follows from it."""

from __future__ import annotations

import numpy as np
import pytest

from tb_diagnose.diagnosis.chosen import chosen
from tb_diagnose.diagnosis.differing import differing
from tb_diagnose.evidence import Evidence


def evidence(rates=None, **facts):
    series = {} if rates is None else {"learning_rate": np.array(rates, np.float32)}
    return Evidence("run", np.arange(1, 1 + len(rates or [0])), series, facts)


def dense(*units, kind="Dense"):
    return [
        {"name": f"a_{at}", "class": kind, "units": each, "activation": "relu", "trainable": True}
        for at, each in enumerate(units)
    ]


def names(*runs):
    return [column.name for column in differing([chosen(run) for run in runs])]


def test_what_was_set():
    found = chosen(
        evidence(
            [0.1, 0.05],
            hparams={"units": 8.0, "kind": "a", "on": True},
            optimizer={"name": "sgd", "config": {"name": "sgd_3", "learning_rate": 0.1, "clipnorm": None}},
            layers=dense(8, 1),
            output={"name": "a_1", "activation": "relu", "units": 1},
            dropout_rates=[],
            sample_count=100,
            neighbour_accuracy=0.9,
        )
    )
    assert found["hparams.units"] == 8 and found["hparams.kind"] == "a" and found["hparams.on"] is True
    assert found["learning_rate"] == pytest.approx(0.1) and found["optimizer.name"] == "sgd"
    assert found["optimizer.config.clipnorm"] == "None" and found["dropout"] == 0
    assert (found["layer_count"], found["layer_classes"], found["layers.0.units"]) == (2, "Dense", 8)
    assert not {"sample_count", "neighbour_accuracy", "output.name", "optimizer.config.name", "planned_epochs"} & {
        *found
    }


def test_a_number_of_epochs_counts_where_fit_was_asked_for_it():
    assert names(evidence([0.1]), evidence([0.1] * 30)) == []
    assert names(evidence(planned_epochs=5), evidence(planned_epochs=10)) == ["planned_epochs"]


def test_a_schedule_is_told_by_its_settings():
    def run(logged, start):
        rate = {"class_name": "ExponentialDecay", "config": {"initial_learning_rate": start}}
        return evidence([logged], optimizer={"name": "adam", "config": {"learning_rate": rate}})

    assert names(run(0.09, 0.1), run(0.08, 0.1)) == []
    assert names(run(0.09, 0.1), run(0.9, 1.0)) == ["optimizer.config.learning_rate.config.initial_learning_rate"]


def test_of_settings_that_say_the_same_the_one_that_the_user_named():
    runs = [
        evidence([rate], hparams={"lr": rate, "width": units}, layers=dense(2 * units, 1))
        for rate in (0.1, 0.01)
        for units in (8, 16)
    ]
    assert names(*runs) == ["hparams.lr", "hparams.width"]


def test_a_rate_of_its_own_in_each_run_is_one_setting():
    rates = [0.1234567891, 0.0123, 0.5, 0.00987]
    assert names(*(evidence([rate], hparams={"lr": rate}) for rate in rates)) == ["hparams.lr"]


def test_what_an_optimizer_brings_with_it():
    sgd = {"name": "sgd", "config": {"momentum": 0.9, "weight_decay": None}}
    adamw = {"name": "adamw", "config": {"beta_1": 0.9, "weight_decay": 0.004}}
    adam = {"name": "adam", "config": {"beta_1": 0.9, "weight_decay": None}}
    assert names(*(evidence(optimizer=each) for each in (sgd, adamw, adam) * 2)) == ["optimizer.name"]


def test_a_setting_that_some_lack_is_compared_among_the_others():
    sgd = [{"name": "sgd", "config": {"momentum": momentum}} for momentum in (0.0, 0.9)]
    runs = [evidence(optimizer=each) for each in (*sgd * 3, *[{"name": "adam", "config": {}}] * 6)]
    momentum = next(c for c in differing([chosen(run) for run in runs]) if c.name == "optimizer.config.momentum")
    assert momentum.known.sum() == 6 and momentum.values == (0, 0.9) and momentum.of(11) is None


def test_layers_are_compared_one_by_one_only_with_models_of_the_same_classes():
    """The third layer of a deep model is hidden, and the output of a shallow one."""
    shallow, deep = evidence(layers=dense(8, 8, 1)), evidence(layers=dense(8, 8, 8, 8, 1))
    assert names(*[shallow] * 6, *[deep] * 6) == ["layer_count"]
    assert names(evidence(layers=dense(8, 1)), evidence(layers=dense(8, 1, kind="LSTM"))) == ["layer_classes"]
    assert names(evidence(layers=dense(8, 1)), evidence(layers=dense(16, 1))) == ["layers.0.units"]


def test_what_changes_in_the_same_runs_is_named_beside_it():
    runs = [
        {"hparams.rate": rate, "hparams.units": 2 ** (3 + at), "hparams.seed": seed}
        for at, rate in enumerate((0.1, 0.01))
        for seed in (1, 2)
    ]
    columns = differing(runs)
    assert [(column.name, column.together_with) for column in columns] == [
        ("hparams.rate", ("hparams.units",)),
        ("hparams.seed", ()),
    ]


def test_true_is_not_one():
    (column,) = differing([{"a": True}, {"a": 1}, {"a": True}, {"a": 1}])
    assert set(map(str, column.values)) == {"True", "1"} and not column.is_number
