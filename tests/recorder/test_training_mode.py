"""What is measured in training mode, against a computation by hand; the model stays as it is."""

import keras
import numpy as np
import pytest
from keras import layers

import tb_diagnose
from tb_diagnose import event_file
from tb_diagnose.recorder import forward
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.data_facts import read_labels
from tb_diagnose.recorder.gradient import gradients
from tb_diagnose.recorder.training_mode import TrainingMode, batch_statistics_layers, has_moving_statistics

RNG = np.random.default_rng(0)
X = (RNG.normal(size=(96, 5)) * [1, 10, 1, 1, 3] + [0, 50, 0, 2, 0]).astype("float32")
Y = (X[:, 0] + X[:, 4] / 3 > 0).astype("int64")


def network(momentum=0.99, trainable=True, dropout=0.3):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.BatchNormalization(momentum=momentum, trainable=trainable, name="normalized"),
            layers.Dense(6, activation="relu"),
            layers.Dropout(dropout),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def measured(model, parts=1, records=1):
    shown = [(layer.name, layer) for layer in model.layers if layer.weights]
    mode = TrainingMode(shown, read_labels(Y, "binary_crossentropy"), 0.5, True)
    for _ in range(records):
        for part in range(parts):
            samples = Data(X[part::parts], Y[part::parts])
            mode.add(model, samples, gradients(model, samples))
        series = mode.series()
    return series


def test_accuracy_is_that_of_the_model_called_in_training_mode():
    model = network(dropout=0.0)
    series = measured(model)
    before = [v.numpy().copy() for v in model.variables]
    by_hand = np.asarray(model(X, training=True)).ravel() > 0.5
    for variable, value in zip(model.variables, before, strict=True):
        variable.assign(value)  # the call moved the statistics
    assert series["probe_training_accuracy"] == pytest.approx((by_hand == Y).mean())
    assert series["probe_training_accuracy"] != ((np.asarray(model(X, training=False)).ravel() > 0.5) == Y).mean()


@pytest.mark.parametrize("momentum", [0.5, 0.99, 0.999])
def test_the_error_is_the_distance_between_the_outputs_of_both_modes(momentum):
    model = network(momentum)
    layer = model.get_layer("normalized")
    layer.moving_mean.assign([1.0, 40.0, 0.0, 0.0, 0.0])
    layer.moving_variance.assign([1.0, 50.0, 1.0, 2.0, 9.0])
    kept = [v.numpy().copy() for v in model.variables]
    error = measured(model)["moving_statistics_error_ratio"][0]
    assert all((v.numpy() == old).all() for v, old in zip(model.variables, kept, strict=True))
    in_inference, in_training = (np.asarray(layer(X, training=mode)) for mode in (False, True))
    by_hand = np.sqrt(((in_inference - in_training) ** 2).mean(axis=0)).mean()
    assert error == pytest.approx(by_hand, rel=1e-2)


def test_the_error_is_zero_where_the_statistics_are_those_of_the_samples():
    model = network()
    layer = model.get_layer("normalized")
    layer.moving_mean.assign(X.mean(axis=0))
    layer.moving_variance.assign(X.var(axis=0))
    assert measured(model)["moving_statistics_error_ratio"][0] == pytest.approx(0, abs=1e-2)
    assert measured(model, parts=4)["moving_statistics_error_ratio"][0] < 0.2


def test_a_frozen_layer_has_no_error_and_one_that_stays_has_no_update():
    series = measured(network(trainable=False), records=2)
    assert np.isnan(series["moving_statistics_error_ratio"]).all()
    assert series["moving_statistics_update_ratio"][0] == 0


def test_a_model_that_acts_alike_in_both_modes_has_none_of_it(tmp_path):
    model = keras.Sequential([keras.Input((5,)), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)])
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert "probe_training_accuracy" not in evidence.series
    assert evidence.get("batch_statistics_layers") == []


def test_each_epoch_is_written(tmp_path):
    model = network()
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)])
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert np.isfinite(evidence.get("probe_training_accuracy")).all()
    updates, errors = evidence.get("moving_statistics_update_ratio"), evidence.get("moving_statistics_error_ratio")
    assert np.isnan(updates[0]).all() and (updates[1:, 0] > 0).all() and np.isnan(updates[:, 1:]).all()
    assert errors[-1, 0] < errors[0, 0] and np.isnan(errors[:, 1:]).all()
    assert evidence.facts["layers"][0]["momentum"] == 0.99


class Always(keras.Model):
    """Scales by the batch in both modes."""

    def __init__(self):
        super().__init__()
        self.normalized, self.out = layers.BatchNormalization(), layers.Dense(1, activation="sigmoid")

    def call(self, x, training=False):
        return self.out(self.normalized(x, training=True))


def test_layers_that_scale_by_the_batch_in_inference_mode_are_known():
    keras.utils.set_random_seed(0)
    model = Always()
    model.compile("adam", "binary_crossentropy")
    model(X[:1])
    kept = [v.numpy().copy() for v in model.variables]
    named = [(layer.name, layer) for layer in model.layers]
    assert batch_statistics_layers(model, named, Data(X[:1], Y[:1])) == [model.normalized.name]
    assert all((v.numpy() == old).all() for v, old in zip(model.variables, kept, strict=True))
    usual = network()
    assert batch_statistics_layers(usual, list(forward.walk(usual)), Data(X[:1], Y[:1])) == []
    assert [has_moving_statistics(layer) for layer in usual.layers] == [True, False, False, False]
