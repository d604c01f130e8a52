"""The lines that a finding would change, as a user would write them."""

import importlib
from typing import Any

import pytest
from answers import answer

from tb_diagnose.causes import CATALOGUE, Edit
from tb_diagnose.evidence import keras_config
from tb_diagnose.fixes import lines, literals

FAULTS = {id_: importlib.import_module(f"demo.faults.{id_}") for id_ in CATALOGUE}
SICK = [
    pytest.param(id_, given, id=f"{id_}-{i}") for id_, fault in FAULTS.items() for i, given in enumerate(fault.SICK)
]
UNDECIDED = {
    "bad_split",
    "constant_inputs",
    "constant_prediction",
    "disconnected_gradient",
    "duplicate_rows",
    "excessive_augmentation",
    "fit_data_differs",
    "imbalanced_classes",
    "label_noise",
    "loop_loss",
    "overfitting",
    "saturated_activations",
    "shuffled_labels",
    "too_little_data",
    "validation_preprocessing",
    "vanishing_gradients",
}
"""Causes whose fix leaves something to decide: which rows, which step of the user's own, which of several layers."""
GLOROT = {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": None}}
ZEROS = {"module": "keras.initializers", "class_name": "Zeros", "config": {}}
WIDE = {"module": "keras.initializers", "class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 5.0}}
FAR = {"module": "keras.initializers", "class_name": "Constant", "config": {"value": -100.0}}
L2 = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 100.0}, "registered_name": None}
WEAK = {**L2, "config": {"l2": 0.1}}
OWN = {"module": "shop", "class_name": "Mine", "config": {"l2": 1.0}, "registered_name": "shop>Mine"}
OWN_FUNCTION = {"module": "builtins", "class_name": "function", "config": "mine", "registered_name": "function"}


def layer(kind: str, name: str, registered: str | None = None, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, "trainable": True} | config, "registered_name": registered}


def dense(name: str, units: int, activation: Any = "linear", registered: str | None = None, **config: Any) -> dict:
    plain = {"use_bias": True, "kernel_initializer": GLOROT, "kernel_regularizer": None, "bias_initializer": ZEROS}
    return layer("Dense", name, registered, units=units, activation=activation, **plain | config)


def model(*layers: dict[str, Any], name: str = "sequential", trainable: bool = True, **config: Any) -> dict[str, Any]:
    whole = {"name": name, "trainable": trainable, "layers": list(layers)}
    return {"class_name": "Sequential", "config": whole, **config}


def compiled(**config: Any) -> dict[str, Any]:
    """The facts of a compiled model, as they are read from its JSON."""
    whole = model(dense("dense", 1), compile_config=config)
    return {"model": whole} | keras_config.config_facts(list(keras_config.walk_config(whole)), config)


def adam(rate: Any, **config: Any) -> dict[str, Any]:
    whole = {"name": "adam", "learning_rate": rate, "clipnorm": None, "beta_1": 0.9, "epsilon": 1e-07}
    return {"module": "keras.optimizers", "class_name": "Adam", "config": whole | config, "registered_name": None}


def written(*edits: Edit, **facts: Any) -> list[tuple[str, str | None, str | None]]:
    return [(line["where"], line["old"], line["new"]) for line in lines.lines(edits, facts)]


CONV = layer(
    "Conv2D",
    "conv2d",
    filters=32,
    kernel_size=[3, 3],
    strides=[1, 1],
    padding="same",
    activation="relu",
    use_bias=False,
    kernel_initializer=WIDE,
)
LSTM = layer("LSTM", "lstm", units=8, activation="tanh", recurrent_activation="sigmoid", return_sequences=True)


