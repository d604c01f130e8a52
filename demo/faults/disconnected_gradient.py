"""A custom layer that lets no gradient through."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each
from demo.setups import Setup

LEVELS = ({"form": "stop"}, {"form": "round"}, {"form": "output"})
SHOWN_ON = ("digits_cnn", "regression")


def inject(setup: Setup, form: str = "output") -> Setup:
    """Puts the layer behind the hidden ones.

    Args:
        setup: A setup that learns.
        form: "stop": gives its input on, and no gradient. "round": gives whole numbers on. "output": the same as
            "round" behind the output layer's only inputs, four units.
    """

    def hidden(changed: Setup) -> list[Any]:
        import keras

        class Cut(keras.layers.Layer):
            def call(self, x: Any) -> Any:
                return keras.ops.stop_gradient(x) if form == "stop" else keras.ops.round(x)

        narrow = [keras.layers.Dense(4)] if form == "output" else []
        return [*setup.hidden(changed), *narrow, Cut()]

    return replace(setup, hidden=hidden)


MOVING = each(*[[0.1, 0.2, 0.3]] * 4)
SICK = [
    dict(
        gradient_norm=each(*[[0, 0, 0.3]] * 4),
        layers=LAYERS,
        epochs=EPOCHS,
        disconnected_fraction=each(*[[1, 1, 0]] * 4),
    ),
    dict(gradient_norm=each(*[[0, 0, 0.3]] * 4), layers=LAYERS, epochs=EPOCHS),
    dict(gradient_norm=each([0, 0, 0]), layers=LAYERS, epochs=EPOCHS[:1], disconnected_fraction=each([1, 1, 1])),
    dict(gradient_norm=MOVING, layers=LAYERS, epochs=EPOCHS, disconnected_fraction=each(*[[0, 0.5, 0]] * 4)),
]
HEALTHY = [
    dict(gradient_norm=MOVING, layers=LAYERS, epochs=EPOCHS, disconnected_fraction=each(*[[0, 0, 0]] * 4)),
    dict(  # frozen on purpose
        gradient_norm=each(*[[np.nan, 0.2, 0.3]] * 4),
        layers=LAYERS,
        epochs=EPOCHS,
        disconnected_fraction=each(*[[np.nan, 0, 0]] * 4),
    ),
    dict(  # dead from the start
        gradient_norm=each(*[[0, 0, 0.3]] * 4),
        layers=LAYERS,
        epochs=EPOCHS,
        dead_fraction=each(*[[0.2, 1, np.nan]] * 4),
    ),
    dict(
        gradient_norm=each([0.1, 0.2, 0.3], *[[0, 0, 0.3]] * 3), layers=LAYERS, epochs=EPOCHS
    ),  # later: not the model's
    dict(gradient_norm=each(*[[0, 0, 0]] * 4), layers=LAYERS, epochs=EPOCHS),  # everywhere: not one layer's
    dict(  # a layer that is never called
        gradient_norm=each(*[[0, 0.2, 0.3]] * 4),
        layers=LAYERS,
        epochs=EPOCHS,
        disconnected_fraction=each(*[[1, 0, 0]] * 4),
        activation_std=each(*[[np.nan, 1, 1]] * 4),
    ),
]
