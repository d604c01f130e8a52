"""Does what a run has learned hold for samples that it was not trained on?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived
from tb_diagnose.status.chance import Guess
from tb_diagnose.status.skill import (
    FAR,
    FINISHED,
    LAST,
    LEARNED,
    MEMORIZED,
    SHORT,
    SIGNIFICANT,
    WORTHWHILE,
    probe_samples,
    probe_skill,
    reference_skill,
    standard_error,
    validation_probe_samples,
)

GAP = 0.15
"""Skill on training samples above that on validation samples that is more than the usual optimism: demo setups that
learn stay below 0.12."""
WIDE_GAP = 1.5 * GAP
"""The same from which a validation curve that still rises is no excuse, once the planned epochs are over."""
STILL_RISING = 0.03
"""Gain of validation skill over the last third of the epochs from which it is still being learned."""
ENOUGH_SAMPLES = 200
"""Different training samples of the rarest class, or for continuous targets samples an input feature (ten at most are
counted), from which simple methods tell what the inputs allow. With fewer they lack data as much as the network
does: with 30 samples a class, ridge regression reaches 0.46 on the validation samples of threshold_logits, and 0.83
with 1,200 (the same limit as in `too_little_data`)."""
MOST_FEATURES = 10
COPIES = 0.5
"""Share of validation samples that are training samples from which validation tells nothing of others; and of
training samples that repeat others, from which they are no sample of what the inputs are like."""
EPOCHS_WITH_AN_END, WELL_BEFORE = 6, 2 / 3
"""Epochs from which a best one can lie well before the end, and the share of the run that it must lie in for that."""
RISING_EPOCHS = 4
"""Epochs of rising validation loss before it counts: one or two are noise."""
RISE = 1.1
"""Validation loss at the end over its smallest value, up to which it is noise."""


@dataclass(frozen=True)
class Skills:
    """Skill on training and on validation samples, measured alike.

    Args:
        what: "accuracy", "loss" or "score", from which they were taken.
        epochs: Finished epochs with both figures, shape `(epoch,)`: every other one with `validation_freq=2`.
        training: Skill on training samples, shape `(epoch,)`.
        validation: Skill on validation samples, at least 0, shape `(epoch,)`.
        floor: Accuracy that counts as skill 0; None for a loss.
        training_samples: Samples that the one was measured on.
        validation_samples: Samples that the other was measured on.
        figures: The accuracy, loss or score on training and on validation samples in the last of these epochs.
    """

    what: str
    epochs: np.ndarray
    training: np.ndarray
    validation: np.ndarray
    floor: float | None
    training_samples: int
    validation_samples: int
    figures: tuple[float, float]

    def difference_error(self, training: float, validation: float) -> float:
        """Standard error of the difference of two levels."""
        return float(np.hypot(self._error(training, self.training_samples), self.validation_error(validation)))

    def validation_error(self, level: float) -> float:
        """Standard error of a level on validation samples."""
        return self._error(level, self.validation_samples)

    def _error(self, level: float, samples: int) -> float:
        if self.floor is None:
            # A mean of squared normal errors has a relative standard error of sqrt(2 / samples).
            return float((1 - min(level, 1)) * np.sqrt(2 / samples))
        share = float(np.clip(self.floor + level * (1 - self.floor), 0, 1))
        return standard_error(share, samples) / (1 - self.floor)


@dataclass(frozen=True)
class Gap:
    """What a run learned of its own samples only.

    Args:
        training: Skill on training samples at the end, in inference mode where it was measured.
        validation: The same on validation samples, at least 0.
        since: First epoch from which the gap lasts to the end.
        skills: Of which it was taken.
        excused_by: Skill of simple methods on the same validation samples, where they do no better there: then this is
            what the inputs allow, and the rest of the training skill is memorized. None where nothing excuses the gap.
    """

    training: float
    validation: float
    since: int
    skills: Skills
    excused_by: float | None = None

    @property
    def size(self) -> float:
        return self.training - self.validation


@dataclass(frozen=True)
class Turn:
    """A validation loss that turned up while the training loss went on falling.

    Args:
        best: Epoch after which it was lowest.
        lowest: Its value there.
        last: Last epoch with a validation loss.
        now: Its value at the end.
        ratio: Level at the end over the lowest value.
        training_then: Training loss after the best epoch.
        training_now: Training loss at the end.
    """

    best: int
    lowest: float
    last: int
    now: float
    ratio: float
    training_then: float
    training_now: float


@derived
def training_and_validation_skill(
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
    sample_count: int | None = None,
    probe_sample_count: int | None = None,
    validation_sample_count: int | None = None,
    validation_label_shift: float | None = None,
    label_counts: list[float] | None = None,
    output: dict[str, Any] | None = None,
    label_form: str | None = None,
    loss: np.ndarray | None = None,
    val_loss: np.ndarray | None = None,
    penalty: np.ndarray | None = None,
    guess: Guess | None = None,
    score: np.ndarray | None = None,
    val_score: np.ndarray | None = None,
) -> Skills | None:
    """Skill on training and on validation samples over the finished epochs, from the best pair of figures there is.

    The losses that fit reports stand in for measured ones where the targets are continuous. With classes, a validation
    loss can rise beside answers that stay right.
    """
    probed = (
        probe_samples(probe_sample_count),
        validation_probe_samples(validation_sample_count, probe_sample_count, sample_count),
    )
    reported = sample_count or probed[0], validation_sample_count or probed[1]
    units = (output or {}).get("units")
    if baseline_accuracy is None and not probe_sample_count:
        # Nothing was logged of the labels.
        begins = 0.5 if guess is None else guess.share
        baseline_accuracy = 1 / max(units, 2) if units else begins
    if baseline_accuracy is not None:
        # Samples of other labels than in training have another best constant answer: by the shift lower at most.
        chance = 1 / max(len(label_counts or []), 2)
        lowest = min(baseline_accuracy, chance)
        floor = min(max(lowest, baseline_accuracy - (validation_label_shift or 0.0)), 0.999)
        for pair, samples in (
            ((probe_accuracy, probe_val_accuracy), probed),
            ((accuracy, val_accuracy), reported),
        ):
            training, validation = (probe_skill(values, floor) for values in pair)
            skills = _paired("accuracy", epochs, pair, (training, validation), floor, samples)
            if skills is not None:
                return skills
    extra = np.zeros(len(epochs)) if penalty is None else np.nan_to_num(penalty)
    losses = [((probe_loss, probe_val_loss), probed)]
    if label_form == "continuous" and loss is not None and val_loss is not None:
        losses.append(((loss - extra, val_loss - extra), reported))
    for pair, samples in losses:
        training, validation = (probe_skill(None, None, values, baseline_loss, perfect_loss) for values in pair)
        skills = _paired("loss", epochs, pair, (training, validation), None, samples)
        if skills is not None:
            return skills
    if score is not None and val_score is not None:
        return _paired("score", epochs, (score, val_score), (score, val_score), 0.0, reported)
    return None


def _paired(
    what: str,
    epochs: np.ndarray,
    measured: tuple[np.ndarray | None, np.ndarray | None],
    skills: tuple[np.ndarray | None, np.ndarray | None],
    floor: float | None,
    samples: tuple[int, int],
) -> Skills | None:
    """Both skills over the finished epochs in which both were measured; None where there is no such epoch."""
    training, validation = skills
    if training is None or validation is None:
        return None
    both = (epochs > 0) & np.isfinite(training) & np.isfinite(validation)
    if not both.any():
        return None
    ends = tuple(float(values[both][-1]) for values in measured if values is not None)
    return Skills(
        what, epochs[both], training[both], np.maximum(validation[both], 0.0), floor, *samples, (ends[0], ends[-1])
    )


@derived
def validation_gap(
    epochs: np.ndarray,
    training_and_validation_skill: Skills | None = None,
    last_epoch: int | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    loss_function: dict[str, Any] | None = None,
    validation_reference_skill: float | None = None,
    reference_is_telling: bool | None = None,
) -> Gap | None:
    """The gap between training and validation skill where it is significant, and the validation rises no more.

    A wide gap at the planned end counts even then. None otherwise, and where the training samples are not learned
    either.
    """
    skills = training_and_validation_skill
    if skills is None or len(skills.training) < LAST:
        return None
    training, validation = float(skills.training[-LAST:].mean()), float(skills.validation[-LAST:].mean())
    error = skills.difference_error(training, validation)
    loss = loss_function if skills.what == "loss" else None
    allowed = reference_skill(neighbour_skill, ridge_skill, loss) or 0.0
    if allowed - training > FAR:
        return None  # the training samples themselves are far from learned: that comes first
    over = last_epoch is not None and int(epochs[-1]) >= last_epoch
    # Where the validation samples show nothing at all, less is enough to say that only these samples are learned.
    nothing = validation <= error and over
    # The same where simple methods do better on samples that they have not seen.
    learned = training >= FINISHED * allowed >= FINISHED * LEARNED
    behind = learned and allowed - validation > max(SHORT, SIGNIFICANT * error)
    least = GAP / 2 if nothing or behind else GAP
    if not training - validation > max(least, SIGNIFICANT * error):
        return None
    wide = over and training - validation > WIDE_GAP
    if _still_rising(skills.validation, training, error) and not wide:
        return None
    gap = Gap(training, validation, _since(skills, least), skills)
    if validation_reference_skill is None or not reference_is_telling:
        return gap
    reached = reference_skill(validation_reference_skill, None, loss) or 0.0
    margin = max(SHORT, SIGNIFICANT * skills.validation_error(validation))
    # At 0 simple methods tell nothing of the labels: that allows for no skill, and excuses none.
    excused = reached >= LEARNED and validation >= reached - margin
    return replace(gap, excused_by=reached) if excused else gap


def _still_rising(validation: np.ndarray, training: float, error: float) -> bool:
    """Whether validation skill gained over the last third of the epochs what leaves hope for more."""
    third = max(len(validation) // 3, 1)
    rise = float(np.mean(validation[-third:]) - np.mean(validation[-2 * third : -third]))
    hope = WORTHWHILE if training >= MEMORIZED else STILL_RISING
    return rise > max(hope, SIGNIFICANT * error / 3)


def _since(skills: Skills, least: float) -> int:
    """First epoch from which the gap lasts to the end, single epochs smoothed away."""
    epochs = skills.epochs
    gaps = skills.training - skills.validation
    narrow = np.flatnonzero(~(_smoothed(gaps) > least))
    return int(epochs[min(narrow[-1] + 1, len(epochs) - 1)]) if len(narrow) else int(epochs[0])


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Medians of three values in a row, of two at the ends; at least three values, shape `(epoch,)`."""
    inner = np.median(np.lib.stride_tricks.sliding_window_view(values, 3), axis=1)
    return np.concatenate([[values[:2].mean()], inner, [values[-2:].mean()]])