@pytest.mark.parametrize(
    ("given", "edits", "old", "new"),
    [
        (
            dense("dense_1", 1, "relu"),
            [("activation", "sigmoid")],
            'Dense(1, activation="relu")',
            'Dense(1, activation="sigmoid")',
        ),
        (dense("dense", 1, "relu"), [("activation", "linear")], 'Dense(1, activation="relu")', "Dense(1)"),
        (
            dense("dense", 1, "sigmoid"),
            [("units", 10), ("activation", "softmax")],
            'Dense(1, activation="sigmoid")',
            'Dense(10, activation="softmax")',
        ),
        (dense("head", 1), [("units", 4)], 'Dense(1, name="head")', 'Dense(4, name="head")'),
        (
            dense("dense", 8, kernel_regularizer=L2),
            [("kernel_regularizer", WEAK)],
            "Dense(8, kernel_regularizer=keras.regularizers.L2(100.0))",
            "Dense(8, kernel_regularizer=keras.regularizers.L2(0.1))",
        ),
        (
            dense("dense", 8, bias_initializer=FAR),
            [("bias_initializer", "zeros")],
            "Dense(8, bias_initializer=keras.initializers.Constant(value=-100.0))",
            'Dense(8, bias_initializer="zeros")',
        ),
        (
            CONV,
            [("kernel_initializer", "glorot_uniform")],
            'Conv2D(32, (3, 3), padding="same", activation="relu", use_bias=False, '
            "kernel_initializer=keras.initializers.RandomNormal(stddev=5.0))",
            'Conv2D(32, (3, 3), padding="same", activation="relu", use_bias=False, '
            'kernel_initializer="glorot_uniform")',
        ),
        (
            CONV,
            [("units", 64)],
            'Conv2D(32, (3, 3), padding="same", activation="relu", use_bias=False, '
            "kernel_initializer=keras.initializers.RandomNormal(stddev=5.0))",
            'Conv2D(64, (3, 3), padding="same", activation="relu", use_bias=False, '
            "kernel_initializer=keras.initializers.RandomNormal(stddev=5.0))",
        ),
        (
            LSTM,
            [("activation", "relu")],
            "LSTM(8, return_sequences=True)",
            'LSTM(8, activation="relu", return_sequences=True)',
        ),
        (layer("Dropout", "dropout_3", rate=0.9), [("rate", 0.2)], "Dropout(0.9)", "Dropout(0.2)"),
        (
            layer("Activation", "activation", activation="relu"),
            [("activation", "softmax")],
            'Activation("relu")',
            'Activation("softmax")',
        ),
        (
            layer("Activation", "activation", activation="relu"),
            [("activation", "linear")],
            'Activation("relu")',
            None,
        ),
        (layer("ReLU", "re_lu", max_value=None), [("activation", "leaky_relu")], "ReLU()", 'Activation("leaky_relu")'),
        (layer("Softmax", "softmax"), [("activation", "linear")], "Softmax()", None),
    ],
)
def test_a_layer_of_the_model(given, edits, old, new):
    name = given["config"]["name"]
    changes = [Edit(name, argument, value) for argument, value in edits]
    assert written(*changes, model=model(given)) == [(name, old, new)]


@pytest.mark.parametrize(
    ("given", "edit"),
    [
        (dense("dense", 8, OWN_FUNCTION), ("activation", "relu")),
        (dense("dense", 8, "mine"), ("activation", "relu")),
        (dense("dense", 8, kernel_regularizer=OWN), ("units", 16)),
        (dense("dense", 8, kernel_initializer={**WIDE, "registered_name": "shop>RandomNormal"}), ("units", 16)),
        (dense("dense", float("nan")), ("activation", "relu")),
        (dense("dense", {"a": 1}), ("activation", "relu")),
        (dense("dense", 8, registered="shop>Dense"), ("activation", "relu")),
        (layer("Mine", "dense", units=8, activation="relu"), ("activation", "tanh")),
        (layer("ReLU", "dense"), ("units", 16)),
        (dense("dense", 8, "relu"), ("activation", "relu")),
        (dense("other", 8), ("activation", "relu")),
    ],
)
def test_what_is_not_known_is_not_written(given, edit):
    assert written(Edit("dense", *edit), model=model(given)) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"model": "text"},
        {"model": {"config": {"layers": [1]}}},
        {"model": {"config": 3}},
        {"layers": [{}]},
        {"layers": 1},
    ],
)
def test_a_log_that_is_not_as_expected_gives_no_lines(broken):
    assert written(Edit("dense", "activation", "relu"), **broken) == []
    assert written(Edit("compile", "learning_rate", 0.1, old=1.0), **broken, optimizer={"name": ["adam"]}) == []


