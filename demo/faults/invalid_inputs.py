"""One missing value in one row."""

from dataclasses import replace

import numpy as np

from demo.setups import Setup


def inject(setup: Setup) -> Setup:
    """Makes one input value NaN."""
    x = setup.x.astype("float32")
    x.reshape(len(x), -1)[0, 0] = np.nan
    return replace(setup, x=x)
