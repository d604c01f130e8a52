"""Ten sigmoid layers one behind the other."""

from dataclasses import replace
from typing import Any

from demo.arrays import EPOCHS, LAYERS, each
from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("digits_cnn", "regression")


def inject(setup: Setup, depth: int = 10) -> Setup:
    """Puts `depth` sigmoid layers behind the hidden ones."""

    def hidden(changed: Setup) -> list[Any]:
        from keras import layers

        return [*setup.hidden(changed), *(layers.Dense(16, activation="sigmoid") for _ in range(depth))]

    return replace(setup, hidden=hidden)


SICK = [
    dict(gradient_norm=each(*[[1e-6, 1e-3, 1]] * 4), layers=LAYERS, epochs=EPOCHS),
    dict(gradient_norm=each(*[[0, 0, 0]] * 4), layers=LAYERS, epochs=EPOCHS),
]
HEALTHY = [
    dict(gradient_norm=each(*[[0.5, 0.7, 1]] * 4), layers=LAYERS, epochs=EPOCHS),
    dict(gradient_norm=each(*[[1e-4, 2e-4, 1e-4]] * 4), layers=LAYERS, epochs=EPOCHS),  # small everywhere: converged
]