def test_edits_belong_together():
    edits = [Edit("dense", "units", 10), Edit("compile", "loss", "sparse_categorical_crossentropy")]
    assert written(*edits, model=model(dense("dense", 1))) == []


NESTED = model(model(dense("dense", 4, "relu"), name="inner"), dense("dense_1", 1), name="outer")


@pytest.mark.parametrize("name", ["inner/dense", "dense"])
def test_a_layer_of_a_nested_model(name):
    expected = [(name, 'Dense(4, activation="relu")', 'Dense(4, activation="tanh")')]
    assert written(Edit(name, "activation", "tanh"), model=NESTED) == expected


def test_a_name_that_two_nested_models_have_is_not_known():
    twice = model(model(dense("dense", 4), name="a"), model(dense("dense", 5), name="b"))
    assert written(Edit("dense", "activation", "relu"), model=twice) == []
    assert written(Edit("b/dense", "activation", "relu"), model=twice) == [
        ("b/dense", "Dense(5)", 'Dense(5, activation="relu")')
    ]


def test_trainable_is_set_where_it_was_taken_away():
    def target(where, trainable):
        return f"{where}.trainable = {trainable}"

    def expected(name, where):
        return [(name, target(where, False), target(where, True))]

    assert written(Edit("dense_1", "trainable", True), model=NESTED) == expected(
        "dense_1", 'model.get_layer("dense_1")'
    )
    path = 'model.get_layer("inner").get_layer("dense")'
    assert written(Edit("inner/dense", "trainable", True), model=NESTED) == expected("inner/dense", path)
    assert written(Edit("model", "trainable", True), model=NESTED) == expected("model", "model")
    frozen = model(model(dense("dense", 4), dense("dense_1", 4), name="inner", trainable=False))
    both = [Edit(f"inner/{name}", "trainable", True) for name in ("dense", "dense_1")]
    assert written(*both, model=frozen) == expected("inner", 'model.get_layer("inner")')
    assert written(Edit("dense", "trainable", True), model=model(dense("dense", 4), trainable=False)) == expected(
        "model", "model"
    )


ROW = {"name": "out", "class": "Dense", "units": 1, "activation": "relu", "rate": None, "trainable": True}


def test_without_the_model_the_layer_table_is_enough_for_simple_layers():
    assert written(Edit("out", "activation", "sigmoid"), layers=[ROW]) == [
        ("out", 'Dense(1, activation="relu")', 'Dense(1, activation="sigmoid")')
    ]
    own = {"class_name": "Mine", "config": {}}
    assert written(Edit("out", "units", 4), layers=[ROW], model=own) == [
        ("out", 'Dense(1, activation="relu")', 'Dense(4, activation="relu")')
    ]
    assert written(Edit("out", "kernel_initializer", "glorot_uniform"), layers=[ROW]) == []
    assert written(Edit("out", "activation", "relu"), layers=[{**ROW, "class": "Conv2D"}]) == []
    assert written(Edit("out", "activation", "tanh"), layers=[{**ROW, "class": None}]) == []
    assert written(Edit("out", "activation", "tanh")) == []


RATE = Edit("compile", "learning_rate", 0.001, old=1.0)


