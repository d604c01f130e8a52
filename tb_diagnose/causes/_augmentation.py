"""How much harder augmentation makes the samples: as measured, by the settings of its layers, and in an input pipeline.

Each is derived evidence of its own; the cause `excessive_augmentation` weighs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived
from tb_diagnose.evidence.keras_config import walk_layers
from tb_diagnose.status.levels import level_at_end

MARKS = (
    "Random",
    "GaussianNoise",
    "MixUp",
    "CutMix",
    "AugMix",
    "AutoContrast",
    "Solarization",
    "Equalization",
    "MaxNumBoundingBoxes",
)
"""Parts of the names of Keras's augmentation layers."""
LIGHT = {
    "RandomRotation": 0.1,
    "RandomTranslation": 0.15,
    "RandomZoom": 0.2,
    "RandomShear": 0.15,
    "RandomContrast": 0.3,
    "RandomBrightness": 0.3,
}
"""Settings that leave a picture what it is: 36 degrees (as in Keras's image classification example), a seventh of
its side, a fifth of its size."""
LIGHT_NOISE = 0.3
"""Standard deviation of GaussianNoise as a share of that of the inputs: a tenth of their power."""


@derived
def augmentation_layers(operations: Sequence[str]) -> tuple[str, ...]:
    """Class names of the layers that augment, in alphabetical order."""
    return tuple(sorted({name for name in operations if any(mark in name for mark in MARKS)}))


@derived
def loss_scale(baseline_loss: float, perfect_loss: float | None = None) -> float | None:
    """Loss between the best constant answer and a perfect one; None where there is no such way."""
    scale = baseline_loss - (perfect_loss or 0.0)
    return scale if scale > 0 else None


@derived
def accuracy_lost_in_fit(accuracy: np.ndarray, probe_accuracy: np.ndarray, epochs: np.ndarray) -> float | None:
    """Accuracy on the samples as they were given above the one that fit reports, at the end."""
    as_given, in_fit = level_at_end(during_epoch(probe_accuracy), epochs), level_at_end(accuracy, epochs)
    return None if as_given is None or in_fit is None else as_given - in_fit


@dataclass(frozen=True)
class TrainingModeLoss:
    """Losses of the probe samples with and without the layers that act in training only.

    Args:
        as_they_are: Loss in inference mode.
        in_training: Loss in training mode.
        epoch: When: before the first step (0), or at the end.
        added: The difference, as a share of the way from the best constant answer to a perfect one.
        learned: Share of that way that the model has come on the samples as they are, at the end.
    """

    as_they_are: float
    in_training: float
    epoch: int
    added: float
    learned: float


@derived
def training_mode_loss(
    probe_training_loss: np.ndarray,
    probe_loss: np.ndarray,
    baseline_loss: float,
    loss_scale: float | None,
    epochs: np.ndarray,
) -> TrainingModeLoss | None:
    """What layers that act in training only add to the loss of the probe samples, where they add most.

    Where augmentation leaves nothing to learn, both losses end at the constant answer: then it shows before training.
    """
    if loss_scale is None:
        return None
    with np.errstate(invalid="ignore"):  # both may be infinite in a run that diverged
        added = (probe_training_loss - probe_loss) / loss_scale
    known = np.flatnonzero(np.isfinite(added))
    if not len(known):
        return None
    first = float(added[0]) if epochs[0] == 0 and np.isfinite(added[0]) else 0.0
    last, level = level_at_end(added, epochs) or 0.0, level_at_end(probe_loss, epochs)
    at = 0 if first > last else int(known[-1])
    return TrainingModeLoss(
        float(probe_loss[at]),
        float(probe_training_loss[at]),
        int(epochs[at]),
        max(first, last),
        0.0 if level is None else (baseline_loss - level) / loss_scale,
    )


@derived
def augmentation_strengths(model: dict[str, Any], input_std: Sequence[float] | None = None) -> Mapping[str, float]:
    """Settings of the augmentation layers over light ones, by the class of the layer."""
    deviation = float(np.sqrt(np.mean(np.square(input_std or [1.0])))) or 1.0
    strengths: dict[str, float] = {}
    for layer in walk_layers(model):
        if layer.kind == "GaussianNoise":
            ratio = float(layer.config.get("stddev") or 0.0) / (LIGHT_NOISE * deviation)
        elif layer.kind in LIGHT:
            factors = [value for key, value in layer.config.items() if key.endswith("factor") and value is not None]
            ratio = max((float(np.abs(value).max()) for value in factors), default=0.0) / LIGHT[layer.kind]
        else:
            continue
        strengths[layer.kind] = float(np.hypot(strengths.get(layer.kind, 0.0), ratio))
    return strengths


@dataclass(frozen=True)
class PipelineLoss:
    """The loss of what comes to fit beside that of the same samples as they were given.

    Args:
        in_fit: Loss that fit reports at the end, a mean over the epoch.
        as_given: Loss of the samples as they were given, over the same epoch.
        validation: Loss of validation samples, None where there are none.
        added: Loss that is in fit only, its penalty left out.
        jumps: Standard deviation of the losses of the single batches.
        error: Standard error of the loss of an epoch.
    """

    in_fit: float
    as_given: float
    validation: float | None
    added: float
    jumps: float
    error: float


@derived
def pipeline_loss(
    loss: np.ndarray,
    probe_training_loss: np.ndarray,
    epochs: np.ndarray,
    penalty: np.ndarray | None = None,
    val_loss: np.ndarray | None = None,
    step_loss_std: np.ndarray | None = None,
    steps_per_epoch: float | None = None,
) -> PipelineLoss | None:
    """The loss that fit reports beside that of the samples as they were given; None where either is unknown."""
    in_fit, as_given = level_at_end(loss, epochs), level_at_end(during_epoch(probe_training_loss), epochs)
    if in_fit is None or as_given is None:
        return None
    jumps = level_at_end(step_loss_std, epochs) or 0.0
    return PipelineLoss(
        in_fit,
        as_given,
        level_at_end(val_loss, epochs),
        in_fit - as_given - max(level_at_end(penalty, epochs) or 0.0, 0.0),
        jumps,
        jumps / float(np.sqrt(steps_per_epoch or 100.0)),
    )


def during_epoch(values: np.ndarray) -> np.ndarray:
    """Means of the measurements before and after each epoch: what fit reports is a mean over an epoch, too."""
    before = np.append(np.nan, values[:-1])
    return np.where(np.isfinite(before), (before + values) / 2, values)
