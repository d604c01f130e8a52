"""Since when accuracy stands still: flat stretches of a curve, and whether the loss still falls over them."""

from __future__ import annotations

import numpy as np

from tb_diagnose.evidence import Evidence
from tb_diagnose.status.skill import Progress

MIN_WINDOW = 3
CLOSED_SHARE = 0.1
"""At the pace of a stall, the whole run (or ten epochs, if it is shorter) makes good less than this share of what is
missing to a perfect answer; or the pace is less than this share of the pace before."""
FAST, SLOW = 0.1, 0.01
"""Shares by which an epoch lowers the loss: at the first it halves within seven epochs, and the run is learning
whatever accuracy does; at the second it takes seventy, and is learning as long as nothing was found to hold it back."""


def flat_since(curve: Progress) -> int | None:
    """Index of the first epoch of the stall that lasts to the end; None when there is none."""
    skill = np.asarray(curve.skill, float)
    for start in range(len(skill) - MIN_WINDOW + 1):
        window = skill[start:]
        window = window[np.isfinite(window)]
        if len(window) < MIN_WINDOW:
            return None
        before = max(float(window[0]), 0.0) / (start + 1) if start else 0.0
        if _is_flat(window, curve.error, len(skill), before):
            return start
    return None


def loss_pace(evidence: Evidence, since: int) -> float:
    """Share by which an epoch lowers the loss while accuracy is flat; 0 for a loss worse than a constant answer.

    Only for a model that has learned something: a loss that falls while accuracy stands at the majority share
    clears nobody.
    """
    baseline, perfect = evidence.get("baseline_loss"), evidence.get("perfect_loss") or 0.0
    values = evidence.get("loss") if evidence.get("loss") is not None else evidence.get("probe_loss")
    if values is None or baseline is None or baseline <= perfect:
        return 0.0
    stretch = values[evidence.epochs >= since] - perfect
    half = stretch[-max(len(stretch) // 2, MIN_WINDOW) :]
    if len(half) < MIN_WINDOW or not (np.isfinite(half).all() and (half > 0).all()) or half[-1] >= baseline - perfect:
        return 0.0
    slope = np.polyfit(np.arange(len(half)), np.log(half), 1)[0]
    return float(-np.expm1(slope))


def _is_flat(window: np.ndarray, error: float, epochs: int, before: float = 0.0) -> bool:
    """The window's gain is noise, or at its pace the whole run closes less than `CLOSED_SHARE` of what is missing.

    Args:
        window: Skill over the epochs in question.
        error: Standard error of one value. The same samples are measured at every epoch, so the changes between epochs
            have far less; a tenth is left for samples that flip.
        epochs: Epochs of the whole run; a window of three is judged at the pace of the run, or of ten epochs.
        before: Mean gain of an epoch up to the window: a tenth of that pace is a curve that has levelled off.
    """
    n = len(window)
    t = np.arange(n) - (n - 1) / 2
    slope = float((t * window).sum() / (t**2).sum())
    gain = slope * (n - 1)
    residual = window - window.mean() - slope * t
    noise = float(np.sqrt((residual**2).sum() / max(n - 2, 1) / (t**2).sum())) * (n - 1)
    missing = max(1 - float(window[0]), 0.0)
    third = max(n // 3, 1)
    # A curve that jumps early and is flat after is not flat as a whole: its start lies below its end.
    step = float(window[-third:].mean() - window[:third].mean())
    pace = (n - 1) / max(epochs - 1, 9)
    allowed = max(CLOSED_SHARE * missing * pace, CLOSED_SHARE * before * (n - 1), 2 * min(noise, 0.1), error / 10)
    return gain <= allowed and step <= allowed
