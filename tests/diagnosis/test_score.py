"""The scores that a run has to show."""

from __future__ import annotations

import math

import numpy as np

from tb_diagnose.diagnosis.engine import judge
from tb_diagnose.diagnosis.score import scores
from tb_diagnose.evidence import Evidence

RISING, FALLING = np.linspace(0.5, 0.9, 9), np.linspace(0.7, 0.2, 9)


def of(facts=None, **series):
    evidence = Evidence(
        "run", np.arange(1, 10), {name: np.array(values) for name, values in series.items()}, facts or {}
    )
    return {score.name: score.value for score in scores(judge(evidence))}


def test_the_last_value_of_each_kind_the_first_to_rank_by_first():
    found = of(loss=FALLING, val_loss=FALLING + 0.1, accuracy=RISING, val_accuracy=[*RISING[:-1], np.nan])
    assert list(found) == ["validation accuracy", "accuracy", "validation loss", "loss"]
    assert found["validation accuracy"] == RISING[-2] and found["accuracy"] == 0.9 and found["loss"] == FALLING[-1]


def test_the_tag_of_a_score_and_the_function_of_a_loss_say_what_can_be_compared():
    assert list(of({"score_name": "val/f1"}, val_score=RISING)) == ["validation score (val/f1)"]
    assert list(of({"reward_name": "ep_rew_mean"}, reward=100 * RISING)) == ["reward (ep_rew_mean)"]
    assert list(of({"loss_function": {"name": "hinge"}}, loss=FALLING)) == ["loss (hinge)"]


def test_an_accuracy_of_continuous_targets_is_no_score():
    facts = {"label_form": "continuous", "baseline_loss": 1.0, "loss_function": {"name": "mean_squared_error"}}
    assert list(of(facts, accuracy=np.zeros(9), loss=FALLING)) == ["loss (mean_squared_error)"]


def test_where_keras_measures_something_else_the_accuracy_of_the_probe_samples_counts():
    found = of(
        {"label_min": -1.0},
        accuracy=RISING / 9,
        val_accuracy=RISING / 9,
        probe_accuracy=RISING,
        probe_val_accuracy=RISING - 0.1,
    )
    assert found["accuracy"] == 0.9 and found["validation accuracy"] == RISING[-1] - 0.1


def test_the_loss_of_a_run_that_diverged_is_the_worst_there_is():
    assert of(loss=[0.7, 0.6, *[np.nan] * 7])["loss"] == math.inf
