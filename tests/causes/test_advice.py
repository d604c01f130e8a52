"""What advice may propose: values that are sane, and places that can take them."""

import keras
import numpy as np
import pytest
from advising import Program, follow
from answers import answer

from demo.arrays import EPOCHS, LAYERS, each
from tb_diagnose.causes import Edit
from tb_diagnose.causes._class_weights import Labelled, numbered, weigh
from tb_diagnose.causes._finding import distinct, of_compile
from tb_diagnose.causes._frozen import learned_elsewhere
from tb_diagnose.causes._rates import change_rate, lowered, raised
from tb_diagnose.causes._widths import may_widen
from tb_diagnose.evidence.number import number
from tb_diagnose.trials.changed_copy import changed_copy

L = keras.layers
SCHEDULE = {"name": "adam", "config": {"learning_rate": {"class_name": "ExponentialDecay", "config": {}}}}
ADAM = {"name": "adam", "config": {"learning_rate": 1e-6}}


def test_a_higher_rate_stays_near_the_usual_one():
    assert raised(1e-7, 1e-3) == pytest.approx(1e-3)
    assert raised(5e-7, 1e-3) == pytest.approx(5e-3)
    assert raised(9e-6, 1e-3) == pytest.approx(1e-3), "0.009 is next to a mistake."
    assert raised(0.0, 1e-3) == 1e-3


def test_a_lower_rate_is_not_a_tiny_one():
    assert lowered(0.1, 1e5, "sgd") == pytest.approx(1e-3), "Targets in the millions make steps that long."
    assert lowered(1.0, 1e3, "adam") == pytest.approx(1e-3)
    assert lowered(1e-5, 1e4, "adam") == pytest.approx(1e-6)


def test_a_schedule_is_not_multiplied():
    advice = change_rate(SCHEDULE, 1e-7, 1e-3)
    assert "ExponentialDecay" in advice and "Multiply" not in advice and "Adam(0.001)" in advice
    assert change_rate(ADAM, 1e-6, 1e-3).startswith("Multiply the learning rate by 1,000, to 0.001")
    assert "callback" in change_rate(ADAM, 1e-8, 1e-3)


ADADELTA = dict(
    optimizer={"name": "adadelta", "config": {"learning_rate": 0.001}},
    learning_rate=np.full(13, 0.001),
    layers=LAYERS,
    epochs=np.arange(13),
)
"""Twelve epochs at a rate that leads nowhere."""


@pytest.mark.parametrize(
    ("steps", "planned", "expected"),
    [
        (192, 12, 19),
        (192, None, None),  # the end of it may be that of a crash
        (400, 12, None),
        (192, 50, None),  # it still runs, or a callback has ended it
        (12, 12, None),  # a step an epoch is a matter of the batches
    ],
)
def test_few_steps_at_a_rate_that_works_are_more_epochs(steps, planned, expected):
    iterations = np.linspace(0, steps, 13)
    found = answer("optimizer_unsuited", dict(**ADADELTA, iterations=iterations, planned_epochs=planned))
    assert [edit.new for edit in found.edits if edit.argument == "epochs"] == ([expected] if expected else [])
    assert (f"`epochs={expected}`" in found.fix) == (expected is not None)


def test_a_number_that_rounds_up_is_written_out():
    assert number(999.9999) == "1,000"


def test_an_argument_is_changed_once():
    epochs = [Edit("fit", "epochs", 40), Edit("fit", "epochs", 24)]
    assert distinct(epochs) == epochs[:1]
    lines = [Edit("data", "y", "y - 1"), Edit("data", "y", "y / 2")]
    assert distinct(lines) == lines
    adam = Edit("compile", "optimizer", {"class_name": "Adam", "config": {"learning_rate": 0.001}})
    others = [
        Edit("compile", "learning_rate", 0.01),
        Edit("compile", "momentum", 0.9),
        Edit("compile", "clipnorm", 1.0),
    ]
    assert of_compile([*others, adam]) == [adam, others[2]]


def test_a_frozen_layer_is_given_unless_its_weights_are_as_they_were_drawn():
    rows = [{"name": "a", "trainable": False, "initializer": "GlorotUniform"}, {"name": "b", "trainable": True}]
    as_drawn = {"std": 0.5, "fan_in": 4, "fan_out": 4, "bias": 0.0}
    assert learned_elsewhere(rows, [as_drawn, None]) == set()
    assert learned_elsewhere(rows, [{**as_drawn, "std": 2.0}, None]) == learned_elsewhere(rows, None) == {"a"}


def functional(kind):
    inputs = keras.Input((6,))
    values = L.Dense(2, activation="relu", name="narrow")(inputs)
    if kind == "added":
        values = L.Add()([values, L.Dense(2)(inputs)])
    elif kind == "operator":
        values = values * 2
    elif kind == "shared":
        both = L.Dense(4)
        values = L.Concatenate()([both(values), both(L.Dense(2)(inputs))])
    elif kind == "joined":
        values = L.Concatenate()([values, inputs])
    elif kind == "nested":
        values = keras.Sequential([L.Dropout(0.1), L.Dense(3)])(values)
    elif kind == "reshaped":
        values = L.Flatten()(L.Reshape((2, 1))(values))
    if kind != "output":
        values = L.Dense(3, activation="softmax")(L.BatchNormalization()(values))
    model = keras.Model(inputs, values)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("kind", "free"),
    [
        ("plain", True),
        ("joined", True),
        ("nested", False),
        ("added", False),
        ("operator", False),
        ("shared", False),
        ("reshaped", False),
        ("output", False),
    ],
)
def test_units_are_free_where_nothing_behind_depends_on_them(kind, free):
    import json

    model = functional(kind)
    assert may_widen(json.loads(model.to_json()), ["narrow"]) is free
    if free:
        assert changed_copy(model, [Edit("narrow", "units", 64)]).get_layer("narrow").units == 64


