"""Outputs that are scores of a custom loss: they are ranked, and no threshold is assumed."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import tb_diagnose
from tb_diagnose import event_file

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("float32")


def contrastive(y, distance):
    return ops.mean(y * ops.square(distance) + (1 - y) * ops.square(ops.maximum(1 - distance, 0)))


def recorded(tmp_path, model, loss):
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(0.02), metrics=["accuracy"])
    callback = tb_diagnose.KerasCallback(tmp_path, (X, Y), (X[:50], Y[:50]), verbose=0)
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[callback], validation_data=(X[:50], Y[:50]))
    return event_file.newest(str(tmp_path / "diagnosis"), "run")


def distance_model():
    given = keras.Input((4,))
    body = layers.Dense(8)(given)
    length = layers.Lambda(lambda t: ops.sqrt(ops.sum(ops.square(t), axis=1, keepdims=True) + 1e-7), output_shape=(1,))
    return keras.Model(given, length(body))


def test_a_distance_has_no_class(tmp_path):
    evidence = recorded(tmp_path, distance_model(), contrastive)
    assert (evidence.facts["label_form"], evidence.facts["output"]["units"]) == ("binary", 1)
    assert evidence.facts["output"]["activation"] is None
    for name in ("probe_accuracy", "probe_val_accuracy", "predicted_fraction", "probe_balanced_accuracy"):
        assert evidence.get(name) is None
    assert evidence.get("best_threshold_accuracy").min() >= 0.5
    assert np.isfinite(evidence.get("probe_auc")).all() and np.isfinite(evidence.get("probe_val_auc")).all()


@pytest.mark.parametrize(("activation", "loss"), [("sigmoid", contrastive), ("sigmoid", "binary_crossentropy")])
def test_a_probability_has_one(tmp_path, activation, loss):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, activation=activation)])
    evidence = recorded(tmp_path, model, loss)
    accuracy = ((model.predict(X, verbose=0)[:, 0] > 0.5) == Y).mean()
    assert evidence.get("probe_accuracy")[-1] == pytest.approx(accuracy)
    assert evidence.get("predicted_fraction") is not None
