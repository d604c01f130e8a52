"""Numbers that should be the same and are not: as fit reports them and as measured, in training and in inference mode.

Three pairs are compared over the last epochs, each with its error: the probe samples in training mode and in inference
mode, the training samples as fit reports them and in training mode, and the validation samples as fit reports them and
as measured. A pair that differs by more than its error has a reason. Dropout, augmentation and a mean over an epoch in
which the model changes are healthy ones, and moving statistics that still catch up; any other reason is a cause, or is
said in the headline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived
from tb_diagnose.evidence.number import number
from tb_diagnose.status.moving_statistics import MovingStatistics
from tb_diagnose.status.reported_accuracy import (
    DIFFERENCE,
    LAST,
    SAME_LOSS,
    SAME_LOSS_SHARE,
    SIGNIFICANT,
    TRAINING_DIFFERENCE,
    outside,
)
from tb_diagnose.status.skill import probe_samples, validation_probe_samples

MODES_DIFFERENCE, BESIDE_LOSS = 0.1, 0.05
"""Accuracy in training mode above that in inference mode that is worth a word, by itself and where the losses differ as
well. Runs of the demo setups with BatchNormalization that learn end below 0.02."""
LOSS_DIFFERENCE = 0.15
"""The same for a loss, as a share of the way from the best constant answer to a perfect one: these end below 0.04."""
READ_AHEAD = 20_000
"""Samples of a Dataset from which a set may have been read in part (compare `status.READ_AHEAD`)."""


@dataclass(frozen=True)
class Disagreement:
    """Two figures of the same samples that differ beyond their error.

    Args:
        pair: "modes" (training mode, inference mode), "training" (as fit reports them, in training mode) or
            "validation" (as fit reports them, as measured).
        what: "accuracy" or "loss".
        one: The first figure, after the last epoch that has both.
        other: The second.
        limit: Difference that errors allow.
        samples: Probe samples that were measured.
        since: First epoch from which they differ to the end.
        excuse: The healthy reason that is enough to explain it, None where there is none.
    """

    pair: str
    what: str
    one: float
    other: float
    limit: float
    samples: int
    since: int
    excuse: str | None = None

    @property
    def difference(self) -> float:
        return abs(self.one - self.other)

    @property
    def better_in_training(self) -> bool:
        """Of a pair of modes: whether training mode is the better one."""
        return (self.one > self.other) == (self.what == "accuracy")

    @property
    def lacking(self) -> float:
        """What the second figure lacks to a perfect one."""
        return max(1 - self.other if self.what == "accuracy" else self.other, 1e-9)

    @property
    def clause(self) -> str:
        """Both figures as a clause of a sentence."""
        one, other = f"{number(self.one)}", f"{number(self.other)}"
        if self.pair == "modes":
            return (
                f"the {self.what} of the same samples is {one} in training mode and {other} in inference mode, in "
                "which predictions are made"
            )
        if self.pair == "training":
            return f"fit reports {_a(self.what)} of {one}, and samples of `data` have {other} in training mode"
        return f"fit reports a validation {self.what} of {one}, and tb_diagnose measures {other} on validation samples"


def _a(what: str) -> str:
    return f"an {what}" if what[0] in "aeiou" else f"a {what}"


@derived
def modes_disagreement(
    epochs: np.ndarray,
    probe_training_accuracy: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
    probe_training_loss: np.ndarray | None = None,
    probe_loss: np.ndarray | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
    label_form: str | None = None,
    probe_sample_count: int | None = None,
    training_only: Sequence[str] | None = None,
    moving_statistics: MovingStatistics | None = None,
) -> Disagreement | None:
    """The probe samples in training mode and in inference mode, where these differ."""
    samples = probe_samples(probe_sample_count)
    found = None
    if probe_training_accuracy is not None and probe_accuracy is not None:
        gap = probe_training_accuracy - probe_accuracy
        pair = ("modes", "accuracy", probe_training_accuracy, probe_accuracy)
        least = np.full(len(epochs), MODES_DIFFERENCE)
        if probe_training_loss is not None and probe_loss is not None:
            with np.errstate(invalid="ignore"):  # both may be infinite in a run that diverged
                apart = probe_loss - probe_training_loss > LOSS_DIFFERENCE * _scale(baseline_loss, perfect_loss)
            least = np.where(apart, BESIDE_LOSS, least)
        found = _differing(pair, gap, epochs, samples, least, _paired_error(gap, samples))
    elif label_form == "continuous" and probe_training_loss is not None and probe_loss is not None and training_only:
        scale = _scale(baseline_loss, perfect_loss)
        gap = probe_loss - probe_training_loss  # a lower loss is better
        pair = ("modes", "loss", probe_training_loss, probe_loss)
        found = _differing(pair, gap, epochs, samples, LOSS_DIFFERENCE * scale, _loss_error(probe_loss, samples))
    if found is None:
        return None
    if not found.better_in_training:
        return _excused(found, f"{', '.join(sorted(set(training_only or ())))} in training")
    if moving_statistics is not None and moving_statistics.catch_up:
        return _excused(found, "moving statistics that still catch up")
    return found


@derived
def training_disagreement(
    epochs: np.ndarray,
    accuracy: np.ndarray,
    probe_accuracy: np.ndarray,
    probe_training_accuracy: np.ndarray | None = None,
    probe_sample_count: int | None = None,
    training_only: Sequence[str] | None = None,
    sample_count: int | None = None,
    data_form: str | None = None,
    masked_places: bool | None = None,
    data_is_whole: bool | None = None,
) -> Disagreement | None:
    """The training samples as fit reports them, a mean over the epoch, and in training mode before and after it."""
    measured = probe_training_accuracy if training_only else probe_accuracy
    in_part = data_is_whole is False or (data_form == "dataset" and (sample_count or 0) >= READ_AHEAD)
    if measured is None or masked_places or in_part:
        return None
    samples = probe_samples(probe_sample_count)
    gap = outside(accuracy, measured)
    pair = ("training", "accuracy", accuracy, measured)
    found = _differing(pair, gap, epochs, samples, TRAINING_DIFFERENCE, _share_error(measured, samples))
    if found is None or found.one > found.other:
        return found
    return _excused(found, "augmentation, Dropout, or an epoch in which the model learned")


@derived
def validation_disagreement(
    epochs: np.ndarray,
    val_accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    val_loss: np.ndarray | None = None,
    probe_val_loss: np.ndarray | None = None,
    penalty: np.ndarray | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
    label_form: str | None = None,
    validation_sample_count: int | None = None,
    probe_sample_count: int | None = None,
    sample_count: int | None = None,
    masked_places: bool | None = None,
    validation_is_whole: bool | None = None,
) -> Disagreement | None:
    """The validation samples as fit reports them and as measured, where these differ."""
    if masked_places or validation_is_whole is False or (validation_sample_count or 0) >= READ_AHEAD:
        return None
    samples = validation_probe_samples(validation_sample_count, probe_sample_count, sample_count)
    if val_accuracy is not None and probe_val_accuracy is not None:
        gap = val_accuracy - probe_val_accuracy
        pair = ("validation", "accuracy", val_accuracy, probe_val_accuracy)
        return _differing(pair, gap, epochs, samples, DIFFERENCE, _share_error(probe_val_accuracy, samples))
    if label_form == "continuous" and val_loss is not None and probe_val_loss is not None:
        extra = np.zeros(len(epochs)) if penalty is None else np.nan_to_num(penalty)
        reported = val_loss - extra
        pair = ("validation", "loss", reported, probe_val_loss)
        least = SAME_LOSS_SHARE * _scale(baseline_loss, perfect_loss)
        error = np.fmax(_loss_error(probe_val_loss, samples), SAME_LOSS / SIGNIFICANT * np.abs(probe_val_loss))
        return _differing(pair, reported - probe_val_loss, epochs, samples, least, error)
    return None


@derived
def masked_places(
    label_shape: Sequence[int], label_form: str | None = None, model: dict[str, Any] | None = None
) -> bool:
    """Whether labels stand for places of a sequence, of which fit leaves some out of its accuracy by a mask."""
    classes = label_form in ("one_hot", "probabilities", "multi_label")
    places = int(np.prod(list(label_shape)[: len(label_shape) - classes]))
    text = str(model)
    return places > 1 and ("'mask_zero': True" in text or "'class_name': 'Masking'" in text)


def disagreements(evidence: Any) -> tuple[Disagreement, ...]:
    """The pairs of a run that differ without a healthy reason, the most telling one first."""
    names = ("modes_disagreement", "validation_disagreement", "training_disagreement")
    found = [evidence.get(name) for name in names]
    return tuple(each for each in found if each is not None and each.excuse is None)


def _excused(found: Disagreement, excuse: str) -> Disagreement:
    return Disagreement(**{**vars(found), "excuse": excuse})


def _differing(
    pair: tuple[str, str, np.ndarray, np.ndarray],
    gap: np.ndarray,
    epochs: np.ndarray,
    samples: int,
    least: float | np.ndarray,
    error: np.ndarray,
) -> Disagreement | None:
    """The disagreement where the figures of the last epochs all differ the same way, by more than they may.

    Args:
        pair: Which one, of what, and both series.
        gap: By how much the first is beyond what the second allows, shape `(epoch,)`.
        epochs: Epoch numbers.
        samples: Probe samples.
        least: Difference that is worth a word. Of fewer than `LAST` epochs, all that there are must differ by as much
            more.
        error: Standard error of the difference, shape `(epoch,)`.
    """
    name, what, one, other = pair
    done = epochs > 0
    kept = np.flatnonzero(done & np.isfinite(gap) & np.isfinite(error))[-LAST:]
    if not len(kept) or not (np.all(gap[kept] > 0) or np.all(gap[kept] < 0)):
        return None
    limits = np.maximum(least * LAST / len(kept), SIGNIFICANT * error)
    if not np.median(np.abs(gap[kept]) - limits[kept]) > 0 or not abs(gap[kept[-1]]) > limits[kept[-1]]:
        return None
    small = np.flatnonzero(done & ~(np.abs(gap) > limits))
    since = int(epochs[min(small[-1] + 1, kept[-1])]) if len(small) else int(epochs[done][0])
    last = kept[-1]
    return Disagreement(name, what, float(one[last]), float(other[last]), float(limits[last]), samples, since)


def _share_error(share: np.ndarray, samples: int) -> np.ndarray:
    return np.asarray(np.sqrt(np.maximum(share * (1 - share), 0.01) / samples))


def _paired_error(gap: np.ndarray, samples: int) -> np.ndarray:
    """Of the difference of two shares of the same samples: at least as many change sides as it says."""
    return np.asarray(np.sqrt(np.maximum(np.abs(gap), 1 / samples) / samples))


def _loss_error(loss: np.ndarray, samples: int) -> np.ndarray:
    """A mean of squared normal errors has a relative standard error of sqrt(2 / samples)."""
    return np.asarray(np.abs(loss) * np.sqrt(2 / samples))


def _scale(baseline: float | None, perfect: float | None) -> float:
    scale = (baseline if baseline is not None and np.isfinite(baseline) else 1.0) - (perfect or 0.0)
    return scale if scale > 0 else 1.0
