"""Is the training stalled, since when, and where: judged from accuracy, or from the loss of a regression.

Everything is measured on one scale, *skill*: 0 is the best constant answer (the majority class, the
mean of the targets), 1 a perfect one. So "0.94 accuracy" on 94 % zeros counts as nothing learned.
"""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tb_diagnose.evidence import Evidence

ENOUGH_EPOCHS = 3
"""Fewer points have no trend: two can differ by chance alone."""
MIN_WINDOW = 3
CLOSED_SHARE = 0.1
"""Over a stalled stretch, accuracy makes good less than this share of what is missing to a perfect
answer: at that pace another ten such stretches would not finish."""
CEILING = 0.97
"""Skill from which on there is nothing left to stall: what is missing is of the order of label errors
in common benchmark sets (3.3 % on average; Northcutt et al., "Pervasive Label Errors", 2021)."""
LEARNED = 0.2
"""Skill that no untrained model shows: a fifth of the way from the best constant answer to a perfect one."""
SHORT = 0.05
"""Skill below the neighbours' that is not worth a diagnosis."""
SIGN_OF_LIFE = 120.0  # seconds without an event after which a training without any epoch counts as crashed


@dataclass(frozen=True)
class Progress:
    """The curve that is judged.

    Args:
        name: Series it was taken from.
        epochs: Finished epochs, shape `(epoch,)`.
        values: Accuracy or loss, shape `(epoch,)`.
        skill: The same from 0 (best constant answer) to 1 (perfect), shape `(epoch,)`.
        error: Standard error of one skill value from the number of rows.
        baseline: Value of the best constant answer, None when unknown.
        reference: Skill that the inputs allow as far as known, from the nearest neighbours; None when unknown.
        reference_error: Its standard error.
        chance: Accuracy of a uniform guess, None for a regression.
        inference: Skill on the probe rows in inference mode at the end, for models with Dropout and the like: it is
            well above what Keras reports from training mode.
    """

    name: str
    epochs: np.ndarray
    values: np.ndarray
    skill: np.ndarray
    error: float
    baseline: float | None
    reference: float | None
    reference_error: float
    chance: float | None
    inference: float | None = None


@dataclass(frozen=True)
class Status:
    """Status of a training, with the epochs from-to and the place of a stall.

    `otherwise` is the status to give when no cause speaks for a stall: accuracy stands, but the loss still falls.
    """

    name: str
    since: int | None = None
    until: int | None = None
    where: str | None = None
    sentence: str = ""
    otherwise: Status | None = None


def progress(evidence: Evidence) -> Progress | None:
    """The curve to judge a training by; None when neither accuracy nor a comparable loss was logged."""
    finished = evidence.epochs > 0
    if not finished.any():
        return None
    form = evidence.get("label_form")
    if form != "continuous":
        for name, rows in (("accuracy", "row_count"), ("probe_accuracy", "probe_row_count")):
            values = evidence.get(name)
            if values is not None and not (name == "accuracy" and _misleading(evidence)):
                return _accuracy_progress(evidence, name, values, finished, evidence.get(rows))
    baseline, perfect = evidence.get("baseline_loss"), evidence.get("perfect_loss") or 0.0
    for name in ("probe_loss", "loss"):
        values = evidence.get(name)
        if values is not None and baseline is not None and baseline > perfect:
            skill = (baseline - values) / (baseline - perfect)
            probed = evidence.get("probe_row_count") or 512
            # The loss of a constant answer has a relative standard error of about sqrt(2 / rows) (normal residuals).
            return Progress(
                name,
                evidence.epochs[finished],
                values[finished],
                np.maximum(skill[finished], -1.0),
                float(np.sqrt(2 / probed)),
                baseline,
                evidence.get("neighbour_skill"),
                float(np.sqrt(2 / (evidence.get("neighbour_row_count") or probed))),
                None,
            )
    return None


def _misleading(evidence: Evidence) -> bool:
    """Keras's accuracy measures something else than the share of right answers."""
    if (evidence.get("label_min") or 0) < 0:
        return True  # labels -1 and 1: Keras's threshold is 0.5
    metrics = evidence.get("compiled_metrics") or []
    several = len(evidence.get("label_counts") or []) > 2
    return several and "binary_accuracy" in metrics and evidence.get("label_form") in ("one_hot", "integer")