def test_units_inside_a_nested_model_are_free_up_to_what_stands_behind_it():
    import json

    def outer(*behind):
        body = keras.Sequential([L.Dense(8), L.Dense(2, name="narrow")], name="body")
        return json.loads(keras.Sequential([keras.Input((6,)), body, *behind]).to_json())

    assert may_widen(outer(L.ReLU(), L.Dense(3)), ["body/narrow"])
    assert not may_widen(outer(L.ReLU()), ["body/narrow"])
    assert not may_widen(outer(L.Reshape((2, 1))), ["body/narrow"])


RNG = np.random.default_rng(0)
RARE = (RNG.random(64) < 0.2).astype(int)
MAP = (RNG.random((64, 4, 4)) < 0.2).astype(int)
LABELS = {
    "class numbers": (RARE * 2 + 1, 4, "softmax", "sparse_categorical_crossentropy"),
    "floats": (RARE[:, None].astype("float32"), 1, "sigmoid", "binary_crossentropy"),
    "below zero": (2 * RARE - 1, 1, "tanh", "hinge"),
    "columns": (np.eye(3)[RARE], 3, "softmax", "categorical_crossentropy"),
    "many": (RARE * 11, 12, "softmax", "sparse_categorical_crossentropy"),
    "pixels": (MAP, 2, "softmax", "sparse_categorical_crossentropy"),
    "pixels of one": (MAP[..., None].astype("float32"), 1, "sigmoid", "binary_crossentropy"),
    "pixels of columns": (np.eye(2)[MAP], 2, "softmax", "categorical_crossentropy"),
    "flat pixels": (MAP.astype("float32"), 1, "sigmoid", "binary_crossentropy"),
    "time steps": (MAP[:, 0], 2, "softmax", "sparse_categorical_crossentropy"),
    "time steps below zero": (2 * MAP[:, 0, :, None] - 1, 1, "tanh", "hinge"),
}


QUICK = ("floats", "pixels")


@pytest.mark.parametrize("form", ["arrays", "dataset"])
@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in QUICK else [pytest.mark.slow]) for n in LABELS])
def test_the_weights_of_classes_are_what_keras_takes(name, form):
    is_array = form == "arrays"
    y, units, activation, loss = LABELS[name]
    columns = name in ("columns", "pixels of columns")
    inner = y.shape[1:-1] if columns or y.shape[-1:] == (1,) else y.shape[1:]
    x = RNG.normal(size=(64, *inner, 3)).astype("float32")

    def model():
        behind = [L.Reshape(inner)] if name == "flat pixels" else []
        made = keras.Sequential([keras.Input((*inner, 3)), L.Dense(units, activation=activation), *behind])
        made.compile("sgd", loss)
        return made

    values = (
        list(range(y.shape[-1])) if columns else list(range(units)) if units > 1 else np.unique(y).astype(int).tolist()
    )
    numbers = y.argmax(axis=-1) if columns else y
    counts = np.array([(numbers == value).sum() for value in values])
    advice = weigh(Labelled(counts, numbered([str(v) for v in values]), columns, y.shape[1:], loss, False, form))
    assert ("class_weight" in advice) is (name in list(LABELS)[:5] and (is_array or name != "below zero"))
    given = Program(model, x, y, {"batch_size": 16})
    if is_array or "class_weight" not in advice:
        follow(given, advice, ())
        return
    import tensorflow as tf

    names = {"np": np, "dataset": tf.data.Dataset.from_tensor_slices((x, y)).batch(16), "model": model()}
    exec(advice.split("`")[1].replace("fit(...", "fit(dataset"), names)


@pytest.mark.parametrize("form", ["arrays", "dataset", "generator"])
def test_batches_and_order_are_changed_where_they_are_made(form):
    few = dict(batch_size=1000, sample_count=1000, epochs=EPOCHS, iterations=np.arange(4.0), data_form=form)
    large = answer("batch_size_too_large", few)
    assert ("batch_size=32" in large.fix) is (form == "arrays") and bool(large.edits) is (form == "arrays")
    sorted_ = dict(label_run_ratio=0.01, step_loss_autocorrelation=np.full(4, 0.9), epochs=EPOCHS, sample_count=1000)
    order = answer("unshuffled_data", {**sorted_, "data_form": form})
    assert ("shuffle=True" in order.fix) is (form == "arrays") and (".shuffle(1000)" in order.fix) is (
        form == "dataset"
    )
    large_inputs = dict(input_min=[0], input_max=[1e6], input_mean=[5e5], input_std=[3e5], preprocessing=[])
    scale = answer("unscaled_inputs", {**large_inputs, "input_shape": [[1]], "data_form": form})
    assert bool(scale.edits) is (form == "arrays") and ("dataset.map" in scale.fix) is (form == "dataset")


def test_nobody_is_asked_for_larger_batches_than_there_are_samples():
    few = dict(batch_size=1, sample_count=6, training_only=["BatchNormalization"])
    assert answer("batch_size_too_small", few).edits == (Edit("fit", "batch_size", 6, old=1),)


def test_a_dead_layer_that_is_frozen_is_not_edited():
    rows = [{**row, "trainable": False, "activation": "relu"} for row in LAYERS]
    found = answer("dead_relu", dict(layers=rows, epochs=EPOCHS, dead_fraction=each(*[[1.0] * len(rows)] * 4)))
    assert found.edits == () and "preprocess_input" in found.fix
