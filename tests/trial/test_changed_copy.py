"""Edits made on a copy: of the model, of the data, of the arguments of fit."""

import keras
import numpy as np
import pytest

from tb_diagnose.causes import Edit
from tb_diagnose.trial.changed_copy import CannotApplyError, changed_copy, changed_data, changed_fit

ADAM = {"class_name": "Adam", "config": {"learning_rate": 0.001}}


def small(**compile_arguments):
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, activation="relu", name="hidden", trainable=False),
            keras.layers.Dense(1, activation="relu", name="out"),
        ]
    )
    given = {"loss": "mse", "optimizer": keras.optimizers.SGD(0.5, momentum=0.9), "metrics": ["accuracy"]}
    model.compile(**given | compile_arguments)
    return model


def test_layers_get_their_new_arguments_and_fresh_weights():
    model = small()
    before = [w.copy() for w in model.get_weights()]
    edits = [Edit("out", "activation", "sigmoid"), Edit("hidden", "units", 16), Edit("model", "trainable", True)]
    copy = changed_copy(model, edits)
    assert copy.get_layer("out").get_config()["activation"] == "sigmoid"
    assert copy.get_layer("hidden").kernel.shape == (4, 16)
    assert len(copy.trainable_weights) == 4 and len(model.trainable_weights) == 2
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    fresh = changed_copy(model, [])
    assert not (fresh.get_weights()[0] == before[0]).all()


def test_compile_settings_change_and_the_others_stay():
    copy = changed_copy(small(), [Edit("compile", "learning_rate", 0.01), Edit("compile", "clipnorm", 1.0)])
    config = copy.optimizer.get_config()
    assert type(copy.optimizer) is keras.optimizers.SGD and config["momentum"] == pytest.approx(0.9)
    assert config["learning_rate"] == pytest.approx(0.01) and config["clipnorm"] == 1.0
    edits = [Edit("compile", "learning_rate", 0.02), Edit("compile", "optimizer", ADAM), Edit("compile", "loss", "mae")]
    copy = changed_copy(small(), edits)
    assert type(copy.optimizer) is keras.optimizers.Adam
    assert copy.optimizer.get_config()["learning_rate"] == pytest.approx(0.02)
    assert copy.loss == "mae"
    copy.fit(np.zeros((4, 4)), np.zeros(4), verbose=0)


def test_a_metric_takes_the_place_of_the_one_that_does_not_fit():
    copy = changed_copy(small(), [Edit("compile", "metrics", "mae", old="accuracy")])
    assert "mae" in copy.fit(np.zeros((4, 4)), np.zeros(4), verbose=0).history


def test_an_activation_layer_is_exchanged():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8), keras.layers.ReLU(name="act")])
    model.compile(loss="mse")
    copy = changed_copy(model, [Edit("act", "activation", "leaky_relu")])
    assert isinstance(copy.get_layer("act"), keras.layers.Activation)


@pytest.mark.parametrize("edit", [Edit("nowhere", "units", 3), Edit("out", "filters", 3)])
def test_an_edit_without_a_place_is_refused(edit):
    with pytest.raises(CannotApplyError, match=r"nowhere|filters"):
        changed_copy(small(), [edit])


def test_custom_layers_are_copied():
    class Doubling(keras.layers.Layer):
        def call(self, x):
            return 2 * x

    model = keras.Sequential([keras.Input((4,)), Doubling(name="twice"), keras.layers.Dense(1, name="out")])
    model.compile(loss="mse")
    copy = changed_copy(model, [Edit("out", "activation", "sigmoid")])
    assert type(copy.get_layer("twice")) is Doubling


def test_data_change_by_what_the_training_data_tell():
    x, y = np.array([[0.0], [100.0]]), np.array([-1, 1])
    edits = [
        Edit("data", "mean, std", "x.mean(axis=0), x.std(axis=0)"),
        Edit("data", "x", "(x - mean) / std"),
        Edit("data", "y", '(y == 1).astype("float32")'),
    ]
    new_x, new_y, (validation_x, validation_y) = changed_data(edits, x, y, (x[:1] + 50, y[1:]))
    assert new_x.ravel().tolist() == [-1, 1] and new_y.tolist() == [0, 1]
    assert validation_x.ravel().tolist() == [0] and validation_y.tolist() == [1]


def test_arguments_of_fit():
    edits = [
        Edit("fit", "epochs", 36),
        Edit("fit", "class_weight", {"0": 0.5, "1": 10.0}),
        Edit("compile", "loss", "mse"),
    ]
    assert changed_fit({"epochs": 12, "batch_size": 32}, edits) == {
        "epochs": 36,
        "batch_size": 32,
        "class_weight": {0: 0.5, 1: 10.0},
    }