@pytest.mark.parametrize(
    ("facts", "edits", "old", "new"),
    [
        (compiled(optimizer=adam(1.0)), [RATE], "Adam(1.0)", "Adam(0.001)"),
        (compiled(optimizer=adam(1.00004)), [RATE], "Adam(1.00004)", "Adam(0.001)"),
        (
            compiled(optimizer=adam(1.0, beta_1=0.5, amsgrad=True)),
            [RATE, Edit("compile", "clipnorm", 1.0)],
            "Adam(1.0, beta_1=0.5, amsgrad=True)",
            "Adam(0.001, beta_1=0.5, amsgrad=True, clipnorm=1.0)",
        ),
        (
            compiled(
                optimizer={"class_name": "SGD", "config": {"learning_rate": 0.009999999776482582, "momentum": 0.9}}
            ),
            [Edit("compile", "optimizer", {"class_name": "Adam", "config": {"learning_rate": 0.001}})],
            "SGD(0.01, momentum=0.9)",
            "Adam(0.001)",
        ),
        (compiled(optimizer="adam"), [RATE], "Adam(1.0)", "Adam(0.001)"),
    ],
)
def test_the_optimizer_keeps_its_other_settings(facts, edits, old, new):
    expected = [("compile", f"optimizer=keras.optimizers.{old}", f"optimizer=keras.optimizers.{new}")]
    assert written(*edits, **facts) == expected


@pytest.mark.parametrize(
    "facts",
    [
        {},
        compiled(optimizer={"class_name": "Mine", "config": {"learning_rate": 1.0}}),
        compiled(optimizer=adam(0.5)),
        compiled(optimizer=adam({"class_name": "ExponentialDecay", "config": {}})),
    ],
    ids=["unknown", "own", "set_elsewhere", "schedule"],
)
def test_a_rate_that_compile_does_not_give_is_not_written(facts):
    assert written(RATE, **facts) == []


BCE = {"module": "keras.losses", "class_name": "BinaryCrossentropy"}


@pytest.mark.parametrize(
    ("loss", "old"),
    [
        ("mse", '"mse"'),
        ({**BCE, "config": {"from_logits": True, "axis": -1, "name": "binary_crossentropy"}},
         "keras.losses.BinaryCrossentropy(from_logits=True)"),
        (["mae"], '"mean_absolute_error"'),
        ({**OWN_FUNCTION, "config": "mean_squared_error"}, '"mean_squared_error"'),
        (OWN_FUNCTION, None),
    ],
)  # fmt: skip
def test_the_loss(loss, old):
    expected = [] if old is None else [("compile", f"loss={old}", 'loss="categorical_crossentropy"')]
    assert written(Edit("compile", "loss", "categorical_crossentropy"), **compiled(loss=loss)) == expected


def test_one_metric_of_several_is_replaced():
    zero = {"class_name": "BinaryAccuracy", "config": {"threshold": 0.0}}
    facts = compiled(loss="mse", metrics=["mae", "accuracy"])
    assert written(Edit("compile", "metrics", zero, old="accuracy"), **facts) == [
        (
            "compile",
            'metrics=["mae", "accuracy"]',
            'metrics=["mae", keras.metrics.BinaryAccuracy(threshold=0.0)]',
        )
    ]
    own = {"class_name": "Accuracy", "config": {"name": "accuracy", "dtype": "float32"}}
    assert written(Edit("compile", "metrics", "accuracy", old="accuracy"), **compiled(metrics=[own])) == [
        ("compile", "metrics=[keras.metrics.Accuracy()]", 'metrics=["accuracy"]')
    ]
    assert written(Edit("compile", "metrics", "mae", old="accuracy"), **compiled(metrics=["mse"])) == []


def test_several_changes_of_one_place_are_one_line():
    edits = [Edit("fit", "batch_size", 32, old=5), Edit("fit", "class_weight", {0: 0.526, 1: 10.0})]
    assert written(*edits) == []  # of a Dataset, batch_size is passed over without a word
    assert written(*edits, data_form="arrays") == [
        ("fit", "model.fit(..., batch_size=5)", "model.fit(..., batch_size=32, class_weight={0: 0.526, 1: 10.0})")
    ]
    facts = compiled(optimizer=adam(1.0), loss="mse")
    assert written(RATE, Edit("compile", "loss", "mae"), **facts) == [
        (
            "compile",
            'optimizer=keras.optimizers.Adam(1.0), loss="mse"',
            'optimizer=keras.optimizers.Adam(0.001), loss="mae"',
        )
    ]


