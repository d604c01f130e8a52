"""All samples in one step."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS
from demo.setups import NotApplicable, Setup

LEVELS = ({"share": 0.25}, {"share": 0.5}, {"share": 1.0})
SHOWN_ON = ("digits_cnn", "tokens_conv")
FEWEST = 64


def inject(setup: Setup, share: float = 1.0) -> Setup:
    """Puts that share of the samples into each step."""
    batch_size = int(np.ceil(share * len(setup.x)))
    if batch_size < FEWEST:
        raise NotApplicable(f"{batch_size} samples are no large batch")
    return replace(setup, batch_size=batch_size)


SICK = [
    dict(
        batch_size=1437,
        sample_count=1437,
        iterations=np.arange(4.0),
        epochs=EPOCHS,
        gradient_noise_scale=np.array([20.0, 30, 30, 40]),
    ),
    dict(batch_size=800, sample_count=1600, iterations=np.arange(0.0, 26, 2), epochs=np.arange(13)),
]
SICK += [
    dict(
        batch_size=1437,
        sample_count=1437,
        iterations=np.arange(11.0),
        epochs=np.arange(11),
        gradient_noise_scale=np.full(11, 300.0),
    ),  # as noisy as gradients are, ten steps are few
    dict(  # a step an epoch, of a network that another fault holds: its noise says little
        batch_size=124,
        sample_count=124,
        iterations=np.arange(13.0),
        epochs=np.arange(13),
        gradient_noise_scale=np.full(13, 157.0),
        planned_epochs=12,
    ),
]
HEALTHY = [
    dict(batch_size=32, sample_count=1437, iterations=np.arange(0.0, 180, 45), epochs=EPOCHS),  # few epochs
    dict(batch_size=32, sample_count=60, iterations=np.arange(0.0, 8, 2), epochs=EPOCHS),  # few samples
    dict(
        batch_size=1437, sample_count=1437, iterations=np.arange(501.0), epochs=np.arange(501)
    ),  # as many steps as others
    dict(
        batch_size=800,
        sample_count=1600,
        iterations=np.arange(0.0, 8, 2),
        epochs=EPOCHS,
        gradient_noise_scale=np.full(4, 900.0),
    ),  # gradients that need so many samples
]
