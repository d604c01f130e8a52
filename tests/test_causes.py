"""Each cause on arrays small enough to read: what sets it off, and what must not."""

import numpy as np
import pytest

from tb_diagnose.causes import CATALOGUE, clear, severity

EPOCHS = np.arange(4)
LAYERS = [
    {"name": "first", "initializer": "GlorotUniform", "units": 8, "activation": "relu"},
    {"name": "second", "initializer": "GlorotUniform", "units": 8, "activation": "relu"},
    {"name": "last", "initializer": "GlorotUniform", "units": 1, "activation": "sigmoid"},
]
BINARY = {"name": "binary_crossentropy", "from_logits": False, "custom": False}
LOGITS = {**BINARY, "from_logits": True}
SPARSE = {"name": "sparse_categorical_crossentropy", "from_logits": False, "custom": False}
CATEGORICAL = {"name": "categorical_crossentropy", "from_logits": False, "custom": False}
MSE = {"name": "mean_squared_error", "from_logits": False, "custom": False}
OWN = {"name": "my_loss", "from_logits": False, "custom": True}


def out(units, activation):
    return {"name": "last", "units": units, "activation": activation}


def each(*rows):
    """One row of values by layer for each epoch."""
    return np.array(rows, float)


SICK = {
    "output_activation": [
        dict(output=out(1, "relu"), loss_function=BINARY),
        dict(output=out(1, "linear"), loss_function=BINARY),
        dict(output=out(1, "tanh"), loss_function=LOGITS),
        dict(output=out(10, "relu"), loss_function=SPARSE),
        dict(output=out(10, "sigmoid"), loss_function=CATEGORICAL),
        dict(output=out(1, "softmax"), loss_function=BINARY, label_form="binary"),
        dict(output=out(1, "sigmoid"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=50.0),
    ],
    "label_encoding": [
        dict(label_form="binary", label_dtype="int64", label_min=1, label_max=2, label_unique_count=2, loss_function=BINARY, output=out(1, "sigmoid")),
        dict(label_form="binary", label_dtype="int64", label_min=-1, label_max=1, label_unique_count=2, loss_function=BINARY, output=out(1, "sigmoid")),
        dict(label_form="integer", label_dtype="int64", label_min=1, label_max=10, label_unique_count=10, loss_function=SPARSE, output=out(10, "softmax")),
        dict(label_form="one_hot", label_dtype="float32", label_min=0, label_max=1, label_unique_count=2, loss_function=SPARSE, output=out(10, "softmax")),
        dict(label_form="integer", label_dtype="int64", label_min=0, label_max=9, label_unique_count=10, loss_function=CATEGORICAL, output=out(10, "softmax")),
        dict(label_form="string", label_dtype="<U3", label_unique_count=2),
    ],
    "loss_mismatch": [
        dict(loss_function=BINARY, output=out(1, "sigmoid"), label_form="integer", label_unique_count=5, label_max=4, loss=np.array([0.1, -7.0])),
        dict(loss_function=CATEGORICAL, output=out(1, "sigmoid"), label_form="binary", label_unique_count=2, label_max=1),
        dict(loss_function=BINARY, output=out(2, "softmax"), label_form="binary", label_unique_count=2, label_max=1),
        dict(loss_function=MSE, output=out(5, "softmax"), label_form="integer", label_unique_count=5, label_max=4),
        dict(loss_function=MSE, output=out(1, "sigmoid"), label_form="binary", label_unique_count=2, label_max=1),
        dict(loss_function=BINARY, output=out(1, "sigmoid"), label_form="continuous", label_min=-3.0, label_max=3.0),
    ],
    "unscaled_inputs": [
        dict(input_min=[0], input_max=[99_999], input_mean=[5e4], input_spread=[2.9e4], preprocessing=[]),
        dict(input_min=[0], input_max=[255], input_mean=[120], input_spread=[70], preprocessing=[], preactivation_spread=each([90, 1, 1]), layers=LAYERS),
        dict(input_min=[0], input_max=[1e-5], input_mean=[5e-6], input_spread=[3e-6], preprocessing=[], preactivation_spread=each([3e-6, 1, 1]), layers=LAYERS),
    ],
    "invalid_inputs": [
        dict(input_nonfinite_count=1, row_count=500),
        dict(input_nonfinite_count=0, row_count=500, label_nonfinite_count=3),
    ],
    "duplicate_rows": [dict(duplicate_row_fraction=0.5, natural_duplicate_fraction=0.04, row_count=10_000)],
    "imbalanced_classes": [
        dict(label_counts=[950, 50], predicted_share=each(*[[1, 0]] * 4), classes=["0", "1"], label_form="binary", epochs=EPOCHS),
    ],
    "constant_inputs": [
        dict(distinct_input_count=1, constant_feature_fraction=1.0, row_count=500, conflicting_row_fraction=1.0),
        dict(distinct_input_count=4, constant_feature_fraction=0.9, row_count=5000, conflicting_row_fraction=1.0),
    ],
    "learning_rate_too_high": [
        dict(epoch_update_ratio=each(*[[0.1] * 3] * 4), largest_update_ratio=each([np.nan] * 3, [9, 3, 1], [0, 0, 0], [0, 0, 0]), epochs=EPOCHS, layers=LAYERS, learning_rate=np.full(4, 1.0)),
        dict(epoch_update_ratio=each(*[[0.1] * 3] * 4), largest_update_ratio=each(*[[0.001] * 3] * 4), epochs=EPOCHS, layers=LAYERS, learning_rate=np.full(4, -0.01)),
        dict(epoch_update_ratio=each([np.nan] * 3, [25, 3, 1], [0, 0, 0], [0, 0, 0]), epochs=EPOCHS, layers=LAYERS, learning_rate=np.full(4, 1.0)),
    ],
    "learning_rate_too_low": [
        dict(
            epoch_update_ratio=each([np.nan] * 3, *[[1e-4] * 3] * 3), epochs=EPOCHS, layers=LAYERS,
            learning_rate=np.full(4, 1e-7), optimizer={"name": "adam", "config": {}},
        ),
        dict(epoch_update_ratio=each([np.nan] * 3, [0.2] * 3, [0] * 3, [0] * 3), epochs=EPOCHS, layers=LAYERS, learning_rate=np.array([1e-3, 1e-3, 0, 0])),
    ],
    "dead_relu": [dict(dead_fraction=each([0, 0, np.nan], [0.4, 1, np.nan], [0.4, 1, np.nan], [0.4, 1, np.nan]), layers=LAYERS, epochs=EPOCHS)],
    "vanishing_gradients": [
        dict(gradient_norm=each(*[[1e-6, 1e-3, 1]] * 4), layers=LAYERS, epochs=EPOCHS),
        dict(gradient_norm=each(*[[0, 0, 0]] * 4), layers=LAYERS, epochs=EPOCHS),
    ],
    "constant_prediction": [
        dict(prediction_spread=each(*[[0]] * 4), predicted_share=each(*[[1, 0]] * 4), label_counts=[60, 40], classes=["0", "1"], epochs=EPOCHS),
        dict(prediction_spread=each(*[[1e-6]] * 4), label_spread=1.0, epochs=EPOCHS),
    ],
    "overfitting": [
        dict(
            val_loss=np.array([np.nan, 0.6, 0.5, 0.6, 0.7, 0.9, 1.1]), loss=np.array([np.nan, 0.6, 0.5, 0.3, 0.2, 0.1, 0.05]), epochs=np.arange(7),
            accuracy=np.array([np.nan, 0.7, 0.8, 0.9, 0.95, 0.99, 1]), val_accuracy=np.array([np.nan, 0.7, 0.75, 0.75, 0.74, 0.73, 0.73]),
        ),
    ],
}  # fmt: skip

HEALTHY = {
    "output_activation": [
        dict(output=out(1, "linear"), loss_function=LOGITS),
        dict(output=out(1, "sigmoid"), loss_function=BINARY),
        dict(output=out(10, "softmax"), loss_function={**SPARSE, "from_logits": True}),
        dict(output=out(64, "sigmoid"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=1.0),
        dict(output=out(1, "relu"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=50.0),
        dict(output=out(1, "relu"), loss_function=OWN),
    ],
    "label_encoding": [
        dict(label_form="multi_label", label_dtype="float32", label_min=0, label_max=1, label_unique_count=2, loss_function=BINARY, output=out(5, "sigmoid")),
        dict(label_form="integer", label_dtype="int64", label_min=0, label_max=9, label_unique_count=10, loss_function=SPARSE, output=out(12, "softmax")),
        dict(label_form="continuous", label_dtype="float32", label_min=0.0, label_max=0.9, label_unique_count=90, loss_function=BINARY, output=out(1, "sigmoid")),
        dict(label_form="binary", label_dtype="int64", label_min=-1, label_max=1, label_unique_count=2, loss_function={"name": "hinge"}, output=out(1, "tanh")),
    ],
    "loss_mismatch": [
        dict(loss_function=BINARY, output=out(1, "sigmoid"), label_form="binary", label_unique_count=2, label_max=1),
        dict(loss_function=BINARY, output=out(64, "sigmoid"), label_form="continuous", label_min=0.0, label_max=1.0),
        dict(loss_function=MSE, output=out(1, "linear"), label_form="continuous"),
        dict(loss_function=BINARY, output=out(1, "sigmoid"), label_form="binary", label_unique_count=2, label_max=1, label_shape=[12, 12, 1]),
        dict(loss_function=OWN, output=out(1, "sigmoid"), label_form="integer", label_unique_count=5, label_max=4),
    ],
    "unscaled_inputs": [
        dict(input_min=[-3], input_max=[3], input_mean=[0], input_spread=[1], preprocessing=[]),
        dict(input_min=[0], input_max=[255], input_mean=[120], input_spread=[70], preprocessing=["Rescaling"]),
        dict(input_min=[0], input_max=[9000], input_mean=[4000], input_spread=[2000], preprocessing=["Embedding"]),
        dict(input_min=[0], input_max=[1.5], input_mean=[0.7], input_spread=[0.3], preprocessing=[], preactivation_spread=each([0.9, 1, 1]), layers=LAYERS),
    ],
    "invalid_inputs": [dict(input_nonfinite_count=0, row_count=500, label_nonfinite_count=0)],
    "duplicate_rows": [
        dict(duplicate_row_fraction=0.5, natural_duplicate_fraction=0.5, row_count=10_000),
        dict(duplicate_row_fraction=0.02, natural_duplicate_fraction=0.0, row_count=10_000),
    ],
    "imbalanced_classes": [
        dict(label_counts=[950, 50], predicted_share=each(*[[0.95, 0.05]] * 4), classes=["0", "1"], label_form="binary", epochs=EPOCHS),
        dict(label_counts=[500, 500], predicted_share=each(*[[1, 0]] * 4), classes=["0", "1"], label_form="binary", epochs=EPOCHS),
        dict(label_counts=[500, 0], predicted_share=each(*[[1, 0]] * 4), classes=["0", "1"], label_form="binary", epochs=EPOCHS),
    ],
    "constant_inputs": [
        dict(distinct_input_count=480, constant_feature_fraction=0.1, row_count=500, conflicting_row_fraction=0.0),
        dict(distinct_input_count=64, constant_feature_fraction=0.0, row_count=5000, conflicting_row_fraction=0.0),  # a truth table
    ],
    "learning_rate_too_high": [
        dict(epoch_update_ratio=each(*[[0.1] * 3] * 4), largest_update_ratio=each([np.nan] * 3, [0.09, 0.05, 0.05], *[[0.01] * 3] * 2), epochs=EPOCHS, layers=LAYERS, learning_rate=np.full(4, 0.01)),
        dict(
            epoch_update_ratio=each(*[[0.1] * 3] * 4), largest_update_ratio=each([np.nan] * 3, [0.01, 0.01, 1.0], *[[0.01] * 3] * 2), epochs=EPOCHS, layers=LAYERS,
            learning_rate=np.full(4, 0.01), weight_norm=each([1, 1, 0], *[[1, 1, 1]] * 3),
        ),
    ],
    "learning_rate_too_low": [
        dict(epoch_update_ratio=each([np.nan] * 3, [0.2] * 3, [0.1] * 3, [0.01] * 3), epochs=EPOCHS, layers=LAYERS, learning_rate=np.full(4, 1e-3)),
        dict(epoch_update_ratio=each([np.nan] * 3, *[[0] * 3] * 3), epochs=EPOCHS, layers=LAYERS, learning_rate=np.full(4, 1e-3)),  # dead, not slow
        dict(
            epoch_update_ratio=each([np.nan] * 3, *[[1e-6] * 3] * 3), epochs=EPOCHS, layers=LAYERS,
            learning_rate=np.full(4, 0.01), optimizer={"name": "sgd", "config": {}},
        ),
    ],
    "dead_relu": [
        dict(dead_fraction=each(*[[0.3, 0.5, np.nan]] * 4), layers=LAYERS, epochs=EPOCHS),
        dict(dead_fraction=each(*[[np.nan] * 3] * 4), layers=LAYERS, epochs=EPOCHS),
    ],
    "vanishing_gradients": [
        dict(gradient_norm=each(*[[0.5, 0.7, 1]] * 4), layers=LAYERS, epochs=EPOCHS),
        dict(gradient_norm=each(*[[1e-4, 2e-4, 1e-4]] * 4), layers=LAYERS, epochs=EPOCHS),  # small everywhere: converged
    ],
    "constant_prediction": [
        dict(prediction_spread=each([0], [0.3], [0.3], [0.3]), predicted_share=each([1, 0], *[[0.6, 0.4]] * 3), label_counts=[60, 40], epochs=EPOCHS),
        dict(prediction_spread=each(*[[0]] * 4), predicted_share=each(*[[1, 0]] * 4), label_counts=[100, 0], epochs=EPOCHS),
    ],
    "overfitting": [
        dict(val_loss=np.array([np.nan, 0.6, 0.5, 0.45, 0.44, 0.43, 0.43]), loss=np.array([np.nan, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05]), epochs=np.arange(7)),
        dict(val_loss=np.array([np.nan, 0.5, 0.6]), loss=np.array([np.nan, 0.5, 0.4]), epochs=np.arange(3)),
    ],
}  # fmt: skip


def cases(table):
    return [pytest.param(id_, given, id=f"{id_}-{i}") for id_, rows in table.items() for i, given in enumerate(rows)]


def test_every_cause_has_sick_and_healthy_cases():
    assert set(SICK) == set(HEALTHY) == set(CATALOGUE)


@pytest.mark.parametrize(("id_", "given"), cases(SICK))
def test_sick(id_, given):
    finding = CATALOGUE[id_].judge(**given)
    assert 0 < finding.severity <= 1
    assert any(c.isdigit() for c in finding.saw), "a measurement has a number"
    assert finding.saw.endswith(".") and finding.expected.endswith(".")
    assert (finding.fix or CATALOGUE[id_].fix).rstrip("`)").endswith((".", ":")) or "`" in finding.fix
    assert finding.since >= 0


@pytest.mark.parametrize(("id_", "given"), cases(HEALTHY))
def test_healthy(id_, given):
    finding = CATALOGUE[id_].judge(**given)
    assert finding.severity == 0, finding.saw
    assert finding.saw.endswith(".")


def test_the_first_bad_epoch_is_named():
    dead = CATALOGUE["dead_relu"].judge(**SICK["dead_relu"][0])
    assert (dead.since, dead.layers) == (1, ("second",))
    assert "8 of 8 units of layer second" in dead.saw
    high = CATALOGUE["learning_rate_too_high"].judge(**SICK["learning_rate_too_high"][0])
    assert high.since == 1 and "9 times its own size" in high.saw


def test_advice_has_the_runs_own_numbers():
    assert (
        'Dense(1, activation="relu")` -> `Dense(1, activation="sigmoid")'
        in CATALOGUE["output_activation"].judge(**SICK["output_activation"][0]).fix
    )
    assert "x / 99999" in CATALOGUE["unscaled_inputs"].judge(**SICK["unscaled_inputs"][0]).fix
    assert (
        "class_weight={0: 0.526, 1: 10}" in CATALOGUE["imbalanced_classes"].judge(**SICK["imbalanced_classes"][0]).fix
    )


@pytest.mark.parametrize(
    ("value", "healthy", "ruinous", "expected"),
    [
        (1, 1, 100, 0),
        (10, 1, 100, 0.5),
        (1e9, 1, 100, 1),
        (0.1, 1, 0.01, 0.5),
        (0, 1, 0.01, 1),
        (0, 1, 100, 0),
        (float("nan"), 1, 2, 0),
        (float("inf"), 1, 2, 1),
    ],
)
def test_severity_runs_from_the_healthy_to_the_ruinous_limit(value, healthy, ruinous, expected):
    assert severity(value, healthy, ruinous) == pytest.approx(expected)


def test_clear_is_a_finding_of_no_severity():
    assert clear("all fine.").severity == 0