@derived
def reference_is_telling(
    sample_count: int,
    label_form: str | None = None,
    label_counts: list[float] | None = None,
    duplicate_sample_fraction: float | None = None,
    input_shape: list[list[int]] | None = None,
    operations: Sequence[str] | None = None,
) -> bool:
    """Whether simple methods tell what the inputs allow: they have samples enough, and see what the network sees.

    Of sequences of ids they see only how often each occurs. A network that pools right behind its Embedding sees no
    more; one that reads them in order does.
    """
    distinct = 1 - (duplicate_sample_fraction or 0.0)
    if _reads_in_order(operations or ()) or distinct <= 1 - COPIES:
        return False
    if label_form == "continuous":
        features = sum(int(np.prod(shape)) for shape in input_shape or [[1]])
        return sample_count * distinct >= ENOUGH_SAMPLES * min(max(features, 1), MOST_FEATURES)
    # A rule is no better known than its rarest class.
    rarest = min([count for count in label_counts or [] if count > 0], default=sample_count / 2)
    return bool(rarest * distinct >= ENOUGH_SAMPLES)


def _reads_in_order(operations: Sequence[str]) -> bool:
    """Whether ids are embedded, and something else than a pooling over the whole sequence reads them."""
    if "Embedding" not in operations:
        return False
    behind = operations[list(operations).index("Embedding") + 1 :]
    reading = next((name for name in behind if "Dropout" not in name), "")
    return not reading.startswith("Global")


