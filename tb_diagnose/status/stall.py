"""Since when accuracy stands still: flat stretches of a curve, and whether the loss still falls over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tb_diagnose.evidence import Evidence
from tb_diagnose.evidence.noise import noise
from tb_diagnose.evidence.slope import line_slope
from tb_diagnose.status.skill import SHORT, SIGNIFICANT, Progress

MIN_WINDOW = 3
CLOSED_SHARE = 0.1
"""At the pace of a stall, the whole run (or ten epochs, if it is shorter) makes good less than this share of what is
missing to a perfect answer; or the pace is less than this share of the pace before."""
ERRORS = 6.0
"""Standard errors of the gain over a stretch (noise times sqrt(12 / points)) that a rise at the pace before it would
have to come to: two are taken for noise, and four more keep chance from hiding it in one of many stretches."""
MOST_SLACK = 0.2
"""Share of what is missing that a stretch makes good from which it is a rise, however fast the one before it was."""
FAST, SLOW = 0.1, 0.01
"""Shares by which an epoch lowers the loss: at the first it halves within seven epochs, and the run is learning
whatever accuracy does; at the second it takes seventy, and is learning as long as nothing was found to hold it back."""


@dataclass(frozen=True)
class Fall:
    """A curve that ends well below its best, and does not rise again.

    Args:
        best: Index of the best epoch of the three in a row whose median is highest.
        since: Index of the first epoch after it from which the curve stays well below.
    """

    best: int
    since: int


def flat_since(curve: Progress) -> int | None:
    """Index of the first epoch of the stall that lasts to the end; None when there is none.

    A stretch that was well above its end before it fell is no stall.
    """
    skill = np.asarray(curve.skill, float)
    smooth = _medians(skill)
    finite = skill[np.isfinite(skill)]
    room = max(SHORT, 2 * curve.error, _by_noise(skill))
    limit = max(finite[-MIN_WINDOW:].mean(), 0.0) + room if len(finite) else np.inf
    return next((start for start in _flat_starts(curve) if np.nanmax(smooth[start:]) <= limit), None)


def stands_since(curve: Progress, start: int) -> int:
    """Index of the epoch from which the curve is where it stands, the stall being flat as a whole.

    Single epochs at its beginning may be far below: the curve was still on its way then.

    Args:
        curve: The curve that is judged.
        start: Index of the first epoch of the stall.
    """
    skill = np.asarray(curve.skill, float)
    known = start + np.flatnonzero(np.isfinite(skill[start:]))
    least = float(np.median(skill[known])) - max(SHORT, SIGNIFICANT * curve.error, _by_noise(skill))
    return int(next((index for index in known[:-MIN_WINDOW] if skill[index] >= least), known[-MIN_WINDOW]))


def fall(curve: Progress, level: float) -> Fall | None:
    """Where a curve fell well below its best without rising again; None where it did not.

    Args:
        curve: The curve that is judged.
        level: Its skill at the end.
    """
    skill = np.asarray(curve.skill, float)
    known = np.flatnonzero(np.isfinite(skill))
    if len(known) <= MIN_WINDOW:
        return None
    smooth = _medians(skill)
    highest = float(np.nanmax(smooth))
    least = highest - max(SHORT, SIGNIFICANT * curve.error, _by_noise(skill))
    if not max(level, float(skill[known[-1]])) < least:
        return None
    center = int(np.flatnonzero(known == np.flatnonzero(smooth == highest)[-1])[0])
    best = int(max(known[center - 1 : center + 2], key=lambda place: (skill[place], place)))
    lowest = best + int(np.nanargmin(skill[best:]))
    if (known >= lowest).sum() >= MIN_WINDOW and not any(start >= lowest for start in _flat_starts(curve)):
        return None  # it has turned, and rises again
    above = np.flatnonzero(np.isfinite(skill) & (skill >= least))
    return Fall(best, int(known[known > above[-1]][0]))


def _flat_starts(curve: Progress) -> Iterator[int]:
    """Indices of the epochs from which the curve gains nothing to the end."""
    skill = np.asarray(curve.skill, float)
    jumps = noise(skill)
    for start in np.flatnonzero(np.isfinite(skill[: len(skill) - MIN_WINDOW + 1])):
        window = skill[start:]
        window = window[np.isfinite(window)]
        if len(window) < MIN_WINDOW:
            return
        if _is_too_short(skill[:start], window, jumps):
            return
        before = max(float(window[0]), 0.0) / (start + 1) if start else 0.0
        if _is_flat(window, curve.error, len(skill), before):
            yield int(start)


def _is_too_short(earlier: np.ndarray, window: np.ndarray, jumps: float) -> bool:
    """Whether a stretch would not show a rise that goes on at the pace before it, for all the noise.

    Args:
        earlier: Skill before the stretch.
        window: Finite skill over it, at least three values.
        jumps: Standard deviation of the noise; 0 where it is not known.
    """
    known = earlier[np.isfinite(earlier)][-len(window) :]
    if not jumps or len(known) < len(window):
        return False
    rise = float(window.mean() - known.mean())
    return 0 < rise < ERRORS * jumps * float(np.sqrt(12 / len(window)))


def _by_noise(skill: np.ndarray) -> float:
    """How far two single values may lie apart by the noise of the curve."""
    return SIGNIFICANT * noise(skill) * float(np.sqrt(2))


def _medians(values: np.ndarray) -> np.ndarray:
    """Medians of three finite values in a row, NaN at the others and where there are fewer; shape `(epoch,)`."""
    known = np.flatnonzero(np.isfinite(values))
    smooth = np.full(len(values), np.nan)
    if len(known) > 2:
        smooth[known[1:-1]] = np.median(np.lib.stride_tricks.sliding_window_view(values[known], 3), axis=1)
    return smooth


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
    gain, by_chance = (each * (n - 1) for each in line_slope(window))
    if (np.diff(window) > 0).all():
        by_chance = 0.0  # noise would have made it fall somewhere
    missing = max(1 - float(window[0]), 0.0)
    third = max(n // 3, 1)
    # A curve that jumps early and is flat after is not flat as a whole: its start lies below its end.
    step = float(window[-third:].mean() - window[:third].mean())
    pace = (n - 1) / max(epochs - 1, 9)
    slack = min(CLOSED_SHARE * before * (n - 1), MOST_SLACK * missing)
    allowed = max(CLOSED_SHARE * missing * pace, slack, 2 * min(by_chance, 0.1), error / 10)
    return gain <= allowed and step <= allowed
