"""Which runs are of the same data, and of the same model."""

from __future__ import annotations

import numpy as np

from tb_diagnose.diagnosis.kinship import data_of, model_of
from tb_diagnose.evidence import Evidence


def of(**facts):
    return Evidence("run", np.arange(1, 3), {"accuracy": np.array([0.5, 0.5])}, facts)


ASKED = {"sample_count": 1000, "label_counts": [497, 503], "input_shape": [[1]], "input_max": [99_997.0]}
DENSE = {"class": "Dense", "units": 3, "activation": "relu", "weighted": True}


def test_scaled_inputs_are_the_same_data():
    assert data_of(of(**ASKED)) == data_of(of(**{**ASKED, "input_max": [0.99997], "input_dtype": ["float64"]}))


def test_labels_in_another_order_or_form_are_the_same_data():
    assert data_of(of(**ASKED)) == data_of(of(**{**ASKED, "label_counts": [503, 497, 0], "label_form": "one_hot"}))


def test_other_samples_are_other_data():
    others = [{"sample_count": 999}, {"label_counts": [498, 502]}, {"input_shape": [[2]]}]
    assert data_of(of(**ASKED)) not in [data_of(of(**{**ASKED, **other})) for other in others]


def test_a_log_that_does_not_tell_is_of_no_known_data():
    assert data_of(of()) is None and data_of(of(sample_count=1000)) is None and model_of(of()) is None


def test_what_a_fix_changes_leaves_the_model_the_same():
    fixed = [{"class": "Normalization", "weighted": True}, {**DENSE, "units": 8, "activation": "sigmoid"}]
    assert model_of(of(layers=[DENSE])) == model_of(of(layers=fixed))
    assert model_of(of(layers=[DENSE])) == model_of(of(layers=[DENSE, {"class": "ReLU", "weighted": False}]))


def test_layers_of_other_classes_are_another_model():
    assert model_of(of(layers=[DENSE])) != model_of(of(layers=[DENSE, {**DENSE, "class": "LSTM"}]))