@derived
def validation_turn(epochs: np.ndarray, val_loss: np.ndarray, loss: np.ndarray) -> Turn | None:
    """Where the validation loss turned up while the training loss went on falling; None where it did not."""
    kept = np.isfinite(val_loss) & np.isfinite(loss)
    validation, training, numbers = val_loss[kept], loss[kept], epochs[kept]
    if len(validation) < RISING_EPOCHS + 1:
        return None
    best = int(validation.argmin())
    if len(validation) - 1 - best < RISING_EPOCHS or not training[-1] < training[best] or not validation[best] > 0:
        return None
    ratio = float(np.median(validation[-2:]) / validation[best])
    if ratio <= RISE:
        return None
    return Turn(
        int(numbers[best]),
        float(validation[best]),
        int(numbers[-1]),
        float(validation[-1]),
        ratio,
        float(training[best]),
        float(training[-1]),
    )


@derived
def validation_best_epoch(epochs: np.ndarray, val_loss: np.ndarray) -> int | None:
    """The epoch of the lowest validation loss, single epochs smoothed away, where it lies well before the end.

    None where validation was best near the end, and for few epochs.
    """
    kept = np.isfinite(val_loss) & (epochs > 0)
    losses, numbers = val_loss[kept], epochs[kept]
    if len(losses) < EPOCHS_WITH_AN_END:
        return None
    smooth = _smoothed(losses)
    best = int(smooth.argmin())
    return int(numbers[best]) if best + 1 <= WELL_BEFORE * len(losses) and smooth[-1] > smooth[best] else None


@derived
def copied_validation_fraction(
    validation_overlap_fraction: float,
    natural_duplicate_fraction: float | None = None,
    memorized_validation_skill: float | None = None,
) -> float | None:
    """Share of copies of training samples among the validation samples, where it makes validation worthless."""
    copies = validation_overlap_fraction - (natural_duplicate_fraction or 0.0)
    memorized = memorized_validation_skill is not None and memorized_validation_skill >= FAR
    return validation_overlap_fraction if copies >= COPIES or memorized else None
