"""A learning rate a thousand times as high."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each
from demo.faults.excessive_regularization import HELD
from demo.setups import Setup

LEVELS = ({"factor": 10.0}, {"factor": 100.0}, {"factor": 1000.0})
SHOWN_ON = ("digits_cnn", "digits_dense", "tabular_binary", "threshold_logits")


def inject(setup: Setup, factor: float = 1000.0) -> Setup:
    """Multiplies the learning rate by `factor`."""
    return replace(setup, learning_rate=setup.learning_rate * factor)


SICK = [
    dict(
        epoch_update_ratio=each(*[[0.1] * 3] * 4),
        largest_update_ratio=each([np.nan] * 3, [9, 3, 1], [0, 0, 0], [0, 0, 0]),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 1.0),
    ),
    dict(
        epoch_update_ratio=each(*[[0.1] * 3] * 4),
        largest_update_ratio=each(*[[0.001] * 3] * 4),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, -0.01),
    ),
    dict(
        epoch_update_ratio=each([np.nan] * 3, [25, 3, 1], [0, 0, 0], [0, 0, 0]),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 1.0),
    ),
]
SICK += [
    dict(
        epoch_update_ratio=each(*[[0.1] * 3] * 4),
        largest_update_ratio=each([np.nan] * 3, [0.5] * 3, *[[0.1] * 3] * 2),
        gradient_norm=each([500, 5, 1], *[[1, 1, 1]] * 3),  # unscaled inputs besides
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 0.1),
        optimizer={"name": "adam", "config": {}},
    ),
    dict(epochs=EPOCHS, layers=LAYERS, learning_rate=np.full(4, 1.0), optimizer={"name": "adam", "config": {}}),
]
HEALTHY = [
    dict(  # a constraint holds the kernels small: each step is a large part of them
        epoch_update_ratio=each(*[[0.1] * 3] * 4),
        largest_update_ratio=each([np.nan] * 3, [0.98, 0.9, 0.01], *[[0.9, 0.9, 0.01]] * 2),
        epochs=EPOCHS,
        layers=LAYERS,
        model=HELD,
        learning_rate=np.full(4, 1e-3),
        optimizer={"name": "adam", "config": {}},
    ),
    dict(
        epoch_update_ratio=each(*[[0.1] * 3] * 4),
        largest_update_ratio=each([np.nan] * 3, [0.5] * 3, *[[0.1] * 3] * 2),
        gradient_norm=each([500, 5, 1], *[[1, 1, 1]] * 3),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 1e-3),
        optimizer={"name": "adam", "config": {}},
    ),  # a gradient out of proportion at a usual rate
    dict(epochs=EPOCHS, layers=LAYERS, learning_rate=np.full(4, 0.01), optimizer={"name": "adam", "config": {}}),
    dict(
        epoch_update_ratio=each(*[[0.1] * 3] * 4),
        largest_update_ratio=each([np.nan] * 3, [0.09, 0.05, 0.05], *[[0.01] * 3] * 2),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 0.01),
    ),
    dict(
        epoch_update_ratio=each(*[[0.1] * 3] * 4),
        largest_update_ratio=each([np.nan] * 3, [0.01, 0.01, 1.0], *[[0.01] * 3] * 2),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 0.01),
        weight_norm=each([1, 1, 0], *[[1, 1, 1]] * 3),
    ),
]
