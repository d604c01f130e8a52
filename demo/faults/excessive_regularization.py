"""Dropout of nearly everything, or a penalty that drowns the loss."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each
from demo.setups import Setup

LEVELS = (
    {"form": "dropout", "value": 0.7},
    {"form": "dropout", "value": 0.9},
    {"form": "dropout", "value": 0.97},
    {"form": "penalty", "value": 0.1},
    {"form": "penalty", "value": 1.0},
    {"form": "penalty", "value": 100.0},
)
SHOWN_ON = ("digits_cnn", "tabular_binary")


def inject(setup: Setup, form: str = "penalty", value: float = 100.0) -> Setup:
    """Puts Dropout behind each hidden layer with a kernel, or an L2 penalty on its kernel.

    Args:
        setup: A setup that learns.
        form: "dropout" or "penalty".
        value: Rate of the one, factor of the other.
    """

    def hidden(changed: Setup) -> list[Any]:
        import keras

        found: list[Any] = []
        for layer in setup.hidden(changed):
            found.append(layer)
            if not hasattr(layer, "kernel_regularizer"):
                continue
            if form == "penalty":
                getattr(layer, "cell", layer).kernel_regularizer = keras.regularizers.L2(value)
            else:
                found.append(keras.layers.Dropout(value))
        return found

    return replace(setup, hidden=hidden)


def penalized(factor: float) -> dict[str, Any]:
    """The model of `LAYERS` with an L2 of that factor on the kernels of its hidden layers."""
    l2 = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": factor}}
    hidden = [{"class_name": "Dense", "config": {"name": row["name"], "kernel_regularizer": l2}} for row in LAYERS[:2]]
    return {"class_name": "Sequential", "config": {"layers": hidden}}


HELD = {
    "class_name": "Sequential",
    "config": {
        "layers": [
            {
                "class_name": "Dense",
                "config": {
                    "name": row["name"],
                    "kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 0.02, "axis": 0}},
                },
            }
            for row in LAYERS[:2]
        ]
    },
}
"""The model of `LAYERS` with a constraint on the kernels of its hidden layers."""
PENALIZED = [{**row, "regularized": place < 2} for place, row in enumerate(LAYERS)]
FLAT = np.array([0.75, 0.7, 0.69, 0.69])
LEARNED = np.array([0.75, 0.4, 0.2, 0.1])
GIVEN = dict(epochs=EPOCHS, baseline_loss=0.69, layers=PENALIZED)
SICK = [
    dict(
        GIVEN,
        probe_loss=FLAT,
        penalty=np.array([3000.0, 5.0, 0.1, 0.01]),
        weight_norm=each([5, 5, 1], [2, 2, 1], [0.1, 0.1, 1], [0.01, 0.01, 1]),
    ),
    dict(GIVEN, probe_loss=FLAT, penalty=np.array([30.0, 20.0, 15.0, 12.0])),
    dict(
        GIVEN,
        probe_loss=FLAT,
        penalty=np.array([1.0, 0.1, 0.01, 0.001]),
        weight_norm=each([5, 5, 1], [2, 2, 1], [0.1, 0.1, 1], [0.01, 0.01, 1]),
    ),
    dict(
        GIVEN,
        probe_loss=np.array([0.75, 0.7, 0.6, 0.5]),
        probe_training_loss=np.array([0.9, 0.8, 0.75, 0.72]),
        dropout_rates=[0.9],
    ),
    dict(GIVEN, probe_loss=FLAT, probe_training_loss=FLAT, dropout_rates=[0.95, 0.95]),
    dict(  # weights that were brought down first, and learned late
        GIVEN,
        probe_loss=np.array([0.75, 0.7, 0.5, 0.3]),
        penalty=np.array([2.0, 0.2, 0.2, 0.3]),
        weight_norm=each([5, 5, 1], [0.5, 0.8, 1], [1, 1, 1], [1.2, 1.2, 1]),
    ),
    dict(epochs=EPOCHS, dropout_rates=[0.95]),  # a stock log, which tells the rate and no loss without it
    dict(epochs=EPOCHS, dropout_rates=[], layers=PENALIZED, model=penalized(100.0)),
    dict(  # a constraint that holds the kernels at next to nothing
        GIVEN,
        probe_loss=FLAT,
        layers=LAYERS,
        model=HELD,
        weight_norm=each([5, 5, 1], [0.1, 0.2, 1], [0.1, 0.2, 1], [0.1, 0.2, 1]),
    ),
]
HEALTHY = [
    dict(GIVEN, layers=LAYERS, probe_loss=FLAT, probe_training_loss=FLAT + 0.1, dropout_rates=[0.5, 0.5]),
    dict(GIVEN, layers=LAYERS, probe_loss=LEARNED, probe_training_loss=LEARNED + 0.02, dropout_rates=[0.7]),
    dict(GIVEN, probe_loss=FLAT, penalty=np.zeros(4), weight_norm=each(*[[5, 5, 1]] * 4)),
    dict(GIVEN, probe_loss=LEARNED, penalty=np.array([3.0, 1.0, 0.5, 0.3])),
    dict(GIVEN, probe_loss=FLAT, penalty=np.array([0.1, 0.1, 0.1, 0.1]), weight_norm=each(*[[5, 5, 1]] * 4)),
    dict(  # a constraint that leaves room
        GIVEN, probe_loss=FLAT, penalty=np.zeros(4), layers=LAYERS, model=HELD, weight_norm=each(*[[3, 4, 1]] * 4)
    ),
    dict(epochs=EPOCHS, dropout_rates=[0.5]),
    dict(epochs=EPOCHS, dropout_rates=[], layers=PENALIZED, model=penalized(0.001)),
]
