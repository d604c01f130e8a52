"""Compiled passes give what eager ones give, once a model is traced, and leave no trace of their own."""

from __future__ import annotations

import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tb_diagnose.recorder import compiled, forward, gradient, output_gradients, output_losses
from tb_diagnose.recorder.data import Data

STEPS = 4
RNG = np.random.default_rng(0)
IDS = np.where(np.arange(STEPS) < RNG.integers(2, STEPS + 1, (9, 1)), RNG.integers(1, 20, (9, STEPS)), 0)
SIGNALS = RNG.normal(size=(8, STEPS, 3)).astype("float32")


def masked():
    """Answers for each step, under a mask that the loss has to see."""
    body = [layers.Embedding(20, 4, mask_zero=True), layers.LSTM(5, return_sequences=True), layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((STEPS,)), *body, layers.Dense(4, "relu"), layers.Dense(1, "sigmoid")])
    return compiled_with(model, "binary_crossentropy"), Data(IDS, (IDS % 2)[..., None])


def stateful():
    """States between the batches, seeds, a penalty, and weights that no gradient reaches."""
    given = keras.Input(batch_shape=(8, STEPS, 3))
    found = layers.LSTM(4, stateful=True, dropout=0.2, seed=1, kernel_regularizer="l2")(given)
    beside = layers.Activation("tanh")(layers.Dense(2)(keras.ops.stop_gradient(found)))
    model = keras.Model(given, layers.Dense(1)(layers.Concatenate()([found, beside])))
    return compiled_with(model, "mse"), Data(SIGNALS, SIGNALS[:, 0, :1])


