"""Training ends after the first epochs."""

from dataclasses import replace

import numpy as np

from demo.setups import NotApplicable, Setup

LEVELS = ({"epochs": 3}, {"epochs": 2}, {"epochs": 1})
SHOWN_ON = ("digits_cnn", "digits_dense")


def inject(setup: Setup, epochs: int = 1) -> Setup:
    """Trains for `epochs` only."""
    if setup.epochs <= epochs:
        raise NotApplicable(f"it trains for {setup.epochs} epochs only")
    return replace(setup, epochs=epochs)


SICK = [
    dict(skill=np.array([np.nan, 0.1, 0.25, 0.4]), epochs=np.arange(4), planned_epochs=3, neighbour_skill=0.95),
    dict(skill=np.array([np.nan, 0.1, 0.3]), epochs=np.arange(3), planned_epochs=2),
    dict(
        skill=np.array([np.nan, 0.3]),
        epochs=np.arange(2),
        planned_epochs=1,
        probe_accuracy=np.array([0.5, 0.7]),
        baseline_accuracy=0.5,
        neighbour_skill=0.9,
    ),
]
HEALTHY = [
    dict(
        skill=np.array([np.nan, 0.1, 0.25, 0.4]), epochs=np.arange(4), planned_epochs=10
    ),  # still running, or stopped early
    dict(skill=np.array([np.nan, 0.4, 0.77, 0.82]), epochs=np.arange(4), planned_epochs=3, neighbour_skill=0.85),
    dict(skill=np.array([np.nan, 0.4, 0.41, 0.41, 0.41]), epochs=np.arange(5), planned_epochs=4),
    dict(skill=np.array([np.nan, 0.02]), epochs=np.arange(2), planned_epochs=1, probe_accuracy=np.array([0.5, 0.51])),
]
HEALTHY += [
    dict(
        skill=np.array([np.nan, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        epochs=np.arange(8),
        planned_epochs=7,
        loss=np.array([np.nan, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]),
        val_loss=np.array([np.nan, 0.7, 0.6, 0.65, 0.7, 0.8, 0.9, 1.0]),
    ),  # training samples only: overfitting
]
SICK += [
    dict(
        skill=np.array([np.nan, *[-1.0] * 7]),
        epochs=np.arange(8),
        planned_epochs=7,
        probe_loss=np.linspace(72, 49, 8),
        baseline_loss=20.0,
        iterations=np.linspace(0, 35, 8),
    ),  # nothing learned yet, but the loss falls
]