def _accuracy_progress(
    evidence: Evidence, name: str, values: np.ndarray, finished: np.ndarray, rows: int | None
) -> Progress:
    counts = evidence.get("label_counts")
    units = (evidence.get("output") or {}).get("units")
    classes = len(counts) if counts else (units if units and units > 1 else 2)
    chance = 1 / max(classes, 2) if evidence.get("label_form") != "multi_label" else 0.5
    baseline = evidence.get("baseline_accuracy")
    floor = min(baseline if baseline is not None else chance, 0.999)
    rows = rows or 1000
    near = evidence.get("neighbour_accuracy")
    probe = evidence.get("probe_accuracy")
    return Progress(
        name,
        evidence.epochs[finished],
        values[finished],
        (values[finished] - floor) / (1 - floor),
        _error(floor, rows) / (1 - floor),
        baseline,
        evidence.get("neighbour_skill") if near is not None else None,
        _error(near if near is not None else 0.5, evidence.get("neighbour_row_count") or 1000) / (1 - floor),
        chance,
        float((np.nanmean(probe[-ENOUGH_EPOCHS:]) - floor) / (1 - floor))
        if probe is not None and evidence.get("training_only")
        else None,
    )


def _error(share: float, rows: int) -> float:
    """Standard error of a share of `rows`, at least that of one row."""
    return float(np.sqrt(max(share * (1 - share), 1 / rows) / rows))


def with_skill(evidence: Evidence, curve: Progress | None) -> Evidence:
    """The evidence with the series `skill` added, NaN for epoch 0."""
    if curve is None:
        return evidence
    skill = np.full(len(evidence.epochs), np.nan)
    skill[evidence.epochs > 0] = curve.skill
    return dataclasses.replace(evidence, series={**evidence.series, "skill": skill})


def judge(evidence: Evidence, curve: Progress | None, alive: Callable[[Evidence], bool] | None = None) -> Status:
    """Status of a training (see the module docstring).

    Args:
        evidence: One training.
        curve: `progress(evidence)`.
        alive: Tells whether a training without a finished epoch may still be running.
    """
    finished = evidence.finished_epochs
    if finished == 0:
        if (alive or _alive)(evidence):
            return Status("too short to tell", sentence="The first epoch is not finished yet")
        return Status("crashed", sentence="The training began and never finished an epoch")
    last = int(evidence.epochs[-1])
    since = _diverged_since(evidence)
    if since is not None:
        return Status(
            "diverged",
            since,
            last,
            sentence=f"The training diverged: the loss or the weights are not finite since epoch {since}",
        )
    if curve is None or not np.isfinite(curve.skill).any():
        return Status("too short to tell", sentence="Neither accuracy nor a comparable loss was logged")
    return _from_curve(curve, last, evidence)


def _from_curve(curve: Progress, last: int, evidence: Evidence) -> Status:
    what = "Accuracy" if curve.chance is not None else "The loss"
    count = min(ENOUGH_EPOCHS, len(curve.skill))
    level, now = float(np.nanmean(curve.skill[-count:])), float(np.nanmean(curve.values[-count:]))
    level = np.fmax(level, curve.inference if curve.inference is not None else np.nan)
    best = f"{what} is at {now:.3g}"
    if level >= CEILING:
        return Status("reached", sentence=f"{best}: there is nothing left to gain")
    flat = _flat_since(curve)
    if _as_good_as_reference(curve, level) and flat is not None:
        return Status("reached", sentence=f"{best}{_reached(curve)}")
    if len(curve.skill) < ENOUGH_EPOCHS:
        if level >= LEARNED:
            return Status("learning", sentence=f"{best} after {_epochs(last)}")
        return Status(
            "too short to tell", sentence=f"{best} after {_epochs(last)}, too few to tell a stall from a slow start"
        )
    if flat is None:
        return Status("learning", sentence=f"{best} and still {'rising' if curve.chance is not None else 'falling'}")
    since = int(curve.epochs[flat])
    otherwise = None
    if level >= LEARNED and curve.chance is not None and _loss_still_falls(evidence, since):
        otherwise = Status("learning", sentence=f"{best}: it has not moved since epoch {since}, but the loss still falls")
    where = _where(curve, level, now)
    sentence = f"{what} has been stalled at {now:.3g} since epoch {since}, {_explain(curve, where)}"
    return Status("stalled", since, last, where, sentence, otherwise)


def _reached(curve: Progress) -> str:
    if curve.reference is None:
        return " and has levelled off"
    return ", as good as the nearest neighbours of the inputs can tell"


def _epochs(count: int) -> str:
    return f"{count} epoch" + ("" if count == 1 else "s")


