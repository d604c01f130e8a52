"""A custom layer that gives its input on unchanged, and next to nothing of the gradient on the way back."""

from dataclasses import replace
from typing import Any

from demo.arrays import EPOCHS, LAYERS, each
from demo.layers import backward_scale
from demo.setups import Setup

LEVELS = ({"factor": 1e-2}, {"factor": 1e-4}, {"factor": 1e-8})
SHOWN_ON = ("tokens_conv", "digits_cnn")


def inject(setup: Setup, factor: float = 1e-8) -> Setup:
    """Multiplies the gradient of all hidden layers by `factor`."""

    def hidden(changed: Setup) -> list[Any]:
        return [*setup.hidden(changed), backward_scale(factor)]

    return replace(setup, hidden=hidden)


SICK = [
    dict(gradient_norm=each(*[[1e-6, 1e-3, 1]] * 4), layers=LAYERS, epochs=EPOCHS),
    dict(gradient_norm=each(*[[0, 0, 0]] * 4), layers=LAYERS, epochs=EPOCHS),
]
HEALTHY = [
    dict(gradient_norm=each(*[[0.5, 0.7, 1]] * 4), layers=LAYERS, epochs=EPOCHS),
    dict(gradient_norm=each(*[[1e-4, 2e-4, 1e-4]] * 4), layers=LAYERS, epochs=EPOCHS),  # small everywhere: converged
]
