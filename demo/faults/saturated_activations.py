"""A custom layer that adds a thousand, before a tanh layer: every unit gives 1 or -1 for every sample."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each, out
from demo.layers import shift
from demo.setups import Setup

LEVELS = ({"offset": 10.0}, {"offset": 100.0}, {"offset": 1000.0})
SHOWN_ON = ("digits_cnn", "regression")


def inject(setup: Setup, offset: float = 1000.0) -> Setup:
    """Puts a tanh layer behind the hidden ones, whose inputs lie around `offset`."""

    def hidden(changed: Setup) -> list[Any]:
        from keras import layers

        return [*setup.hidden(changed), shift(offset), layers.Dense(16, activation="tanh")]

    return replace(setup, hidden=hidden)


TANH = [*({**row, "activation": "tanh"} for row in LAYERS[:2]), LAYERS[2]]
SICK = [
    dict(saturated_fraction=each(*[[0.1, 0.97, 0.2]] * 4), layers=TANH, epochs=EPOCHS, output=out(1, "sigmoid")),
    dict(saturated_fraction=each([0, 0, 0], [0.2, 0.1, 0], *[[0.8, 0.9, 0.2]] * 2), layers=TANH, epochs=EPOCHS),
]
HEALTHY = [
    dict(saturated_fraction=each(*[[0.1, 0.3, 0.99]] * 4), layers=TANH, epochs=EPOCHS, output=out(1, "sigmoid")),
    dict(saturated_fraction=each(*[[np.nan, np.nan, 0.99]] * 4), layers=LAYERS, epochs=EPOCHS),
]
