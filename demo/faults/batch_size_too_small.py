"""One sample in each step."""

from dataclasses import replace

import numpy as np

from demo.setups import Setup

LEVELS = ({"batch_size": 4}, {"batch_size": 2}, {"batch_size": 1})
SHOWN_ON = ("digits_dense",)


MOST_EPOCHS = 4
"""More would only take long: four epochs of single samples are ten times as many steps as the setups take."""


def inject(setup: Setup, batch_size: int = 1) -> Setup:
    """Takes `batch_size` samples a step."""
    return replace(setup, batch_size=batch_size, epochs=min(setup.epochs, MOST_EPOCHS))


SICK = [
    dict(batch_size=1, sample_count=1437, training_only=["BatchNormalization"]),
    dict(batch_size=4, sample_count=1437, training_only=["Dropout", "BatchNormalization"]),
    dict(batch_size=1, sample_count=2400, training_only=[], gradient_noise_scale=np.array([200.0, 300, 400, 4000])),
]
HEALTHY = [
    dict(batch_size=8, sample_count=1437, training_only=["BatchNormalization"]),
    dict(batch_size=5, sample_count=10_000, training_only=[], gradient_noise_scale=np.full(4, 500.0)),
    dict(batch_size=2, sample_count=2400, training_only=[], gradient_noise_scale=np.array([8.0, 10, 12, 4000])),
    dict(batch_size=1, sample_count=2400, training_only=["Dropout"], gradient_noise_scale=np.full(4, 3.0)),
]
