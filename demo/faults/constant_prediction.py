"""A custom layer that gives zeros for every sample, and lets the gradient through."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS, MSE, each
from demo.layers import same_for_all
from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("digits_cnn", "tabular_binary")


def inject(setup: Setup) -> Setup:
    """Puts the layer behind the hidden ones."""
    return replace(setup, hidden=lambda changed: [*setup.hidden(changed), same_for_all()])


SICK = [
    dict(
        prediction_std=each(*[[0]] * 4),
        predicted_fraction=each(*[[1, 0]] * 4),
        label_counts=[60, 40],
        classes=["0", "1"],
        epochs=EPOCHS,
    ),
    dict(prediction_std=each(*[[1e-6]] * 4), label_std=1.0, epochs=EPOCHS),
]
HEALTHY = [
    dict(
        prediction_std=each([0], [0.3], [0.3], [0.3]),
        predicted_fraction=each([1, 0], *[[0.6, 0.4]] * 3),
        label_counts=[60, 40],
        epochs=EPOCHS,
    ),
    dict(prediction_std=each(*[[0]] * 4), predicted_fraction=each(*[[1, 0]] * 4), label_counts=[100, 0], epochs=EPOCHS),
]
HEALTHY += [
    dict(
        prediction_std=each(*[[1e-6]] * 8),
        label_std=1.0,
        label_form="continuous",
        loss_function=MSE,
        probe_loss=losses,
        baseline_loss=20.0,
        iterations=np.linspace(0, steps, 8),
        epochs=np.arange(8),
    )
    for losses, steps in (
        (np.linspace(72, 49, 8), 600),  # slow, and on its way to the best constant answer
        (np.linspace(24, 23.5, 8), 35),  # few steps
    )
]
