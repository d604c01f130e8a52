"""A network with room for every sample, trained until it has memorized them."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.setups import Setup

LEVELS = ({"units": 64, "epochs": 30}, {"units": 512, "epochs": 30})
SHOWN_ON = ("signals_conv",)


def inject(setup: Setup, units: int = 512, epochs: int = 30) -> Setup:
    """Puts two wide layers, which see each input at its own place, where the hidden ones were."""

    def hidden(changed: Setup) -> list[Any]:
        from keras import layers

        first = [layer for layer in setup.hidden(changed)[:1] if isinstance(layer, layers.Embedding)]
        return [*first, layers.Flatten(), *(layers.Dense(units, activation="relu") for _ in range(2))]

    return replace(setup, hidden=hidden, epochs=epochs)


SICK = [
    dict(
        val_loss=np.array([np.nan, 0.6, 0.5, 0.6, 0.7, 0.9, 1.1]),
        loss=np.array([np.nan, 0.6, 0.5, 0.3, 0.2, 0.1, 0.05]),
        epochs=np.arange(7),
        accuracy=np.array([np.nan, 0.7, 0.8, 0.9, 0.95, 0.99, 1]),
        val_accuracy=np.array([np.nan, 0.7, 0.75, 0.75, 0.74, 0.73, 0.73]),
    ),
]
SICK += [
    dict(
        val_loss=np.array([np.nan, *[0.7] * 9]),
        loss=np.array([np.nan, *[0.2] * 9]),
        epochs=np.arange(10),
        probe_accuracy=np.array([0.5, *[0.99] * 9]),
        probe_val_accuracy=np.array([0.5, *[0.7] * 9]),
        baseline_accuracy=0.5,
        validation_sample_count=400,
    ),
    dict(
        val_loss=np.array([np.nan, *[0.9] * 9]),
        loss=np.array([np.nan, *[0.2] * 9]),
        epochs=np.arange(10),
        probe_loss=np.array([1.0, *[0.1] * 9]),
        probe_val_loss=np.array([1.0, *[0.9] * 9]),
        baseline_loss=1.0,
    ),
]
HEALTHY = [
    dict(
        val_loss=np.array([np.nan, 0.6, 0.5, 0.45, 0.44, 0.43, 0.43]),
        loss=np.array([np.nan, 0.6, 0.5, 0.42, 0.36, 0.31, 0.27]),
        epochs=np.arange(7),
    ),
    dict(val_loss=np.array([np.nan, 0.5, 0.6]), loss=np.array([np.nan, 0.5, 0.4]), epochs=np.arange(3)),
    dict(
        val_loss=np.array([np.nan, *[0.7] * 9]),
        loss=np.array([np.nan, *[0.2] * 9]),
        epochs=np.arange(10),
        probe_accuracy=np.array([0.5, *[0.99] * 9]),
        probe_val_accuracy=np.array([0.5, *np.linspace(0.5, 0.8, 9)]),
        baseline_accuracy=0.5,
        validation_sample_count=400,
    ),  # validation samples are still being learned
    dict(
        val_loss=np.array([np.nan, *[0.7] * 9]),
        loss=np.array([np.nan, *[0.2] * 9]),
        epochs=np.arange(10),
        probe_accuracy=np.array([0.5, *[0.99] * 9]),
        probe_val_accuracy=np.array([0.5, *[0.85] * 9]),
        baseline_accuracy=0.5,
        validation_sample_count=20,
    ),  # three of twenty samples: chance
]
