"""What a trial of a program takes from its last `fit`."""

from __future__ import annotations

import numpy as np

from tb_diagnose.trials.of_program import data_of

X, Y, WEIGHT = np.arange(10), np.arange(10) % 2, np.ones(10)


def test_the_samples_are_parted_as_keras_parts_them():
    training, validation = data_of({"x": X, "y": Y, "validation_split": 0.25})
    assert [len(part) for part in training] == [7, 7] and validation[0].tolist() == [7, 8, 9]
    training, validation = data_of({"x": X, "y": Y, "sample_weight": WEIGHT, "validation_split": 0.5})
    assert len(training) == len(validation) == 3


def test_validation_samples_that_are_given_come_before_a_split():
    training, validation = data_of({"x": X, "y": Y, "validation_data": (X, Y), "validation_split": 0.5})
    assert len(training[0]) == 10 and validation == (X, Y)


def test_batches_are_passed_on_as_they_are():
    batches = [(X, Y)]
    assert data_of({"x": batches}) == (batches, None)
