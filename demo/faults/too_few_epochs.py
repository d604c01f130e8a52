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
