"""The curve that a training is judged by, on one scale: skill.

Skill is 0 for the best constant answer (the majority class, the mean of the targets) and 1 for a perfect one. So
"0.94 accuracy" on 94 % zeros counts as nothing learned, and a regression is measured like a classification.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import Evidence
from tb_diagnose.keras_config import REGRESSION_LOSSES
from tb_diagnose.reported import misreported

FORGOTTEN = 0.05
"""Accuracy over an epoch above that on the probe rows at its end, at each of the last epochs: usually it is below."""
LAST = 3
"""Epochs at the end that a level is the mean of: single ones are noisy."""
FINISHED = 0.9
"""Share of what the inputs allow from which on a training has done its work: more epochs are polish."""
WORTHWHILE = 0.1
"""Gain of skill for which it is worth to train as long again: a tenth of the way to a perfect answer."""
FEW = 3
"""Epochs of which nobody expects a training to be over."""
GAP = 0.15
"""Skill on training rows above that on validation rows that is more than the usual optimism: demo setups that learn
stay below 0.12."""
WIDE_GAP = 1.5 * GAP
"""The same from which on a validation curve that still rises is no excuse, once the planned epochs are over."""
LEARNED = 0.2
"""Skill that no untrained model shows: a fifth of the way from the best constant answer to a perfect one."""
FAR = 0.2
"""Skill below what the inputs allow that no healthy run of the demo setups ends with: on a plateau there, something is
wrong even if nobody can say what."""
ALIKE = 0.1
"""Distance between the label shares of training and validation up to which a constant answer is as good on both."""
SHORT = 0.05
"""Skill below what the inputs allow that is not worth a diagnosis."""
SIGNIFICANT = 2.5
"""Standard errors by which a gap or a gain must exceed zero: chance does so in 1 of 160 trainings."""
LEARNED_BY_HEART = 0.97
"""Training skill from which on little is left to learn that could help the validation rows: slow gains are no hope."""
STILL_RISING = 0.03
"""Gain of validation skill over the last third of the epochs from which on it is still being learned."""


@dataclass(frozen=True)
class Progress:
    """The curve that is judged.

    Args:
        name: Series it was taken from.
        epochs: Finished epochs, shape `(epoch,)`.
        values: Accuracy or loss, shape `(epoch,)`.
        skill: The same from 0 (best constant answer) to 1 (perfect), shape `(epoch,)`.
        rows: Rows that a value was measured on.
        baseline: Value of the best constant answer, None when unknown.
        floor: Accuracy that counts as skill 0; None for a loss.
        reference: Skill that the inputs allow as far as known, from neighbours and ridge regression; None when unknown.
        reference_rows: Rows that it was measured on.
        chance: Accuracy of a uniform guess, NaN where the number of classes is not known, None for a regression.
        inference: Skill on the probe rows in inference mode at the end: it can be well above what Keras reports, a mean
            over an epoch and, with Dropout and the like, of training mode.
        validation: Skill on validation rows at the end; None where they are of another kind than the training rows.
        validation_rows: Rows that it was measured on.
    """

    name: str
    epochs: np.ndarray
    values: np.ndarray
    skill: np.ndarray
    rows: int
    baseline: float | None
    floor: float | None
    reference: float | None
    reference_rows: int
    chance: float | None
    inference: float | None = None
    validation: float | None = None
    validation_rows: int = 0

    def error_at(self, skill: float, rows: int | None = None) -> float:
        """Standard error of a skill from the number of rows, this curve's own if none are given."""
        rows = rows or self.rows
        if self.floor is None:
            # A mean of squared normal errors has a relative standard error of sqrt(2 / rows).
            return float((1 - min(skill, 1.0)) * np.sqrt(2 / rows))
        return _error(float(np.clip(self.floor + skill * (1 - self.floor), 0, 1)), rows) / (1 - self.floor)

    @property
    def error(self) -> float:
        """Standard error of the skill of a constant answer."""
        return self.error_at(0.0)

    def margin(self, level: float) -> float:
        """What chance may put between a level and the reference: two standard errors of their difference."""
        if self.reference is None:
            return float("nan")
        return 2 * float(np.hypot(self.error_at(level), self.error_at(self.reference, self.reference_rows)))


