"""Programs that advice has failed on: each is trained, and what its report proposes is applied to it and runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import advising
import keras
import numpy as np
import pytest
from advising import Program

import tb_diagnose
from demo.matrix import judging

L, S = keras.layers, keras.optimizers.schedules
FEATURES, CLASSES = 6, 3
QUICK = ("schedule_too_low", "pixels")
PROGRAMS: dict[str, tuple[Callable[[], Program], str]] = {}
"""Programs by name, each with the cause that its advice is asked of."""


def program(cause: str, **given: Any) -> Callable[[Callable[..., Program]], Callable[..., Program]]:
    """Registers a program under its name, and what is given to it."""

    def register(make: Callable[..., Program]) -> Callable[..., Program]:
        name = "-".join([make.__name__, *map(str, given.values())])
        PROGRAMS[name] = (lambda: make(**given)), cause
        return make

    return register


def blobs() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.integers(0, CLASSES, 400)
    return (rng.normal(size=(400, FEATURES)) + 2.5 * rng.normal(size=(CLASSES, FEATURES))[y]).astype("float32"), y


def chain(
    *layers: Callable[[], Any], optimizer: Any = "adam", loss: str = "sparse_categorical_crossentropy", **fit: Any
):
    """A Sequential model on the blobs; layers and optimizer are made anew for each copy."""
    x, y = blobs()

    def model() -> Any:
        made = keras.Sequential([keras.Input((FEATURES,)), *(layer() for layer in layers)])
        made.compile(optimizer() if callable(optimizer) else optimizer, loss, metrics=["accuracy"])
        return made

    return Program(model, x, y, {"epochs": 4, **fit})


def dense(units: int = 16, activation: str | None = "relu", **given: Any) -> Callable[[], Any]:
    return lambda: L.Dense(units, activation=activation, **given)


HEAD = dense(CLASSES, "softmax")


@program("learning_rate_too_low")
def schedule_too_low():
    return chain(dense(), HEAD, optimizer=lambda: keras.optimizers.Adam(S.ExponentialDecay(1e-7, 100, 0.96)))


@program("learning_rate_schedule")
def schedule_to_nothing():
    return chain(dense(), HEAD, optimizer=lambda: keras.optimizers.SGD(S.PolynomialDecay(0.01, 20, 0.0)), epochs=6)


@program("learning_rate_too_high")
def schedule_too_high():
    return chain(dense(), HEAD, optimizer=lambda: keras.optimizers.Adam(S.ExponentialDecay(3.0, 100, 0.96)))


@program("learning_rate_too_high")
def warm_up_too_high():
    schedule = S.CosineDecay(0.0, 1000, warmup_target=20.0, warmup_steps=20)
    return chain(dense(), HEAD, optimizer=lambda: keras.optimizers.SGD(schedule))


@program("learning_rate_schedule")
def rate_of_a_callback():
    return chain(dense(), HEAD, callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch, rate: 1e-8)])


@program("learning_rate_too_low")
def mixed_precision():
    return chain(dense(), HEAD, optimizer=lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(1e-7)))


@program("learning_rate_too_low")
def optimizer_of_another_name():
    return chain(dense(), HEAD, optimizer=lambda: keras.optimizers.Adafactor(1e-8))


@program("optimizer_unsuited")
def rate_of_one():
    return chain(dense(), HEAD, optimizer=lambda: keras.optimizers.Adadelta())


@program("output_activation")
def output_of_a_relu_layer():
    return chain(dense(), dense(CLASSES, None), L.ReLU)


@program("output_activation")
def output_of_an_activation_layer():
    return chain(dense(), dense(CLASSES, None), lambda: L.Activation("relu"))


@program("output_units")
def units_in_front_of_an_activation_layer():
    return chain(dense(), dense(1, None), lambda: L.Activation("sigmoid"), loss="binary_crossentropy")


@program("hidden_activation")
def softmax_layer():
    return chain(dense(16, None), L.Softmax, HEAD)


@program("hidden_activation")
def sigmoid_layers():
    return chain(*[dense(16, None), lambda: L.Activation("sigmoid")] * 8, HEAD)


@program("hidden_activation", place="softmax")
@program("poor_initialization", place="zeros")
@program("output_activation", place="head")
def nested(place: str):
    def inner() -> Any:
        hidden = L.Dense(
            16,
            activation="softmax" if place == "softmax" else "relu",
            kernel_initializer="zeros" if place == "zeros" else "glorot_uniform",
        )
        return keras.Sequential([hidden, L.Dense(CLASSES, activation="relu" if place == "head" else "softmax")])

    return chain(dense(), inner)


@program("hidden_activation", end="softmax")
@program("frozen_layers", end="narrow")
def pretrained(end: str):
    """A frozen body whose weights came from elsewhere."""

    def body() -> Any:
        inputs = keras.Input((FEATURES,))
        outputs = L.Dense(32, activation="relu")(inputs)
        if end == "softmax":
            outputs = L.Dense(20, activation="softmax")(outputs)
        for _ in range(3 if end == "narrow" else 0):
            outputs = L.Dense(2, activation="relu")(outputs)
        made = keras.Model(inputs, outputs, name="body")
        rng = np.random.default_rng(5)
        made.set_weights([rng.normal(0, 3 * w.std() + 0.3, w.shape) for w in made.get_weights()])
        made.trainable = False
        return made

    return chain(body, HEAD)


@program("hidden_activation", form="added")
@program("hidden_activation", form="reshaped")
def narrow(form: str):
    """Narrow layers whose outputs are added to others, or reshaped."""
    x = np.random.default_rng(1).normal(size=(400, FEATURES)).astype("float32")
    y = (x[:, 0] * x[:, 1] > 0).astype(int) + (x[:, 2] > 0)

    def model() -> Any:
        inputs = keras.Input((FEATURES,))
        values = L.Dense(2, activation="relu")(inputs)
        if form == "added":
            for _ in range(4):
                values = L.Add()([values, L.Dense(2, activation="relu")(values)])
        else:
            values = L.Conv1D(2, 1, activation="relu")(L.Reshape((2, 1))(values))
            values = L.Dense(2, activation="relu")(L.Flatten()(values))
        made = keras.Model(inputs, L.Dense(CLASSES, activation="softmax")(values))
        made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return made

    return Program(model, x, y, {"epochs": 6})


@program("batch_size_too_small")
def fewer_samples_than_a_usual_batch():
    whole = chain(dense(16, None), L.BatchNormalization, L.ReLU, HEAD, epochs=10, batch_size=1)
    return Program(whole.model, whole.x[:6], whole.y[:6], whole.fit)


@program("batch_size_too_large")
def batch_larger_than_the_data():
    return chain(dense(), HEAD, epochs=8, batch_size=5000)


@program("unscaled_targets")
def large_targets():
    whole = chain(dense(), dense(1, None), loss="mse", optimizer=lambda: keras.optimizers.SGD(0.01))
    return Program(whole.model, whole.x, whole.x[:, 0] * 123456 + 7654321, whole.fit)


@program("output_activation")
def a_layer_for_each_step():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 10, 3)).astype("float32")

    def model() -> Any:
        head = L.TimeDistributed(L.Dense(2, activation="relu"))
        made = keras.Sequential([keras.Input((10, 3)), L.LSTM(4, return_sequences=True), head])
        made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return made

    return Program(model, x, (x[..., 0] > 0).astype(int), {"epochs": 3})


@program("too_few_epochs")
def pixels():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(96, 8, 8, 1)).astype("float32")

    def model() -> Any:
        convolution = L.Conv2D(4, 3, padding="same", activation="relu")
        made = keras.Sequential([keras.Input((8, 8, 1)), convolution, L.Conv2D(2, 1, activation="softmax")])
        made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return made

    return Program(model, x, (x[..., 0] > 0).astype(int), {"epochs": 4, "batch_size": 16})


@pytest.fixture
def diagnosed(tmp_path):
    """`diagnosed(name)` is a program and the diagnosis of its run."""

    def of(name: str) -> tuple[Program, Any]:
        keras.utils.set_random_seed(0)
        given = PROGRAMS[name][0]()
        callback = tb_diagnose.KerasCallback(str(tmp_path), (given.x, given.y), verbose=0)
        callbacks = [callback, *given.fit.get("callbacks", ())]
        given.fresh().fit(given.x, given.y, verbose=0, **{**given.fit, "callbacks": callbacks})
        return given, judging.diagnosis(str(tmp_path))

    return of


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in PROGRAMS]
)
def test_what_the_report_of_a_program_proposes_runs(diagnosed, name):
    given, diagnosis = diagnosed(name)
    advice = advising.advised(diagnosis)
    assert PROGRAMS[name][1] in advice, diagnosis.headline
    for fix, edits in advice.values():
        advising.follow(given, fix, edits)
        given_rates = [edit.new for edit in edits if edit.argument == "learning_rate"]
        rates = [r["config"]["initial_learning_rate"] if isinstance(r, dict) else r for r in given_rates]
        assert all(1e-5 <= rate <= 1 for rate in rates), "No optimizer is begun at such a rate."
    assert not {"overfitting", "too_few_epochs"} <= set(advice)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["schedule_too_low", "schedule_to_nothing", "schedule_too_high", "warm_up_too_high"])
def test_a_schedule_is_replaced_and_not_multiplied(diagnosed, name):
    _, diagnosis = diagnosed(name)
    fix, edits = advising.advised(diagnosis)[PROGRAMS[name][1]]
    assert "Multiply" not in fix and "Divide" not in fix and "Decay" in fix
    assert [edit.argument for edit in edits][:1] == ["learning_rate"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pretrained-softmax", "pretrained-narrow"])
def test_what_was_trained_elsewhere_is_not_rebuilt(diagnosed, name):
    _, diagnosis = diagnosed(name)
    edits = [edit for _, edits in advising.advised(diagnosis).values() for edit in edits]
    assert not [edit for edit in edits if edit.where.startswith("body") and edit.argument != "trainable"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["narrow-added", "narrow-reshaped"])
def test_units_that_others_depend_on_are_not_edited(diagnosed, name):
    fix, edits = advising.advised(diagnosed(name)[1])["hidden_activation"]
    assert not edits and "as many" in fix