def test_a_line_for_the_data_is_added():
    front = Edit("in front", "layer", "keras.layers.Rescaling(2)")
    behind = "model = keras.Sequential([keras.layers.Rescaling(2), model])"
    both = written(front, Edit("data", "y", "y - 1"), data_form="arrays")
    assert both == [("model", None, "y = y - 1"), ("model", None, behind)], "all of it before compile"
    scaled = Edit("data", "x", "x / 99999")
    assert written(scaled, data_form="arrays") == [("data", None, "x = x / 99999")]
    assert written(scaled) == written(scaled, data_form="dataset") == []
    assert written(scaled, data_form="arrays", input_dtype=["float32", "float32"]) == []  # x is a list


@pytest.mark.parametrize(
    ("kind", "config", "edit"),
    [
        ("Conv2DTranspose", {"filters": 4, "kernel_size": [3, 3], "output_padding": [1, 1]}, ("activation", "relu")),
        ("GRU", {"units": 4, "reset_after": False}, ("activation", "tanh")),
        ("Dense", {"units": 4, "lora_rank": 2}, ("activation", "relu")),
        ("Dense", {"units": 4, "trainable": False}, ("activation", "relu")),
        ("Dropout", {"rate": 0.8, "seed": 3}, ("rate", 0.2)),
        ("ReLU", {"max_value": 6.0}, ("activation", "leaky_relu")),
    ],
)
def test_a_layer_with_what_cannot_be_written_is_not_written(kind, config, edit):
    config = {"activation": "linear", **config} if kind not in ("Dropout", "ReLU") else config
    assert written(Edit("one", *edit), model=model(layer(kind, "one", **config))) == []


def test_the_types_of_mixed_precision_are_not_lost():
    mixed = model(dense("first", 8, dtype="mixed_float16"), dense("head", 1, dtype="float32"))
    assert written(Edit("head", "activation", "sigmoid"), model=mixed) == []


@pytest.mark.parametrize("setting", [{"ema_momentum": 0.5}, {"loss_scale_factor": 128.0}, {"mine": 1}])
def test_an_optimizer_with_what_cannot_be_written_is_not_written(setting):
    assert written(RATE, **compiled(optimizer=adam(1.0, **setting))) == []


def test_a_layer_may_be_called_like_a_call():
    assert written(Edit("fit", "activation", "relu"), model=model(dense("fit", 8))) == [
        ("fit", 'Dense(8, name="fit")', 'Dense(8, activation="relu", name="fit")')
    ]


def test_names_are_text_and_nothing_else():
    for hostile in ('a"); import os #', "a\nb", "a\u202eb", "a\\", "\U0001f600", "\udc80", "'"):
        shown = literals.quoted(hostile)
        assert shown.isprintable() and eval(shown, {}) == hostile
        ((_, old, _),) = written(Edit(hostile, "units", 2), model=model(dense(hostile, 1)))
        assert old == f"Dense(1, name={shown})"


def given_facts(given: dict[str, Any]) -> dict[str, Any]:
    """Facts of a model that fits what a sample of a fault holds, for what the sample does not say."""
    rows = [{"class": "Dense", **row} for row in given.get("layers", [])]
    named = {row["name"] for row in rows}
    out = given.get("output")
    rows += [{"class": "Dense", **out}] if out is not None and out["name"] not in named else []
    return {
        "optimizer": {"name": "adam", "config": {}},
        "loss_function": {"name": "binary_crossentropy", "from_logits": False, "custom": False},
        "compiled_metrics": ["accuracy"],
        **{name: value for name, value in given.items() if name in ("optimizer", "loss_function", "compiled_metrics")},
        "layers": rows,
    }


