"""Levels at the end of a run: what the last epochs show, on training samples and on validation samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.evidence import derived
from tb_diagnose.status.skill import FAR, LAST, probe_skill, reference_skill, validation_probe_samples


def level_at_end(values: np.ndarray | None, epochs: np.ndarray | None = None, last: int = LAST) -> float | None:
    """Mean of the last `last` finite values; None where there are none.

    Args:
        values: One value an epoch, shape `(epoch,)`.
        epochs: Epoch numbers. Where given, the state before the first step (epoch 0) is left out.
        last: Number of values that the level is the mean of.
    """
    if values is None:
        return None
    counts = np.isfinite(values) if epochs is None else np.isfinite(values) & (epochs > 0)
    return float(values[counts][-last:].mean()) if counts.any() else None


@derived
def validation_probe_sample_count(
    validation_sample_count: int, probe_sample_count: int | None = None, sample_count: int | None = None
) -> int:
    """Validation samples that the figures of the probe batch are taken from."""
    return validation_probe_samples(validation_sample_count, probe_sample_count, sample_count)


@derived
def final_accuracy(
    epochs: np.ndarray, probe_accuracy: np.ndarray | None = None, accuracy: np.ndarray | None = None
) -> float | None:
    """Accuracy on training samples at the end, in inference mode where it was measured."""
    measured = level_at_end(probe_accuracy, epochs)
    return level_at_end(accuracy, epochs) if measured is None else measured


@derived
def final_validation_accuracy(
    epochs: np.ndarray, probe_val_accuracy: np.ndarray | None = None, val_accuracy: np.ndarray | None = None
) -> float | None:
    """Accuracy on validation samples at the end, as measured, or else as fit reports it."""
    measured = level_at_end(probe_val_accuracy, epochs)
    return level_at_end(val_accuracy, epochs) if measured is None else measured


@derived
def final_validation_skill(
    epochs: np.ndarray,
    final_validation_accuracy: float | None = None,
    baseline_accuracy: float | None = None,
    label_counts: list[float] | None = None,
    probe_val_loss: np.ndarray | None = None,
    val_loss: np.ndarray | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
) -> float | None:
    """Skill on validation samples at the end, from accuracy, or else from the loss; None where neither tells."""
    if baseline_accuracy is None and label_counts and sum(label_counts):
        baseline_accuracy = max(label_counts) / sum(label_counts)
    if final_validation_accuracy is not None and baseline_accuracy is not None and baseline_accuracy < 1:
        return (final_validation_accuracy - baseline_accuracy) / (1 - baseline_accuracy)
    losses = val_loss if probe_val_loss is None else probe_val_loss
    return level_at_end(probe_skill(None, None, losses, baseline_loss, perfect_loss), epochs)


@derived
def memorized_validation_skill(
    validation_overlap_fraction: float,
    final_validation_skill: float | None = None,
    natural_duplicate_fraction: float | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    loss_function: dict[str, Any] | None = None,
    label_form: str | None = None,
) -> float | None:
    """Skill on validation samples that memorizing their copies among the training samples may account for.

    At most what lies above the skill of simple methods on samples that they have not seen, and at most what perfect
    answers about the copies are worth. None where no simple method was tried: then nothing tells.
    """
    loss = loss_function if label_form == "continuous" else None
    unseen = reference_skill(neighbour_skill, ridge_skill, loss)
    if final_validation_skill is None or unseen is None:
        return None
    copies = max(validation_overlap_fraction - (natural_duplicate_fraction or 0.0), 0.0)
    unseen = min(max(unseen, 0.0), 1.0)
    return max(min(final_validation_skill - unseen, copies * (1 - unseen)), 0.0)


@derived
def validation_is_trusted(memorized_validation_skill: float | None) -> bool | None:
    """Whether validation tells of samples that were not trained on; None where that is unknown."""
    return None if memorized_validation_skill is None else memorized_validation_skill < FAR


@derived
def best_accuracy_on_both(
    epochs: np.ndarray,
    probe_accuracy: np.ndarray | None = None,
    accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    validation_is_trusted: bool | None = None,
) -> float | None:
    """Highest accuracy that training and validation samples show alike; None where validation cannot be trusted.

    The lower of the two at each epoch, and the highest median of three epochs in a row: a single epoch may be lucky,
    and so may the model before the first step. Validation alone may be lucky for many epochs: samples of a class are
    answered alike, so that a whole class is right or wrong by chance.
    """
    validation = val_accuracy if probe_val_accuracy is None else probe_val_accuracy
    training = accuracy if probe_accuracy is None else probe_accuracy
    if validation is None or validation_is_trusted is False:
        return None
    lower = validation if training is None else np.fmin(training, validation)
    known = lower[(epochs > 0) & np.isfinite(validation)]
    if not len(known):
        return None
    return float(max(np.median(known[i : i + 3]) for i in range(max(len(known) - 2, 1))))
