"""A custom layer that gives its input on unchanged, and multiplies the gradient on the way back."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each
from demo.layers import backward_scale
from demo.setups import NotApplicable, Setup

LEVELS = ({"factor": 100.0}, {"factor": 1e4}, {"factor": 1e6})
SHOWN_ON = ("threshold_logits", "digits_dense")


def inject(setup: Setup, factor: float = 1e6) -> Setup:
    """Multiplies the gradient of all hidden layers by `factor`."""
    if setup.optimizer != "sgd":
        raise NotApplicable(f"{setup.optimizer} scales large gradients back")
    return replace(setup, hidden=lambda changed: _hidden(setup, changed, factor))


def _hidden(setup: Setup, changed: Setup, factor: float) -> list[Any]:
    return [*setup.hidden(changed), backward_scale(factor)]


SICK = [
    dict(gradient_norm=each([5e3, 5e3, 1], *[[0, 0, 1e-3]] * 3), layers=LAYERS, epochs=EPOCHS),
    dict(
        gradient_norm=each([1, 1, 1], [1, 2, 1], [1, 800, 100], [0, 0, 0]),
        layers=LAYERS,
        epochs=EPOCHS,
        probe_loss=np.array([1.0, 0.9, 0.8, 2.0]),
    ),
    dict(
        gradient_norm=each([1, 1, 1], [1, 30, 1], [np.nan] * 3, [np.nan] * 3),
        layers=LAYERS,
        epochs=EPOCHS,
        nonfinite_gradient_count=each([0, 0, 0], [0, 0, 0], *[[64, 64, 8]] * 2),
        nonfinite_weight_count=each([0, 0, 0], [0, 0, 0], *[[0, 64, 8]] * 2),
    ),
]
HEALTHY = [
    dict(gradient_norm=each(*[[2, 1, 0.5]] * 4), layers=LAYERS, epochs=EPOCHS),
    dict(gradient_norm=each(*[[900, 800, 1000]] * 4), layers=LAYERS, epochs=EPOCHS),  # large targets
    dict(gradient_norm=each(*[[1e-2, 1e-3, 1e-5]] * 4), layers=LAYERS, epochs=EPOCHS),  # arrived
    dict(
        gradient_norm=each([1, 1, 1], [1, 90, 60], [1, 1, 1], [1, 1, 1]),
        layers=LAYERS,
        epochs=EPOCHS,
        probe_loss=np.array([1.0, 0.9, 0.5, 0.3]),
    ),  # one spike without a trace
]
