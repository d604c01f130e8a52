"""What differs between two runs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tb_diagnose.diagnosis.comparison import compare, settings
from tb_diagnose.evidence import Evidence


def evidence(accuracy, **facts):
    return Evidence("run", np.arange(1, len(accuracy) + 1), {"accuracy": np.array(accuracy, float)}, facts)


def test_settings_by_path():
    layers = [{"name": "dense", "class": "Dense", "units": 8, "activation": "relu", "trainable": True}]
    found = settings(
        evidence([0.1], layers=layers, optimizer={"name": "adam", "config": {"name": "adam_3", "beta_1": 0.9}})
    )
    assert found["layers.0.units"] == 8 and found["optimizer.config.beta_1"] == 0.9
    assert "layers.0.name" not in found and "optimizer.config.name" not in found


def test_measured_numbers_that_hardly_differ_are_the_same():
    one, other = (
        evidence([0.1], input_mean=[0.500], sample_count=100),
        evidence([0.1], input_mean=[0.501], sample_count=101),
    )
    assert [difference.name for difference in compare(one, other).differences] == ["sample_count"]


def test_curves_part_where_they_no_longer_meet():
    found = compare(evidence([0.1, 0.2, 0.8, 0.9]), evidence([0.1, 0.9, 0.2, 0.2]))
    assert [(p.name, p.since, p.values) for p in found.partings] == [("accuracy", 2, (0.2, 0.9))]
    assert compare(evidence([0.1, 0.5, 0.9]), evidence([0.1, 0.2, 0.85])).partings == ()
    assert compare(evidence([0.5, 0.5, 0.5]), evidence([0.5, 0.5, 0.5])).partings == ()


def test_epochs_and_steps_are_not_compared():
    one, other = evidence([0.1, 0.5, 0.9]), dataclasses.replace(evidence([0.1, 0.2, 0.1]), unit="step")
    assert compare(one, other).unit is None and compare(one, one).unit == "epoch"


def test_steps_are_compared_at_those_of_the_coarser_log():
    def steps(every, values):
        return dataclasses.replace(evidence(values), epochs=np.arange(1, len(values) + 1) * every, unit="step")

    found = compare(steps(10, np.linspace(0.1, 0.9, 30)), steps(75, [0.3, 0.1, 0.1, 0.1]))
    assert found.unit == "step"
    (parting,) = found.partings
    assert parting.since == 150 and parting.values == (pytest.approx(0.486, abs=0.01), 0.1)
