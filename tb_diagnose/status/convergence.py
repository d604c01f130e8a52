"""Did a run end while it was still learning?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived
from tb_diagnose.status.generalization import Gap, Turn
from tb_diagnose.status.loss_trend import LossTrend
from tb_diagnose.status.skill import (
    FINISHED,
    LAST,
    MEMORIZED,
    SHORT,
    SIGNIFICANT,
    WORTHWHILE,
    probe_samples,
    probe_skill,
    reference_skill,
    standard_error,
)

ERRORS = 2.0
"""Standard errors by which a level must miss the mark: a run that ends just there is not to be called unfinished."""
CLEARLY = 0.5
"""Share of the unexplained rest of one description that another may leave to be preferred."""
FEW = 3
"""Epochs of which nobody expects a run to be over."""


@dataclass(frozen=True)
class Unfinished:
    """A run that ended while it was still learning.

    Args:
        level: Skill at the end.
        allowed: Skill that the inputs allow as far as known, 1 where it is not.
        gain: Skill to be expected of as many epochs again.
        trend: Where the loss is heading, where that alone tells that the run was still learning.
    """

    level: float
    allowed: float
    gain: float
    trend: LossTrend | None = None


@derived
def unfinished(
    skill: np.ndarray,
    epochs: np.ndarray,
    last_epoch: int | None,
    probe_accuracy: np.ndarray | None = None,
    baseline_accuracy: float | None = None,
    probe_loss: np.ndarray | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    loss_function: dict[str, Any] | None = None,
    loss_trend: LossTrend | None = None,
    validation_gap: Gap | None = None,
    validation_turn: Turn | None = None,
    validation_best_epoch: int | None = None,
    probe_sample_count: int | None = None,
) -> Unfinished | None:
    """Whether as many epochs again would bring a run visibly further; None where not, or where it has not ended.

    Skill mostly rises with the logarithm of the epochs, or slower: what the second half of the epochs brought is what
    as many again would bring; twice that where the pace does not slacken. Of one epoch, only the rise from the state
    before training is known. Where validation is no better for it, the rise is memorizing, and more epochs are no help.
    """
    if validation_gap is not None or validation_turn is not None or validation_best_epoch is not None:
        return None
    done = epochs > 0
    if last_epoch is None or not done.any() or int(epochs[-1]) < last_epoch or not np.isfinite(skill[-1]):
        return None
    curve = np.maximum(skill[done], 0.0)  # worse than a constant answer is nothing learned, not less than nothing
    inference = probe_skill(probe_accuracy, baseline_accuracy, probe_loss, baseline_loss, perfect_loss)
    known = reference_skill(neighbour_skill, ridge_skill, None if probe_accuracy is not None else loss_function)
    allowed = 1.0 if known is None else known
    on_its_way = loss_trend if loss_trend is not None and loss_trend.on_its_way else None
    if len(curve) <= FEW:
        begun = _hardly_begun(curve, inference, known)
        return begun or (Unfinished(float(curve[-1]), allowed, 0.0, on_its_way) if on_its_way else None)
    level = float(np.fmax(curve[-1], np.nan if inference is None else inference[-1]))
    if level + ERRORS * _level_error(level, baseline_accuracy, probe_sample_count) >= FINISHED * allowed:
        return None
    gain, error = _gain_of_as_many(curve)
    if level <= 0 and inference is not None and len(inference) > LAST:
        # Below the best constant answer the curve is cut off at 0; the loss itself tells whether it still falls.
        gain, error = max(gain, float(inference[-1] - inference[-1 - LAST])), 0.0
    gain = min(gain, allowed - level)
    if gain >= max(WORTHWHILE, SIGNIFICANT * error):
        return Unfinished(level, allowed, gain)
    return Unfinished(level, allowed, max(gain, 0.0), on_its_way) if on_its_way else None


def _level_error(level: float, baseline_accuracy: float | None, probe_sample_count: int | None) -> float:
    """Standard error of a skill from the number of probe samples."""
    samples, level = probe_samples(probe_sample_count), min(max(level, 0.0), 1.0)
    if baseline_accuracy is None:
        # A mean of squared normal errors has a relative standard error of sqrt(2 / samples).
        return float((1 - level) * np.sqrt(2 / samples))
    floor = min(baseline_accuracy, 0.999)
    return standard_error(floor + level * (1 - floor), samples) / (1 - floor)


def _hardly_begun(curve: np.ndarray, inference: np.ndarray | None, known: float | None) -> Unfinished | None:
    """The same for a few epochs, which have no trend: each must have brought something, and something must be missing.

    Args:
        curve: Skill that Keras reports, at least 0, shape `(epoch,)`.
        inference: Skill on the probe samples, with the state before training, or None.
        known: Skill that the inputs allow, None where it is not known.
    """
    steps = curve if inference is None else np.maximum(inference[-len(curve) - 1 :], 0.0)
    if len(steps) < 2 or not np.isfinite(steps).all():
        return None
    now, rise = float(steps[-1]), float(steps[-1] - steps[:-1].max())
    # Where the last epoch brought much, no measure of what inputs allow can say that it was over.
    goes_on = rise >= WORTHWHILE and len(curve) > 1 and now < MEMORIZED
    behind = rise > 0 and known - now >= SHORT if known is not None else rise >= WORTHWHILE / FEW
    allowed = 1.0 if known is None or goes_on else known
    if not (goes_on or behind) or now >= FINISHED * allowed:
        return None
    return Unfinished(now, allowed, min(max(rise, SHORT), allowed - now))


def _gain_of_as_many(curve: np.ndarray) -> tuple[float, float]:
    """Rise to be expected of as many epochs again, from the second half of a curve, and the standard error of that.

    By the logarithm of the epochs, unless an approach to a level describes the half clearly better.
    """
    numbers = np.arange(1, len(curve) + 1)
    kept = (numbers >= min(len(curve) / 2, len(curve) - 2)) & np.isfinite(curve)
    half = curve[kept]
    if len(half) < 2 or (len(half) <= 4 and (np.diff(half) <= 0).any()):
        return 0.0, 0.0  # with so few points, one that falls is enough to doubt that the others rise
    quarter = len(half) // 2
    steady = quarter >= 2 and half[-1] - half[quarter] >= half[quarter] - half[0]
    t = numbers[kept] / len(curve) if steady else np.log2(numbers[kept])
    t = t - t.mean()
    slope = float((t * half).sum() / (t**2).sum())
    residual = half - half.mean() - slope * t
    error = float(np.sqrt((residual**2).sum() / max(len(half) - 2, 1) / (t**2).sum()))
    approach = None if steady else _approach(half)
    if approach is not None and approach.deviation < CLEARLY * float(np.sqrt((residual**2).mean())):
        return min(approach.gain, slope), error
    return slope, error


@dataclass(frozen=True)
class _Approach:
    """A curve that comes to rest, each step a fixed share of the one before.

    Args:
        gain: Rise to be expected of twice as many epochs as it was seen over.
        deviation: Root mean square of what it leaves unexplained.
    """

    gain: float
    deviation: float


def _approach(half: np.ndarray) -> _Approach | None:
    """The exponential approach through the means of three thirds; None where the curve does not slacken so."""
    third = len(half) // 3
    if third < 2:
        return None
    first, second, last = half[:third].mean(), half[third : 2 * third].mean(), half[2 * third : 3 * third].mean()
    if not second > first or not last - second < second - first:
        return None
    ratio = max(float((last - second) / (second - first)), 1e-6)
    size = (second - first) / (1 - ratio)
    # In thirds from the middle of the first one.
    at = (np.arange(len(half)) - (third - 1) / 2) / third
    level = half[: 3 * third].mean() + size * (ratio ** at[: 3 * third]).mean()
    deviation = float(np.sqrt(((half - (level - size * ratio**at)) ** 2).mean()))
    ahead = at[-1] + 2 * len(half) / third
    return _Approach(float(size * (ratio ** at[-1] - ratio**ahead)), deviation)