def progress(evidence: Evidence) -> Progress | None:
    """The curve to judge a training by; None when neither accuracy nor a comparable loss was logged."""
    finished = evidence.epochs > 0
    if not finished.any():
        return None
    form = evidence.get("label_form")
    amounts = form is None and (evidence.get("loss_function") or {}).get("name") in REGRESSION_LOSSES
    if form != "continuous" and not amounts:
        for name, rows in (
            ("accuracy", "row_count"),
            ("probe_accuracy", "probe_row_count"),
            ("val_accuracy", "validation_row_count"),
        ):
            values = evidence.get(name)
            if values is not None and not (name == "accuracy" and (_misleading(evidence) or _forgets(evidence))):
                return _accuracy_progress(evidence, name, values, finished, evidence.get(rows))
    baseline, perfect = evidence.get("baseline_loss"), evidence.get("perfect_loss") or 0.0
    for name in ("probe_loss", "loss"):
        values = evidence.get(name)
        if values is not None and baseline is not None and baseline > perfect:
            skill = (baseline - values) / (baseline - perfect)
            probed = evidence.get("probe_row_count") or 512
            return Progress(
                name,
                evidence.epochs[finished],
                values[finished],
                np.maximum(skill[finished], -1.0),
                probed,
                baseline,
                None,
                evidence.ask(reference_skill),
                evidence.get("neighbour_row_count") or probed,
                None,
            )
    return None


def reference_skill(
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    loss_function: dict[str, Any] | None = None,
) -> float | None:
    """What the inputs allow as far as known: the better of nearest neighbours and ridge regression.

    Args:
        neighbour_skill: Of nearest neighbours, R^2 for amounts.
        ridge_skill: Of ridge regression.
        loss_function: That the skill of a regression is taken from. A mean absolute error falls with the root of a mean square, so
            a model that explains 96 % of the variance has a skill of 0.8 only.
    """
    known = [value for value in (neighbour_skill, ridge_skill) if value is not None and np.isfinite(value)]
    if not known:
        return None
    absolute = (loss_function or {}).get("name") == "mean_absolute_error"
    return float(1 - np.sqrt(max(1 - max(known), 0.0)) if absolute else max(known))


def _misleading(evidence: Evidence) -> bool:
    """Keras's accuracy measures something else than the share of right answers, which the probe rows tell."""
    if evidence.get("probe_accuracy") is None:
        return False
    if (evidence.get("label_min") or 0) < 0 or evidence.ask(misreported) is not None:
        return True  # of labels -1 and 1 Keras's threshold of 0.5 is the wrong one
    logits = (evidence.get("loss_function") or {}).get("from_logits")
    single = (evidence.get("output") or {}).get("units") == 1
    return bool(logits and single and "accuracy" in (evidence.get("compiled_metrics") or []))  # so it is for logits


def _forgets(evidence: Evidence) -> bool:
    """What fit sees during an epoch is lost at its end: rows in order, or batch statistics that no longer hold."""
    reported, probed = evidence.get("accuracy"), evidence.get("probe_accuracy")
    if reported is None or probed is None or np.count_nonzero(evidence.epochs > 0) < LAST:
        return False
    return bool((reported[-LAST:] - probed[-LAST:] > FORGOTTEN).all())


def _accuracy_progress(
    evidence: Evidence, name: str, values: np.ndarray, finished: np.ndarray, rows: int | None
) -> Progress:
    counts = evidence.get("label_counts")
    units = (evidence.get("output") or {}).get("units")
    classes = len(counts) if counts else units
    chance = float("nan") if classes is None else 1 / max(classes, 2)
    if evidence.get("label_form") == "multi_label":
        chance = 0.5
    baseline = evidence.get("baseline_accuracy")
    floor = min(baseline if baseline is not None else chance, 0.999)
    if np.isnan(floor):
        # Nothing tells how many classes there are: where the curve begins is about chance.
        floor = min(float(np.nanmin(values[finished])), 0.5)
    rows = rows or 1000
    probe = evidence.get("probe_accuracy")
    return Progress(
        name,
        evidence.epochs[finished],
        values[finished],
        (values[finished] - floor) / (1 - floor),
        rows,
        baseline,
        floor,
        reference_skill(evidence.get("neighbour_skill"), evidence.get("ridge_skill")),
        evidence.get("neighbour_row_count") or 1000,
        chance,
        None if probe is None else float((_end(probe[finished]) - floor) / (1 - floor)),
        *_validation(evidence, finished, floor),
    )


