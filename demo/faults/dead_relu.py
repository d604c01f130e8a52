"""A custom layer that subtracts a thousand, before a relu: no unit ever fires."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each
from demo.layers import shift
from demo.setups import Setup

LEVELS = ({"offset": 1.0}, {"offset": 10.0}, {"offset": 1000.0})
SHOWN_ON = ("tabular_binary", "threshold_logits")


def inject(setup: Setup, offset: float = 1000.0) -> Setup:
    """Puts a relu layer behind the hidden ones, whose pre-activations lie around minus `offset`."""

    def hidden(changed: Setup) -> list[Any]:
        from keras import layers

        return [*setup.hidden(changed), layers.Dense(16), shift(-offset), layers.ReLU()]

    return replace(setup, hidden=hidden)


SICK = [
    dict(
        dead_fraction=each([0, 0, np.nan], [0.4, 1, np.nan], [0.4, 1, np.nan], [0.4, 1, np.nan]),
        layers=LAYERS,
        epochs=EPOCHS,
    )
]
HEALTHY = [
    dict(dead_fraction=each(*[[0.3, 0.5, np.nan]] * 4), layers=LAYERS, epochs=EPOCHS),
    dict(dead_fraction=each(*[[np.nan] * 3] * 4), layers=LAYERS, epochs=EPOCHS),
]
