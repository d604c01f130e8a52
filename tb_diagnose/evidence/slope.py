"""The straight line through a curve."""

from __future__ import annotations

import numpy as np


def line_slope(values: np.ndarray) -> tuple[float, float]:
    """Slope of a straight line through values an epoch apart, and its standard error.

    Args:
        values: Finite values, shape `(epoch,)`, at least two.
    """
    t = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float((t * values).sum() / (t**2).sum())
    residual = values - values.mean() - slope * t
    return slope, float(np.sqrt((residual**2).sum() / max(len(values) - 2, 1) / (t**2).sum()))
