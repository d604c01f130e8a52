"""Targets in a unit of their own, thousands instead of about 1."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS, out
from demo.labels import is_regression
from demo.setups import NotApplicable, Setup

LEVELS = ({"factor": 30.0, "offset": 0.0}, {"factor": 300.0, "offset": 1000.0}, {"factor": 100.0, "offset": 1e4})
SHOWN_ON = ("regression",)


def inject(setup: Setup, factor: float = 100.0, offset: float = 1e4) -> Setup:
    """Multiplies all targets by `factor` and adds `offset`."""
    if not is_regression(setup):
        raise NotApplicable("classes have no unit")
    x, y = setup.validation
    return replace(setup, y=setup.y * factor + offset, validation=(x, y * factor + offset))


SICK = [
    dict(label_form="continuous", label_mean=12_000.0, label_std=900.0),
    dict(
        label_form="continuous",
        label_mean=152.0,
        label_std=77.0,
        epochs=EPOCHS,
        probe_loss=np.array([29_000, 28_900, 28_800, 28_700.0]),
        baseline_loss=5900.0,
        skill=np.array([np.nan, -1, -1, -1]),
        output=out(1, "linear"),
    ),
    dict(label_form="continuous", label_mean=0.0, label_std=1e-4),
]
HEALTHY = [
    dict(label_form="continuous", label_mean=0.0, label_std=1.0),
    dict(label_form="continuous", label_mean=5.0, label_std=2.0),
    dict(label_form="integer", label_mean=500.0, label_std=300.0),
    dict(  # the last layer has caught up
        label_form="continuous",
        label_mean=152.0,
        label_std=77.0,
        epochs=EPOCHS,
        skill=np.array([np.nan, 0.2, 0.6, 0.7]),
    ),
    dict(label_form="continuous", label_mean=0.2, label_std=0.1),
    dict(label_form="continuous", label_mean=150.0, label_std=80.0, output=out(1, "sigmoid")),  # cannot reach them
]
