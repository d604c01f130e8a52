"""One missing value in one row."""

from dataclasses import replace

import numpy as np

from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("tabular_binary", "regression")


def inject(setup: Setup) -> Setup:
    """Makes one input value NaN."""
    x = setup.x.astype("float32")
    x.reshape(len(x), -1)[0, 0] = np.nan
    return replace(setup, x=x)


SICK = [
    dict(input_nonfinite_count=1, row_count=500),
    dict(input_nonfinite_count=0, row_count=500, label_nonfinite_count=3),
]
HEALTHY = [dict(input_nonfinite_count=0, row_count=500, label_nonfinite_count=0)]
