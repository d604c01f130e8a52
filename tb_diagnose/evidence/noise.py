"""How much a curve jumps from point to point, whatever its trend."""

from __future__ import annotations

import math

import numpy as np

POINTS = 20
"""Points from which a curve tells its own noise."""


def noise(values: np.ndarray) -> float:
    """Standard deviation of what is no trend; 0 for fewer than `POINTS` finite values.

    From the second differences, whose median forgives jumps (their standard deviation is sqrt(6) times that of the
    values; a median absolute value is 1/1.4826 of a standard deviation).

    Args:
        values: Shape `(point,)`; what is not finite is left out.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < POINTS:
        return 0.0
    return float(np.median(np.abs(np.diff(finite, 2)))) * 1.4826 / math.sqrt(6)