def _explain(curve: Progress, where: str) -> str:
    if curve.chance is None:
        return (
            f"no better than the best constant answer ({curve.baseline:.3g})"
            if where == "at the best constant answer"
            else f"where the best constant answer gives {curve.baseline:.3g}"
        )
    if where == "at the majority share":
        return f"the share of the commonest label ({curve.baseline:.3g})"
    if where == "at chance":
        return f"what guessing gives ({curve.chance:.3g})"
    if where == "at zero":
        return "not one right answer"
    return "on a plateau" + (
        f" above the majority share ({curve.baseline:.3g})"
        if curve.baseline is not None and curve.skill[-1] > 0
        else ""
    )


def _where(curve: Progress, level: float, now: float) -> str:
    if curve.chance is None:
        return "at the best constant answer" if level <= max(3 * curve.error, CLOSED_SHARE) else "on a plateau"
    tolerance = max(3 * curve.error, CLOSED_SHARE / 2) * (1 - (curve.baseline or curve.chance))
    if now <= min(tolerance, 0.01):
        return "at zero"
    if curve.baseline is not None and abs(now - curve.baseline) <= tolerance:
        return "at the majority share"
    if abs(now - curve.chance) <= tolerance:
        return "at chance"
    return "on a plateau"


def _as_good_as_reference(curve: Progress, level: float) -> bool:
    """Well above a constant answer, and nothing that was measured says that more is to be had."""
    learned = level >= max(LEARNED, 3 * curve.error)
    if not learned or curve.reference is None:
        return learned
    return level >= curve.reference - max(2 * float(np.hypot(curve.error, curve.reference_error)), SHORT)


def _flat_since(curve: Progress) -> int | None:
    """Index of the first epoch of the stall that lasts to the end; None when there is none."""
    skill = np.asarray(curve.skill, float)
    for start in range(len(skill) - MIN_WINDOW + 1):
        window = skill[start:]
        window = window[np.isfinite(window)]
        if len(window) < MIN_WINDOW:
            return None
        if _is_flat(window, curve.error):
            return start
    return None


def _loss_still_falls(evidence: Evidence, since: int) -> bool:
    """Whether the second half of a stretch of flat accuracy lowers the loss by a good part of what is left of it.

    Only for a model that has learned something: a loss that falls while accuracy stands at the majority share
    clears nobody.
    """
    baseline, perfect = evidence.get("baseline_loss"), evidence.get("perfect_loss") or 0.0
    values = evidence.get("loss") if evidence.get("loss") is not None else evidence.get("probe_loss")
    if values is None or baseline is None or baseline <= perfect:
        return False
    stretch = values[evidence.epochs >= since]
    half = stretch[-max(len(stretch) // 2, MIN_WINDOW + 1) :]
    skill = (baseline - half) / (baseline - perfect)
    return len(half) > MIN_WINDOW and bool(np.isfinite(skill).all()) and skill[-1] > 0 and not _is_flat(skill, 0.0)


def _is_flat(window: np.ndarray, error: float) -> bool:
    """The window's gain is noise, or closes less than `CLOSED_SHARE` of what is missing."""
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
    allowed = max(CLOSED_SHARE * missing, 2 * min(noise, 0.1), 2 * error)
    return gain <= allowed and step <= allowed


def _diverged_since(evidence: Evidence) -> int | None:
    """First epoch of a non-finite loss or weight that is still so at the end."""
    bad = np.zeros(len(evidence.epochs), bool)
    for name in ("loss", "probe_loss"):
        values = evidence.series.get(name)
        if values is not None and not np.isnan(values).all():
            measured = np.isfinite(values) | np.isinf(values) | (evidence.epochs > 0)
            bad |= measured & ~np.isfinite(values) & (evidence.epochs > 0) & (name == "loss")
            bad |= np.isinf(values)
    counts = evidence.series.get("nonfinite_weight_count")
    if counts is not None and counts.size:
        bad |= np.nan_to_num(counts).sum(axis=1) > 0
    if not len(bad) or not bad[-1]:
        return None
    first = len(bad) - 1
    while first > 0 and bad[first - 1]:
        first -= 1
    return int(max(evidence.epochs[first], 1))


def _alive(evidence: Evidence) -> bool:
    """Whether the process that writes this training may still be at work on its first epoch."""
    import os

    recent = evidence.last_sign is not None and time.time() - evidence.last_sign < SIGN_OF_LIFE
    environment = evidence.get("environment") or {}
    process = environment.get("process")
    if environment.get("host") != socket.gethostname() or process is None:
        return recent
    if process == os.getpid():
        return False  # asked from the training's own process: its fit has returned or raised
    try:
        os.kill(process, 0)
    except (ProcessLookupError, PermissionError, OSError):
        return False
    return recent
