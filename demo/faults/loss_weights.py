"""A second output whose loss is in a unit of its own, thousands of times as large as that of the first."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS, MSE, SPARSE, out
from demo.labels import is_regression
from demo.setups import NotApplicable, Second, Setup

LEVELS = ({"factor": 300.0}, {"factor": 3000.0}, {"factor": 3000.0, "offset": 6000.0})
SHOWN_ON = ("digits_cnn", "tabular_classes")


def inject(setup: Setup, factor: float = 3000.0, offset: float = 0.0) -> Setup:
    """Gives the setup a second output: a part of its inputs with some noise, `factor` times as large, plus `offset`."""
    if setup.optimizer == "sgd":
        raise NotApplicable("plain gradient descent does not stall on it: it overflows")
    return replace(setup, second=amounts(setup, factor, offset))


def amounts(setup: Setup, factor: float = 1.0, offset: float = 0.0, weight: float = 1.0) -> Second:
    """Targets that the inputs tell: the mean of every other value, standardized, with noise.

    Args:
        setup: Whose samples it is made for.
        factor: Standard deviation of the targets.
        offset: Mean of the targets.
        weight: Weight of its loss.
    """
    if is_regression(setup) or setup.x.dtype.kind in "iu":
        raise NotApplicable("the first output has to tell classes from values")
    means = [x.reshape(len(x), -1)[:, ::2].mean(axis=1) for x in (setup.x, setup.validation[0])]
    mean, std = means[0].mean(), means[0].std()
    rng = np.random.default_rng(11)
    made = [factor * ((m - mean) / std + rng.normal(0, 0.3, len(m))) + offset for m in means]
    return Second(made[0].astype("float32"), made[1].astype("float32"), weight)


def _entry(name: str, **facts: Any) -> dict[str, Any]:
    return {"name": name, "reported": name, "label_key": name, "loss_weight": 1.0, **facts}


KIND = _entry(
    "kind",
    loss_function=SPARSE,
    output=out(10, "softmax"),
    label_form="integer",
    label_counts=[100] * 10,
    baseline_accuracy=0.1,
    neighbour_skill=0.9,
)
AGE = _entry(
    "age",
    loss_function=MSE,
    output=out(1, "linear"),
    label_form="continuous",
    label_mean=5912.0,
    label_std=475.2,
    baseline_loss=1.0,
    perfect_loss=0.0,
)
STILL, RISING = np.full(8, 0.1), np.linspace(0.1, 0.95, 8)
FALLING = np.linspace(1.0, 0.1, 8)


def two(accuracy: np.ndarray, ratio: float, kind: dict[str, Any] = KIND, age: dict[str, Any] = AGE) -> dict[str, Any]:
    """A class output with this accuracy, beside one that learns and whose gradient is `ratio` times as large."""
    return dict(
        epochs=np.arange(8),
        outputs=[kind, age],
        output_accuracy=np.stack([accuracy, np.full(8, np.nan)], axis=1),
        output_loss=np.stack([np.full(8, 2.3), FALLING], axis=1),
        output_gradient_norm=np.stack([np.full(8, 0.5), np.full(8, 0.5 * ratio)], axis=1),
        data_form="arrays",
    )


SICK = [
    two(STILL, 1000.0),
    two(STILL, 200.0),
    two(STILL, 1000.0, age={**AGE, "label_mean": 0.0, "label_std": 1.0, "loss_weight": 1000.0}),
    two(STILL, 1000.0, kind={name: value for name, value in KIND.items() if name != "neighbour_skill"}),
    {**two(STILL, 1000.0), "model": {"compile_config": {"loss": {"kind": "sparse", "age": "mse"}}}},
]
HEALTHY = [
    two(RISING, 1000.0),  # it learns all the same
    two(STILL, 2.0),  # nothing drowns it
    two(STILL, 0.001),  # the stalled one is the loud one
    {**two(STILL, 1000.0), "output_gradient_norm": np.zeros((8, 2))},  # no weights are shared
    dict(epochs=EPOCHS, label_form="integer"),  # one output
]
