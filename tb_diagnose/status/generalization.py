"""Is what a run has learned true of its own samples only?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived
from tb_diagnose.status.convergence import WORTHWHILE
from tb_diagnose.status.skill import (
    FAR,
    FINISHED,
    LAST,
    LEARNED,
    LEARNED_BY_HEART,
    SHORT,
    SIGNIFICANT,
    probe_skill,
    reference_skill,
    standard_error,
)

GAP = 0.15
"""Skill on training samples above that on validation samples that is more than the usual optimism: demo setups that learn
stay below 0.12."""
WIDE_GAP = 1.5 * GAP
"""The same from which on a validation curve that still rises is no excuse, once the planned epochs are over."""
STILL_RISING = 0.03
"""Gain of validation skill over the last third of the epochs from which on it is still being learned."""


@dataclass(frozen=True)
class Gap:
    """What a run learned of its own samples only.

    Args:
        training: Skill on training samples at the end, in inference mode where it was measured.
        validation: The same on validation samples, at least 0.
        since: First epoch from which the gap lasts to the end.
        what: "accuracy" or "loss", from which the skills were taken.
    """

    training: float
    validation: float
    since: int
    what: str

    @property
    def size(self) -> float:
        return self.training - self.validation


@derived
def validation_gap(
    epochs: np.ndarray,
    probe_accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    baseline_accuracy: float | None = None,
    probe_loss: np.ndarray | None = None,
    probe_val_loss: np.ndarray | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
    probe_sample_count: int | None = None,
    validation_sample_count: int | None = None,
    validation_label_shift: float | None = None,
    label_counts: list[float] | None = None,
    planned_epochs: int | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    loss_function: dict[str, Any] | None = None,
    output: dict[str, Any] | None = None,
) -> Gap | None:
    """The gap between training and validation skill where it is significant, and the validation rises no more.

    A wide gap at the planned end counts even then. None otherwise, and where the training samples are not learned either.
    """
    done = epochs > 0
    if done.sum() < LAST:
        return None
    units = (output or {}).get("units")
    if baseline_accuracy is None and units and not probe_sample_count:
        baseline_accuracy = 1 / max(units, 2)  # nothing was logged of the labels: what guessing gives
    pairs = [("accuracy", probe_accuracy, probe_val_accuracy), ("accuracy", accuracy, val_accuracy)]
    pairs = [p for p in pairs if p[1] is not None and p[2] is not None and baseline_accuracy is not None]
    if not pairs and probe_loss is not None and probe_val_loss is not None and baseline_loss is not None:
        pairs = [("loss", probe_loss, probe_val_loss)]
    if not pairs:
        return None
    what, ours, theirs = pairs[0]
    if what == "accuracy":
        # Samples of other labels than in training have another best constant answer: by the shift lower at most.
        chance = 1 / max(len(label_counts or []), 2)
        floor = min(max(min(baseline_accuracy, chance), baseline_accuracy - (validation_label_shift or 0.0)), 0.999)
        training, validation = (probe_skill(values, floor) for values in (ours, theirs))
    else:
        training, validation = (
            probe_skill(None, None, values, baseline_loss, perfect_loss) for values in (ours, theirs)
        )
    if training is None or validation is None:
        return None
    training, validation = training[done], np.maximum(validation[done], 0.0)
    if not (np.isfinite(training[-LAST:]).all() and np.isfinite(validation[-LAST:]).all()):
        return None
    ours_now, theirs_now = float(np.nanmean(training[-LAST:])), float(np.nanmean(validation[-LAST:]))
    samples = [count or 512 for count in (probe_sample_count, min(validation_sample_count or 512, 512))]
    if what == "accuracy":
        shares = [np.clip(floor + value * (1 - floor), 0, 1) for value in (ours_now, theirs_now)]
        error = float(np.hypot(*(standard_error(share, n) for share, n in zip(shares, samples)))) / (1 - floor)
    else:
        error = float(np.hypot(*((1 - min(v, 1)) * np.sqrt(2 / n) for v, n in zip((ours_now, theirs_now), samples))))
    # Where the validation samples show nothing at all, less is enough to say that only these samples are learned.
    nothing = theirs_now <= error and planned_epochs is not None and int(epochs[-1]) >= planned_epochs
    # The same where simple methods do better on samples that they have not seen.
    allowed = reference_skill(neighbour_skill, ridge_skill, loss_function if what == "loss" else None) or 0.0
    if allowed - ours_now > FAR:
        return None  # the training samples themselves are far from learned: that comes first
    behind = ours_now >= FINISHED * allowed >= FINISHED * LEARNED and allowed - theirs_now > max(
        SHORT, SIGNIFICANT * error
    )
    if not ours_now - theirs_now > max(GAP / 2 if nothing or behind else GAP, SIGNIFICANT * error):
        return None
    third = max(len(validation) // 3, 1)
    rise = float(np.nanmean(validation[-third:]) - np.nanmean(validation[-2 * third : -third]))
    hope = WORTHWHILE if ours_now >= LEARNED_BY_HEART else STILL_RISING
    over = planned_epochs is not None and int(epochs[-1]) >= planned_epochs and ours_now - theirs_now > WIDE_GAP
    if rise > max(hope, SIGNIFICANT * error / 3) and not over:
        return None
    gaps = training - validation
    smooth = np.array([np.nanmedian(gaps[max(i - 1, 0) : i + 2]) for i in range(len(gaps))])
    narrow = np.flatnonzero(~(smooth > GAP))
    numbers = epochs[done]
    since = int(numbers[min(narrow[-1] + 1, len(numbers) - 1)]) if len(narrow) else int(numbers[0])
    return Gap(ours_now, theirs_now, since, what)