def deep():
    """Many layers, shared ones and averages among them."""
    given = keras.Input((STEPS, 3))
    shared, found = layers.Conv1D(4, 1, use_bias=False), layers.Conv1D(4, 3, padding="same")(given)
    for _ in range(compiled.DEEP // 4):
        inner = layers.ReLU()(layers.BatchNormalization()(shared(found)))
        found = layers.Add()([found, layers.Dropout(0.1, seed=1)(inner)])
    model = keras.Model(given, layers.Dense(1)(layers.Flatten()(found)))
    return compiled_with(model, "mse"), Data(SIGNALS, SIGNALS[:, 0, :1])


KINDS = [masked, stateful, deep]


def compiled_with(model, loss):
    model.compile("adam", loss)
    return model


def measured(model, data):
    """All that passes tell, as numbers."""
    output, calls_of = forward.predict_all(model, data.x, list(forward.walk(model)))
    taken = gradient.gradients(model, data)
    return {
        "output": forward.to_numpy(output),
        "loss": forward.data_loss(model, data.y, output),
        "last": [any(given is output for given, _ in calls) for calls in calls_of.values()],
        "taps": [
            (name, *[None if t is None else forward.to_numpy(t) for t in pair])
            for name, calls in calls_of.items()
            for pair in calls
        ],
        "training": [forward.to_numpy(taken.output), taken.data_loss, taken.penalty],
        "gradients": taken.gradients,
        "other": [forward.to_numpy(value) for value in taken.other],
    }


def assert_alike(one, other):
    assert type(one) is type(other) or np.isscalar(one)
    if isinstance(one, dict):
        assert list(one) == list(other)
        one, other = list(one.values()), list(other.values())
    if isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_alike(a, b)
    elif isinstance(one, str) or one is None:
        assert one == other
    else:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def eagerly(monkeypatch, function, *arguments):
    with monkeypatch.context() as patched:
        patched.setattr(compiled, "pays", lambda model: False)
        return function(*arguments)


@pytest.fixture
def compilations(monkeypatch):
    """The passes that were compiled."""
    made = []

    class Noted(compiled.Compiled):
        def __init__(self, function):
            super().__init__(function)
            made.append(self)
            self.traces = 0

        def _flat(self, *given):
            self.traces += 1
            return super()._flat(*given)

    monkeypatch.setattr(compiled, "Compiled", Noted)
    monkeypatch.setattr("tb_diagnose.recorder._tensorflow.Compiled", Noted)
    return made


@pytest.mark.parametrize("make", KINDS)
def test_a_compiled_pass_gives_what_an_eager_one_gives(monkeypatch, compilations, make):
    model, data = make()
    assert_alike(measured(model, data), eagerly(monkeypatch, measured, model, data))
    assert [pass_.traces for pass_ in compilations] == [1, 1]
    assert all(pass_._run is not None for pass_ in compilations)


def test_a_model_is_traced_for_one_size_and_for_all_others(compilations):
    model, data = masked()
    for size in (9, 8, 4, 1):
        forward.predict_all(model, data.take(np.arange(size)).x, [])
    model.layers[-1].set_weights([w + 1 for w in model.layers[-1].get_weights()])
    after, _ = forward.predict_all(model, data.x, [])
    assert [pass_.traces for pass_ in compilations] == [2]
    np.testing.assert_allclose(after, model(data.x), rtol=1e-4)


def test_tensorflow_has_nothing_to_say_of_many_models(caplog):
    for _ in range(4):
        model, data = masked()
        for size in (9, 8, 4):
            measured(model, data.take(np.arange(size)))
    assert "retracing" not in caplog.text


def test_it_is_traced_anew_where_the_weights_that_are_trained_are_others(compilations):
    model, data = stateful()
    forward.predict_all(model, data.x, [])
    model.layers[1].trainable = False
    model.compile("adam", "mse")
    assert len(measured(model, data)["gradients"]) == 4 and len(compilations) == 3


def test_several_outputs(monkeypatch):
    given = keras.Input((STEPS, 3))
    found = layers.LSTM(4)(given)
    # In the order in which they are named, which is not that of the alphabet.
    outputs = {"z": layers.Dense(1, name="z")(found), "a": layers.Dense(2, "softmax", name="a")(found)}
    model = keras.Model(given, outputs)
    model.compile("adam", {"z": "mse", "a": "sparse_categorical_crossentropy"})
    labels = {"z": SIGNALS[:, 0, :1], "a": np.arange(8) % 2}
    data = Data(SIGNALS, labels["z"], several=labels)

    def passes():
        answers, _ = forward.predict_all(model, data.x, [])
        losses = output_losses.OutputLosses(model, labels, answers)
        series = output_gradients.SharedGradients(model, losses, 2).series(model, data, list(forward.walk(model)))
        return [{name: forward.to_numpy(a) for name, a in answers.items()}, series]

    assert_alike(passes(), eagerly(monkeypatch, passes))


def test_the_model_is_as_it_was_and_does_not_outlive_the_user():
    class Keeping(layers.Dense):
        def call(self, x):
            self.kept = super().call(x)
            return self.kept

    model = compiled_with(keras.Sequential([keras.Input((STEPS, 3)), layers.LSTM(3), Keeping(1)]), "mse")
    before, attributes = [forward.to_numpy(v) for v in model.variables], list(vars(model.layers[-1]))
    measured(model, Data(SIGNALS, SIGNALS[:, 0, :1]))
    assert all(np.array_equal(a, forward.to_numpy(b)) for a, b in zip(before, model.variables, strict=True))
    assert list(vars(model.layers[-1])) == attributes
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


class Branching(keras.Model):
    """Python code that asks for a value, or a layer inside a branch: an eager pass alone sees these."""

    def __init__(self, asks):
        super().__init__()
        self.asks, self.lstm, self.head = asks, layers.LSTM(3), layers.Dense(1)

    def call(self, x):
        found = self.lstm(x)
        if self.asks:
            return self.head(found) if float(tf.reduce_sum(x)) > -1e9 else found
        return tf.cond(tf.reduce_sum(x) > -1e9, lambda: self.head(found), lambda: found[:, :1])


@pytest.mark.parametrize("asks", [True, False])
def test_what_cannot_be_traced_is_run_as_it_is_and_tried_once(monkeypatch, compilations, asks):
    model = compiled_with(Branching(asks), "mse")
    model(SIGNALS)
    data = Data(SIGNALS, SIGNALS[:, 0, :1])
    given = measured(model, data)
    assert_alike(given, eagerly(monkeypatch, measured, model, data))
    assert [name for name, *_ in given["taps"]] == [model.lstm.name, model.head.name]
    forward.predict_all(model, data.x, [])
    assert compilations[0]._run is None and compilations[0].traces == 1


def test_only_recurrent_models_are_compiled_and_none_that_is_to_run_eagerly(compilations):
    plain = compiled_with(keras.Sequential([keras.Input((3,)), layers.Dense(1)]), "mse")
    measured(plain, Data(SIGNALS[:, 0], SIGNALS[:, 0, :1]))
    model, data = stateful()
    model.compile("adam", "mse", run_eagerly=True)
    measured(model, data)
    assert compilations == []
