"""A single hidden layer of one unit, through which everything must pass."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import LAYERS, each
from demo.setups import Setup

LEVELS = ({"units": 2}, {"units": 1})
SHOWN_ON = ("digits_cnn", "threshold_logits")


def inject(setup: Setup, units: int = 1) -> Setup:
    """Puts one layer of `units` units where the hidden ones were; an Embedding stays."""

    def hidden(changed: Setup) -> list[Any]:
        from keras import layers

        first = [layer for layer in setup.hidden(changed)[:1] if isinstance(layer, layers.Embedding)]
        return [*first, layers.Flatten(), layers.Dense(units, activation="tanh")]

    return replace(setup, hidden=hidden)


NARROW = [LAYERS[0], {**LAYERS[1], "units": 1}, LAYERS[2]]
MOVED = each([np.nan] * 3, *[[0.5, 0.5, 0.5]] * 5)
SICK = [
    dict(
        skill=np.array([np.nan, 0.1, 0.28, 0.3, 0.3, 0.3]),
        epochs=np.arange(6),
        layers=NARROW,
        neighbour_skill=0.95,
        epoch_update_ratio=MOVED,
    ),
    dict(
        skill=np.array([np.nan, 0.1, 0.28, 0.3, 0.3, 0.3]), epochs=np.arange(6), layers=LAYERS[2:], neighbour_skill=0.9
    ),
]
HEALTHY = [
    dict(  # an autoencoder: the inputs are the answer
        skill=np.array([np.nan, 0.1, 0.28, 0.3, 0.3, 0.3]),
        epochs=np.arange(6),
        layers=NARROW,
        neighbour_skill=0.95,
        labels_are_inputs=True,
    ),
    dict(skill=np.array([np.nan, 0.1, 0.3, 0.3, 0.3, 0.3]), epochs=np.arange(6), layers=NARROW, neighbour_skill=0.3),
    dict(skill=np.array([np.nan, 0.1, 0.2, 0.3, 0.4, 0.5]), epochs=np.arange(6), layers=NARROW, neighbour_skill=0.9),
    dict(
        skill=np.array([np.nan, 0.1, 0.3, 0.3, 0.3, 0.3]),
        epochs=np.arange(6),
        layers=NARROW,
        neighbour_skill=0.9,
        epoch_update_ratio=1e-3 * MOVED,
    ),
    dict(
        skill=np.array([np.nan, 0.1, 0.5, 0.6, 0.6, 0.6]),
        epochs=np.arange(6),
        layers=NARROW,
        neighbour_skill=0.9,
        probe_accuracy=np.full(6, 0.8),
        probe_val_accuracy=np.full(6, 0.5),
        baseline_accuracy=0.5,
    ),
]
