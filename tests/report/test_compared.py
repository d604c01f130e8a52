"""Two runs in words: what a person changed, once."""

from __future__ import annotations

import numpy as np

from tb_diagnose.diagnosis.comparison import compare
from tb_diagnose.evidence import Evidence
from tb_diagnose.report.compared import in_words


def of(**facts):
    return Evidence("run", np.arange(1, 4), {"accuracy": np.array([0.5, 0.5, 0.5])}, facts)


def said(one, other):
    pair = [of(**one), of(**other)]
    return [(row["what"], *row["values"]) for row in in_words(compare(*pair), pair)]


def layers(*activations):
    return [
        {"name": f"dense_{place}", "class": "Dense", "units": 3, "activation": activation, "trainable": True}
        for place, activation in enumerate(activations)
    ]


def test_the_output_layer_is_said_once_and_what_was_set_comes_first():
    one = {
        "layers": layers("relu", "relu"),
        "output": {"activation": "relu"},
        "input_min": [4.0],
        "input_max": [99_997.0],
    }
    other = {"layers": layers("relu", "sigmoid"), "output": {"activation": "sigmoid"}}
    other |= {"input_min": [0.0], "input_max": [0.99997], "input_mean": [0.5]}
    assert said({**one, "input_mean": [50_010.0]}, other) == [
        ("Output activation", "relu", "sigmoid"),
        ("Inputs", "0 to 99,997", "0 to 1"),
    ]


def test_a_hidden_layer_is_named_with_its_place():
    one, other = {"layers": layers("relu", "relu")}, {"layers": layers("tanh", "relu")}
    assert said(one, other) == [("Activation of layer 1 (dense_0)", "relu", "tanh")]


def test_the_ranges_of_all_features_are_one_difference():
    one = {"input_min": [0.0, -3.0], "input_max": [1.0, 7.0]}
    assert said(one, {"input_min": [0.0, 0.0], "input_max": [1.0, 1.0]}) == [("Inputs", "-3 to 7", "0 to 1")]


def test_lists_are_one_difference_and_long_ones_are_told_by_what_differs():
    assert said({"label_counts": [10, 20]}, {"label_counts": [20, 10]}) == [
        ("Samples of each class", "10, 20", "20, 10")
    ]
    one, other = {"label_counts": [10] * 9}, {"label_counts": [10] * 8 + [20]}
    assert said(one, other) == [("Samples of each class", "8: 10", "8: 20")]


def test_numbers_are_written_for_people_and_what_is_missing_is_said():
    rates = [Evidence("run", np.arange(1, 4), {"learning_rate": np.full(3, rate, "f4")}, {}) for rate in (0.01, 5e-5)]
    assert [row["values"] for row in in_words(compare(*rates), rates)] == [["0.01", "5e-5"]]
    assert said({"validation_sample_count": 2000}, {}) == [("Validation samples", "2,000", "not there")]


def test_the_steps_that_follow_from_the_batch_size_are_not_said_again():
    assert said({"batch_size": 40, "steps_per_epoch": 250}, {"batch_size": 5, "steps_per_epoch": 2000}) == [
        ("Batch size", "40", "5")
    ]
