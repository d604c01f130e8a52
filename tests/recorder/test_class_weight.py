"""The weights that `fit` gives classes are noted, and tell how much a class counts."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import tb_diagnose

RNG = np.random.default_rng(0)
X = RNG.normal(size=(600, 6)).astype("float32")
Y = (X[:, 0] + 0.5 * RNG.normal(size=600) > 0).astype(int)


def trained(folder, probe_samples=512, **fit):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    callback = tb_diagnose.KerasCallback(str(folder), probe_samples=probe_samples, verbose=0)
    model.fit(X, Y, epochs=8, verbose=0, callbacks=[callback], **fit)
    (found,) = tb_diagnose.diagnose(str(folder))
    return found


def test_a_class_without_weight_is_the_cause(tmp_path):
    found = trained(tmp_path, class_weight={np.int64(0): 1, 1: 0.0})
    assert found.evidence.facts["class_weight"] == {"0": 1.0, "1": 0.0}
    assert [named.cause.id for named in found.probable_causes] == ["imbalanced_classes"]


@pytest.mark.parametrize("given", [{}, {"class_weight": None}])
def test_without_weights_nothing_is_noted(tmp_path, given):
    assert "class_weight" not in trained(tmp_path, **given).evidence.facts


def test_they_are_no_concern_where_data_are_not_looked_at(tmp_path):
    assert "class_weight" not in trained(tmp_path, probe_samples=0, class_weight={0: 1.0, 1: 2.0}).evidence.facts