@pytest.mark.parametrize(("id_", "given"), SICK)
def test_the_lines_of_a_fault_change_something(id_, given):
    finding = answer(id_, given)
    patch = lines.lines(finding.edits, given_facts(given))
    assert all(line["old"] != line["new"] for line in patch)
    for line in patch:
        compile(" ".join(line["new"].replace("model.fit(..., ", "model.fit(").split()), "line", "exec")


def test_causes_say_what_changes_wherever_they_know():
    silent = {id_ for id_, fault in FAULTS.items() if not any(answer(id_, given).edits for given in fault.SICK)}
    assert silent == UNDECIDED


def test_a_loss_that_could_not_read_the_labels_is_not_written():
    given = dict(loss_function=FAULTS["loss_mismatch"].MSE, output={"name": "out", "units": 1, "activation": "tanh"})
    judge = CATALOGUE["loss_mismatch"].judge
    signs = judge(**given, label_form="binary", label_unique_count=2, label_min=-1, label_max=1)
    gaps = judge(**given, label_form="integer", label_unique_count=3, label_min=1, label_max=9)
    fine = judge(**given, label_form="binary", label_unique_count=2, label_min=0, label_max=1)
    assert [bool(finding.edits) for finding in (signs, gaps, fine)] == [False, False, True]


def test_regularizers_and_dropout_are_found_in_the_model():
    first = dense("first", 8, kernel_regularizer=L2)
    whole = model(first, layer("Dropout", "dropout", rate=0.5), layer("Dropout", "dropout_1", rate=0.95))
    strong, dropped = FAULTS["excessive_regularization"].SICK[1], FAULTS["excessive_regularization"].SICK[4]
    weaker = CATALOGUE["excessive_regularization"].judge(**strong, model=whole)
    assert [line["new"] for line in lines.lines(weaker.edits, {"model": whole})] == [
        'Dense(8, kernel_regularizer=keras.regularizers.L2(0.0001), name="first")'
    ]
    fewer = CATALOGUE["excessive_regularization"].judge(**dropped, model=whole)
    assert written(*fewer.edits, model=whole) == [("dropout_1", "Dropout(0.95)", "Dropout(0.2)")]
    own = model(dense("first", 8, kernel_regularizer=OWN), dense("second", 8, kernel_regularizer=L2))
    assert written(*CATALOGUE["excessive_regularization"].judge(**strong, model=own).edits, model=own) == []


def test_one_unit_never_gets_a_softmax():
    """A softmax over one unit gives 1 for every row."""
    categorical = {"name": "categorical_crossentropy", "from_logits": False, "custom": False}
    for activation in ("linear", "relu", "softmax"):
        output = {"name": "out", "units": 1, "activation": activation}
        found = CATALOGUE["output_activation"].judge(output=output, loss_function=categorical, label_form="binary")
        assert [(edit.where, edit.new) for edit in found.edits] == [
            ("out", "sigmoid"),
            ("compile", "binary_crossentropy"),
        ]
        assert "binary_crossentropy" in found.fix


@pytest.mark.parametrize("id_", ["batch_size_too_large", "batch_size_too_small"])
def test_a_batch_size_that_was_worked_out_is_no_line_of_the_program(id_):
    """240 samples a batch, from 1,200 samples in 5 steps, where the program may say 256."""
    (given, *_) = (each for each in importlib.import_module(f"demo.faults.{id_}").SICK if answer(id_, each).edits)
    told, worked_out = (answer(id_, {**given, "batch_size_is_inferred": inferred}) for inferred in (None, True))
    batch_size = given["batch_size"]
    assert f"`batch_size={batch_size}`" in told.fix and told.edits[0].old == batch_size
    assert f"`batch_size={batch_size}`" not in worked_out.fix and f"of about {batch_size:,} a batch" in worked_out.fix
    (line,) = lines.lines(worked_out.edits, {"data_form": "arrays"})
    assert "batch_size" not in line["old"] and "batch_size" in line["new"]
