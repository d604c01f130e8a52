"""One missing value in one sample."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS, each
from demo.labels import takes_ids
from demo.setups import NotApplicable, Setup

LEVELS = ({"where": "labels"}, {"where": "inputs"})
SHOWN_ON = ("tabular_binary", "regression")


def inject(setup: Setup, where: str = "inputs") -> Setup:
    """Makes one input value or one label NaN."""
    if where == "labels":
        if setup.y.ndim == 1 and setup.units > 1:
            raise NotApplicable("an index of an output cannot be NaN")
        y = setup.y.astype("float32")
        y.reshape(len(y), -1)[0, 0] = np.nan
        return replace(setup, y=y)
    if takes_ids(setup):
        raise NotApplicable("whole numbers hold no NaN")
    x = setup.x.astype("float32")
    x.reshape(len(x), -1)[0, 0] = np.nan
    return replace(setup, x=x)


SICK = [
    dict(input_nonfinite_count=1, sample_count=500),
    dict(input_nonfinite_count=0, sample_count=500, label_nonfinite_count=3),
    dict(  # the loss is finite, the weights are not
        input_nonfinite_count=12,
        sample_count=500,
        epochs=EPOCHS,
        loss=np.array([np.nan, 0.6, 0.5, 0.4]),
        nonfinite_weight_count=each([0, 0, 0], [3, 0, 0], [3, 0, 0], [3, 0, 0]),
    ),
]
HEALTHY = [
    dict(input_nonfinite_count=0, sample_count=500, label_nonfinite_count=0),
    dict(  # a layer takes them out before they reach a weight
        input_nonfinite_count=12,
        sample_count=500,
        epochs=EPOCHS,
        loss=np.array([np.nan, 0.6, 0.5, 0.4]),
        nonfinite_weight_count=each(*[[0, 0, 0]] * 4),
    ),
]