def _validation(evidence: Evidence, finished: np.ndarray, floor: float) -> tuple[float | None, int]:
    """Skill on the validation rows at the end, and how many they are."""
    values, shift = evidence.get("probe_val_accuracy"), evidence.get("validation_label_shift")
    if values is None or shift is None or shift > ALIKE:
        return None, 0
    return float((_end(values[finished]) - floor) / (1 - floor)), min(evidence.get("validation_row_count") or 0, 512)


def _end(values: np.ndarray) -> float:
    """Level at the end: the mean of the last few epochs, of fewer where there are not many."""
    return float(np.nanmean(values[-min(LAST, max(len(values) // LAST, 1)) :]))


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


@dataclass(frozen=True)
class Unfinished:
    """A training that ended as planned while it was still learning.

    Args:
        level: Skill at the end.
        allowed: Skill that the inputs allow as far as known, 1 where it is not.
        gain: Skill to be expected of as many epochs again.
    """

    level: float
    allowed: float
    gain: float


def unfinished(
    skill: np.ndarray,
    epochs: np.ndarray,
    planned_epochs: int,
    probe_accuracy: np.ndarray | None = None,
    baseline_accuracy: float | None = None,
    probe_loss: np.ndarray | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    loss_function: dict[str, Any] | None = None,
) -> Unfinished | None:
    """Whether as many epochs again would bring a training visibly further; None where not, or where it has not ended.

    Skill mostly rises with the logarithm of the epochs, or slower: what the second half of the epochs brought is what
    as many again would bring; twice that where the pace does not slacken. Of one epoch, only the rise from the state
    before training is known.
    """
    done = epochs > 0
    if not done.any() or int(epochs[-1]) < planned_epochs or not np.isfinite(skill[-1]):
        return None
    curve = np.maximum(skill[done], 0.0)  # worse than a constant answer is nothing learned, not less than nothing
    inference = probe_skill(probe_accuracy, baseline_accuracy, probe_loss, baseline_loss, perfect_loss)
    known = reference_skill(neighbour_skill, ridge_skill, None if probe_accuracy is not None else loss_function)
    allowed = 1.0 if known is None else known
    if len(curve) <= FEW:
        return _hardly_begun(curve, inference, known)
    level = float(np.fmax(curve[-1], np.nan if inference is None else inference[-1]))
    if level >= FINISHED * allowed:
        return None
    gain, error = _gain_of_as_many(curve)
    if level <= 0 and inference is not None and len(inference) > LAST:
        # Below the best constant answer the curve is cut off at 0; the loss itself tells whether it still falls.
        gain, error = max(gain, float(inference[-1] - inference[-1 - LAST])), 0.0
    gain = min(gain, allowed - level)
    return Unfinished(level, allowed, gain) if gain >= max(WORTHWHILE, SIGNIFICANT * error) else None


def _hardly_begun(curve: np.ndarray, inference: np.ndarray | None, known: float | None) -> Unfinished | None:
    """The same for a few epochs, which have no trend: each must have brought something, and something must be missing.

    Args:
        curve: Skill that Keras reports, at least 0, shape `(epoch,)`.
        inference: Skill on the probe rows, with the state before training, or None.
        known: Skill that the inputs allow, None where it is not known.
    """
    steps = curve if inference is None else np.maximum(inference[-len(curve) - 1 :], 0.0)
    if len(steps) < 2 or not np.isfinite(steps).all():
        return None
    now, rise = float(steps[-1]), float(steps[-1] - steps[:-1].max())
    # Where the last epoch brought much, no measure of what inputs allow can say that it was over.
    goes_on = rise >= WORTHWHILE and len(curve) > 1 and now < LEARNED_BY_HEART
    behind = rise > 0 and known - now >= SHORT if known is not None else rise >= WORTHWHILE / FEW
    if not goes_on and not behind:
        return None
    allowed = 1.0 if known is None or goes_on else known
    return Unfinished(now, allowed, min(max(rise, SHORT), allowed - now))


def _gain_of_as_many(curve: np.ndarray) -> tuple[float, float]:
    """Rise to be expected of as many epochs again, from the second half of a curve, and the standard error of that."""
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
    return slope, float(np.sqrt((residual**2).sum() / max(len(half) - 2, 1) / (t**2).sum()))


@dataclass(frozen=True)
class Gap:
    """What a training learned of its own rows only.

    Args:
        training: Skill on training rows at the end, in inference mode where it was measured.
        validation: The same on validation rows, at least 0.
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
    probe_row_count: int | None = None,
    validation_row_count: int | None = None,
    validation_label_shift: float | None = None,
    label_counts: list[float] | None = None,
    planned_epochs: int | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    loss_function: dict[str, Any] | None = None,
    output: dict[str, Any] | None = None,
) -> Gap | None:
    """The gap between training and validation skill where it is significant, and the validation rises no more.

    A wide gap at the planned end counts even then. None otherwise, and where the training rows are not learned either.
    """
    done = epochs > 0
    if done.sum() < LAST:
        return None
    units = (output or {}).get("units")
    if baseline_accuracy is None and units and not probe_row_count:
        baseline_accuracy = 1 / max(units, 2)  # nothing was logged of the labels: what guessing gives
    pairs = [("accuracy", probe_accuracy, probe_val_accuracy), ("accuracy", accuracy, val_accuracy)]
    pairs = [p for p in pairs if p[1] is not None and p[2] is not None and baseline_accuracy is not None]
    if not pairs and probe_loss is not None and probe_val_loss is not None and baseline_loss is not None:
        pairs = [("loss", probe_loss, probe_val_loss)]
    if not pairs:
        return None
    what, ours, theirs = pairs[0]
    if what == "accuracy":
        # Rows of other labels than in training have another best constant answer: by the shift lower at most.
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
    rows = [count or 512 for count in (probe_row_count, min(validation_row_count or 512, 512))]
    if what == "accuracy":
        shares = [np.clip(floor + value * (1 - floor), 0, 1) for value in (ours_now, theirs_now)]
        error = float(np.hypot(*(_error(share, n) for share, n in zip(shares, rows)))) / (1 - floor)
    else:
        error = float(np.hypot(*((1 - min(v, 1)) * np.sqrt(2 / n) for v, n in zip((ours_now, theirs_now), rows))))
    # Where the validation rows show nothing at all, less is enough to say that only these rows are learned.
    nothing = theirs_now <= error and planned_epochs is not None and int(epochs[-1]) >= planned_epochs
    # The same where simple methods do better on rows that they have not seen.
    allowed = reference_skill(neighbour_skill, ridge_skill, loss_function if what == "loss" else None) or 0.0
    if allowed - ours_now > FAR:
        return None  # the training rows themselves are far from learned: that comes first
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


def probe_skill(
    probe_accuracy: np.ndarray | None = None,
    baseline_accuracy: float | None = None,
    probe_loss: np.ndarray | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
) -> np.ndarray | None:
    """Skill on probe rows, shape `(epoch,)`: from their accuracy, or from their loss where there are no classes."""
    if probe_accuracy is not None and baseline_accuracy is not None and np.isfinite(probe_accuracy).any():
        floor = min(baseline_accuracy, 0.999)
        return (np.asarray(probe_accuracy, float) - floor) / (1 - floor)
    perfect = perfect_loss or 0.0
    if probe_loss is not None and baseline_loss is not None and baseline_loss > perfect:
        return (baseline_loss - np.asarray(probe_loss, float)) / (baseline_loss - perfect)
    return None
