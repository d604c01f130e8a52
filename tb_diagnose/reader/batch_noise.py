"""How noisy a curve is by itself: values of single batches jump, means over epochs hardly do."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from tb_diagnose.evidence.noise import POINTS, noise
from tb_diagnose.reader.points import Points

SAMPLES = 300
"""Samples that few batches have more of, and few training sets fewer. The standard error of a share of so many is 0.03
at a half."""
SPREAD = 0.05
"""Least p (1 - p) that is reckoned with: near 0 and 1 other things than chance move an accuracy."""
LOSS_NOISE = 0.1
"""The same for a loss, over its size: a mean over an epoch is steadier."""
SPARSER = 10
"""Training points a validation point from which the former are parts of an epoch."""
READABLE = 0.02
"""Noise of the mean of a bin that leaves a trend to be seen."""


def of_single_batches(points: Mapping[str, Points]) -> bool:
    """Whether a training curve jumps as the values of single batches do.

    A validation curve beside it that has nearly as many points says otherwise.
    """
    training = next((points[name] for name in ("accuracy", "loss") if name in points), None)
    if training is None or len(training.values) < POINTS:
        return False
    checked = max((len(points[name].steps) for name in points if name.startswith("val_")), default=0)
    if SPARSER * checked > len(training.steps):
        return False
    if "accuracy" in points:
        share = float(np.clip(np.median(_finite(training)), 0, 1))
        return noise(training.values) > math.sqrt(max(share * (1 - share), SPREAD) / SAMPLES)
    return noise(training.values) > LOSS_NOISE * float(np.median(np.abs(_finite(training))))


def readable_bins(accuracy: Points) -> int:
    """Bins that leave a trend to be seen in an accuracy."""
    each = math.ceil((noise(accuracy.values) / READABLE) ** 2)
    return max(len(accuracy.values) // max(each, 1), POINTS)


def _finite(curve: Points) -> np.ndarray:
    values: np.ndarray = curve.values[np.isfinite(curve.values)]
    return values
