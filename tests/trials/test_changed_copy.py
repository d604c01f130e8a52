"""Edits made on a copy: of the model, of the data, of the arguments of fit."""

import keras
import numpy as np
import pytest

from tb_diagnose.causes import Edit
from tb_diagnose.trials.changed_copy import CannotApplyError, changed_copy, changed_data, changed_fit

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
    assert not (fresh.get_layer("out").kernel.numpy() == model.get_layer("out").kernel.numpy()).any()


def compiled(*given):
    model = keras.Sequential([keras.Input((4,)), *given])
    model.compile(loss="mse")
    return model


def same(layer, other):
    return all((a == b).all() for a, b in zip(layer.get_weights(), other.get_weights(), strict=True))


def base(kind):
    """A frozen model in a model."""
    inputs = keras.Input((4,))
    dense = keras.layers.Dense(8, name="dense")
    model = keras.Model(inputs, dense(inputs), name="base") if kind == "functional" else keras.Sequential([dense])
    model.name, model.trainable = "base", False
    return model


@pytest.mark.parametrize("kind", ["functional", "sequential"])
def test_what_is_not_trained_stays_what_it_was(kind):
    adapted = keras.layers.Normalization(name="adapted")
    adapted.adapt(np.random.default_rng(0).normal(50, 9, (100, 4)))
    statistics = keras.layers.BatchNormalization(name="statistics", center=False, scale=False)
    model = compiled(adapted, base(kind), statistics, keras.layers.Dense(1, name="out"))
    model.get_layer("statistics").set_weights([np.full(8, 7.0), np.full(8, 7.0)])
    x = np.random.default_rng(1).normal(50, 9, (20, 4)).astype("float32")
    copy = changed_copy(model, [Edit("out", "activation", "sigmoid")])
    assert len(copy.trainable_weights) == len(model.trainable_weights) == 2
    assert same(copy.get_layer("base"), model.get_layer("base"))
    assert np.allclose(copy.get_layer("adapted")(x), adapted(x))
    assert not same(copy.get_layer("statistics"), statistics)
    assert not same(copy.get_layer("out"), model.get_layer("out"))
    for unfrozen in ("model", "base/dense"):
        copy = changed_copy(model, [Edit(unfrozen, "trainable", True)])
        assert len(copy.trainable_weights) == 4 and len(model.trainable_weights) == 2
        assert same(copy.get_layer("base"), model.get_layer("base"))
        assert np.allclose(copy.get_layer("adapted")(x), adapted(x))


def test_of_two_nested_layers_of_one_name_only_the_one_meant_is_edited():
    blocks = [keras.Sequential([keras.layers.Dense(8, name="dense")], name=name) for name in ("first", "second")]
    model = compiled(*blocks, keras.layers.Dense(1, name="dense"))
    copy = changed_copy(model, [Edit("second/dense", "units", 16), Edit("second/dense", "activation", "relu")])
    first, second, out = (layer.get_config() for layer in (*(copy.layers[i].layers[0] for i in (0, 1)), copy.layers[2]))
    assert (second["units"], second["activation"]) == (16, "relu")
    assert (first["units"], first["activation"], out["units"]) == (8, "linear", 1)
    copy.fit(np.zeros((4, 4)), np.zeros(4), verbose=0)
    with pytest.raises(CannotApplyError, match="no layer 'third/dense'"):
        changed_copy(model, [Edit("third/dense", "units", 16)])


def test_a_model_that_its_first_step_built_keeps_what_it_does_not_train():
    model = keras.Sequential([keras.layers.Dense(8, name="fixed", trainable=False), keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(np.zeros((4, 4)), np.zeros(4), verbose=0)
    copy = changed_copy(model, [])
    copy.fit(np.zeros((4, 4)), np.zeros(4), verbose=0)
    assert same(copy.get_layer("fixed"), model.get_layer("fixed"))


def test_a_frozen_layer_behind_one_that_is_edited_may_have_another_shape():
    model = compiled(keras.layers.Dense(8, name="wide"), keras.layers.Dense(1, name="out", trainable=False))
    copy = changed_copy(model, [Edit("wide", "units", 16)])
    assert copy.get_layer("out").kernel.shape == (16, 1)


def test_vocabularies_stay():
    words = keras.layers.StringLookup(name="words")
    words.adapt(["left", "right"])
    model = keras.Sequential([keras.Input((1,), dtype="string"), words, keras.layers.Embedding(3, 2)])
    model.compile(loss="mse")
    assert changed_copy(model, []).get_layer("words").get_vocabulary() == words.get_vocabulary()


def test_compile_settings_change_and_the_others_stay():
    copy = changed_copy(small(), [Edit("compile", "learning_rate", 0.01), Edit("compile", "clipnorm", 1.0)])
    config = copy.optimizer.get_config()
    assert type(copy.optimizer) is keras.optimizers.SGD and config["momentum"] == pytest.approx(0.9)
    assert config["learning_rate"] == pytest.approx(0.01) and config["clipnorm"] == 1.0
    rate = [Edit("compile", "learning_rate", 0.02), Edit("compile", "momentum", 0.9)]
    edits = [*rate, Edit("compile", "optimizer", ADAM), Edit("compile", "loss", "mae")]
    copy = changed_copy(small(), edits)
    assert type(copy.optimizer) is keras.optimizers.Adam
    assert copy.optimizer.get_config()["learning_rate"] == pytest.approx(0.001), "0.02 was meant for SGD."
    assert copy.loss == "mae"
    copy.fit(np.zeros((4, 4)), np.zeros(4), verbose=0)


def own_loss(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


class OwnMetric(keras.metrics.MeanMetricWrapper):
    def __init__(self, name="own"):
        super().__init__(own_loss, name=name)

    def get_config(self):
        return {"name": self.name}


def test_a_loss_and_a_metric_of_the_program_are_kept():
    copy = changed_copy(small(loss=own_loss, metrics=[OwnMetric()]), [Edit("out", "activation", "sigmoid")])
    assert copy.loss is own_loss
    assert "own" in copy.fit(np.zeros((4, 4)), np.zeros(4), verbose=0).history


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


@pytest.mark.parametrize("layer", ["Normalization()", "Normalization(axis=None)", "Rescaling(1 / 255)"])
def test_a_layer_in_front_is_adapted_to_the_training_inputs_alone(layer):
    x = np.random.default_rng(0).uniform(0, 255, (5000, 3)).astype("float32")
    held = x[:7] + 100
    copy, _, (held_copy, _) = changed_data([Edit("in front", "layer", f"keras.layers.{layer}")], x, x, (held, held))
    axis = {"Normalization()": 0}.get(layer)
    mean, std = (0, 255) if "Rescaling" in layer else (x.mean(axis=axis), x.std(axis=axis))
    np.testing.assert_allclose(copy, (x - mean) / std, atol=1e-4)
    np.testing.assert_allclose(held_copy, (held - mean) / std, atol=1e-4)


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
