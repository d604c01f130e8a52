"""Biases so low that no relu unit ever fires."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each
from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("tabular_binary", "threshold_logits")


def inject(setup: Setup, bias: float = -100.0) -> Setup:
    """Starts the biases of the hidden layers at `bias`."""

    def hidden(changed: Setup) -> list[Any]:
        import keras

        layers = setup.hidden(changed)
        for layer in layers:
            if hasattr(layer, "bias_initializer"):
                layer.bias_initializer = keras.initializers.Constant(bias)
        return layers

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
