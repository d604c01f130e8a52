"""A learning rate a ten-thousandth as high."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each
from demo.setups import Setup

LEVELS = ({"factor": 1e-2}, {"factor": 1e-3}, {"factor": 1e-4})
SHOWN_ON = ("digits_cnn", "digits_dense", "tokens_conv", "regression")


def inject(setup: Setup, factor: float = 1e-4) -> Setup:
    """Multiplies the learning rate by `factor`."""
    return replace(setup, learning_rate=setup.learning_rate * factor)


SICK = [
    dict(
        epoch_update_ratio=each([np.nan] * 3, *[[1e-4] * 3] * 3),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 1e-7),
        optimizer={"name": "adam", "config": {}},
    ),
]
SICK += [
    dict(
        epoch_update_ratio=each([np.nan] * 3, *[[2.0] * 3] * 3),  # inputs x 300 make the steps long
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 1e-4),
        optimizer={"name": "sgd", "config": {}},
        iterations=np.arange(0.0, 800, 200),
    ),
    dict(epochs=EPOCHS, layers=LAYERS, learning_rate=np.full(4, 1e-6), optimizer={"name": "adam", "config": {}}),
]
HEALTHY = [
    dict(  # a usual rate, which a schedule has brought down
        epoch_update_ratio=each([np.nan] * 3, [0.2] * 3, [0] * 3, [0] * 3),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.array([1e-3, 1e-6, 0, 0]),
        optimizer={"name": "adam", "config": {}},
    ),
    dict(
        epoch_update_ratio=each([np.nan] * 3, *[[0.5] * 3] * 3),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 1e-5),
        optimizer={"name": "adam", "config": {}},
        iterations=np.arange(0.0, 80_000, 20_000),
    ),  # small steps, but as far in all as 600 usual ones
    dict(
        epoch_update_ratio=each([np.nan] * 3, [0.2] * 3, [0.1] * 3, [0.01] * 3),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 1e-3),
    ),
    dict(
        epoch_update_ratio=each([np.nan] * 3, *[[0] * 3] * 3),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 1e-3),
    ),  # dead, not slow
    dict(
        epoch_update_ratio=each([np.nan] * 3, *[[1e-6] * 3] * 3),
        epochs=EPOCHS,
        layers=LAYERS,
        learning_rate=np.full(4, 0.01),
        optimizer={"name": "sgd", "config": {}},
    ),
]
