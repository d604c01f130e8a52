"""Losses at the end of a run, for the checks of `excessive_regularization`."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np


@dataclass(frozen=True)
class Levels:
    """Losses without the penalty; NaN for what is not known.

    Args:
        at_end: Loss of the probe samples at the end, in inference mode.
        in_training: The same in training mode.
        constant: Loss of the best constant answer.
        perfect: Loss of a perfect answer.
    """

    at_end: float = nan
    in_training: float = nan
    constant: float = nan
    perfect: float = 0.0

    @property
    def scale(self) -> float:
        """What a perfect answer gains over a constant one."""
        return self.constant - self.perfect

    @property
    def skill(self) -> float:
        """Share of the way from the best constant answer to a perfect one."""
        return (self.constant - self.at_end) / self.scale if self.scale > 0 else nan


def last_value(series: np.ndarray | None) -> float:
    """The last value of a series, NaN where it is not finite."""
    return float(series[-1]) if series is not None and len(series) and np.isfinite(series[-1]) else nan
