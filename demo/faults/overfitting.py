"""A few dozen rows, learned by heart."""

from dataclasses import replace

import numpy as np

from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("threshold_logits", "tabular_binary")


def inject(setup: Setup, rows: int = 60, epochs: int = 120) -> Setup:
    """Keeps `rows` training rows and trains for `epochs`."""
    return replace(setup, x=setup.x[:rows], y=setup.y[:rows], epochs=epochs)


SICK = [
    dict(
        val_loss=np.array([np.nan, 0.6, 0.5, 0.6, 0.7, 0.9, 1.1]),
        loss=np.array([np.nan, 0.6, 0.5, 0.3, 0.2, 0.1, 0.05]),
        epochs=np.arange(7),
        accuracy=np.array([np.nan, 0.7, 0.8, 0.9, 0.95, 0.99, 1]),
        val_accuracy=np.array([np.nan, 0.7, 0.75, 0.75, 0.74, 0.73, 0.73]),
    ),
]
HEALTHY = [
    dict(
        val_loss=np.array([np.nan, 0.6, 0.5, 0.45, 0.44, 0.43, 0.43]),
        loss=np.array([np.nan, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05]),
        epochs=np.arange(7),
    ),
    dict(val_loss=np.array([np.nan, 0.5, 0.6]), loss=np.array([np.nan, 0.5, 0.4]), epochs=np.arange(3)),
]
