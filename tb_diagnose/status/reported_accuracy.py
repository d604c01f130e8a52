"""Whether the accuracy that Keras reports is the share of right answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived

ACCURACIES = ("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy")
"""Metrics that are shown as accuracy, in the order in which one is chosen where there are several."""
LAST = 3
"""Epochs at the end whose median is compared."""
DIFFERENCE, TRAINING_DIFFERENCE = 0.05, 0.15
"""Differences between the reported accuracy and the measured one that are worth a word. Both validation figures are taken in inference mode;
training figures are means over an epoch in which the model changes."""
SIGNIFICANT = 3.0
"""Standard errors by which they must differ."""
SAME_LOSS, SAME_LOSS_SHARE = 0.25, 0.05
"""How far the losses of the same samples may differ, as a share of themselves and of the best constant answer's: beyond that the samples, or what is
done to them, are not the same, and accuracies cannot be compared."""


@dataclass(frozen=True)
class Misreport:
    """An accuracy that is none.

    Args:
        why: "amounts", "samples", "binary", "single", "numbers": what is known from the settings. "differs": only measured.
        metric: Name of the metric.
        reported: What Keras reported at the end, None when unknown.
        measured: The share of right answers at the end, None when unknown.
        samples: "validation" or "training", of which the two were taken.
        since: First epoch.
    """

    why: str
    metric: str
    reported: float | None = None
    measured: float | None = None
    samples: str = "training"
    since: int = 0

    @property
    def difference(self) -> float:
        """Size of the error, 1 where the figure means nothing at all."""
        if self.why != "differs" or self.reported is None or self.measured is None:
            return 1.0
        return abs(self.reported - self.measured)


@derived
def misreport(
    label_form: str,
    compiled_metrics: Sequence[str],
    epochs: np.ndarray,
    output: dict[str, Any] | None = None,
    label_shape: Sequence[int] = (),
    label_unique_count: int | None = None,
    accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    loss: np.ndarray | None = None,
    val_loss: np.ndarray | None = None,
    probe_loss: np.ndarray | None = None,
    probe_val_loss: np.ndarray | None = None,
    penalty: np.ndarray | None = None,
    baseline_loss: float | None = None,
    probe_sample_count: int | None = None,
    training_only: Sequence[str] | None = None,
) -> Misreport | None:
    """What is wrong with the reported accuracy; None where it is the share of right answers, or none is reported."""
    metric = next((name for name in ACCURACIES if name in compiled_metrics), None)
    if metric is None and accuracy is None:
        return None
    metric = metric or "accuracy"
    validation = _pair(val_accuracy, probe_val_accuracy), val_loss, probe_val_loss, "validation"
    training = _pair(accuracy, probe_accuracy), loss, probe_loss, "training"
    (reported, measured), _, _, samples = validation if validation[0][0] is not None else training
    why = _by_settings(metric, label_form, output, label_shape, label_unique_count)
    if why is not None:
        return Misreport(why, metric, reported, measured, samples)
    done = epochs > 0
    if done.sum() < LAST:
        return None
    scale = abs(baseline_loss) if baseline_loss is not None and np.isfinite(baseline_loss) else 1.0
    extra = 0.0 if penalty is None else np.nan_to_num(penalty)
    if val_accuracy is not None and probe_val_accuracy is not None:
        gap = val_accuracy - probe_val_accuracy
        comparable = _same(val_loss, probe_val_loss, extra, scale) & np.isfinite(gap)
        least, pair, samples = DIFFERENCE, (val_accuracy, probe_val_accuracy), "validation"
    elif accuracy is not None and probe_accuracy is not None and not training_only:
        # A mean over the epoch lies between the measurements before and after it.
        before = np.append(np.nan, probe_accuracy[:-1])
        low, high = np.fmin(before, probe_accuracy), np.fmax(before, probe_accuracy)
        gap = np.where(accuracy > high, accuracy - high, np.minimum(accuracy - low, 0.0))
        comparable = _same(loss, probe_loss, extra, scale) & np.isfinite(gap)
        least, pair, samples = TRAINING_DIFFERENCE, (accuracy, probe_accuracy), "training"
    else:
        return None
    kept = np.flatnonzero(comparable & done)[-LAST:]
    if len(kept) < LAST or not (np.all(gap[kept] > 0) or np.all(gap[kept] < 0)):
        return None
    shown, right = (float(np.median(values[kept])) for values in pair)
    error = float(np.sqrt(max(right * (1 - right), 0.01) / (probe_sample_count or 512)))
    if abs(float(np.median(gap[kept]))) < max(least, SIGNIFICANT * error):
        return None
    small = np.flatnonzero(done & ~(np.abs(gap) >= least))
    since = int(epochs[min(small[-1] + 1, kept[0])]) if len(small) else 0
    return Misreport("differs", metric, shown, right, samples, since)


def _pair(reported: np.ndarray | None, measured: np.ndarray | None) -> tuple[float | None, float | None]:
    """Both at the end."""

    def end(values: np.ndarray | None) -> float | None:
        finite = values[np.isfinite(values)] if values is not None else np.zeros(0)
        return float(np.median(finite[-LAST:])) if len(finite) else None

    return end(reported), end(measured)


def _by_settings(
    metric: str,
    label_form: str,
    output: dict[str, Any] | None,
    label_shape: Sequence[int],
    label_unique_count: int | None,
) -> str | None:
    """Contradictions between the metric and the labels."""
    units = (output or {}).get("units")
    if label_form == "continuous":
        return "amounts"
    columns = int(label_shape[-1]) if len(label_shape) else 1
    if label_form == "multi_label" and (units or 1) > 1 and metric != "binary_accuracy":
        return "samples"
    if metric == "binary_accuracy":
        several = label_form in ("one_hot", "probabilities") and columns > 2
        return "binary" if several or (label_form == "integer" and (label_unique_count or 0) > 2) else None
    if units == 1 and metric in ("categorical_accuracy", "sparse_categorical_accuracy"):
        return "single"
    if metric == "categorical_accuracy" and label_form in ("binary", "integer") and columns == 1:
        return "numbers"
    return None


def _same(
    reported: np.ndarray | None, measured: np.ndarray | None, penalty: np.ndarray | float, scale: float
) -> np.ndarray | bool:
    """At which epochs the losses agree; everywhere when unknown."""
    if reported is None or measured is None:
        return np.True_
    allowed = SAME_LOSS * np.abs(measured) + SAME_LOSS_SHARE * scale
    with np.errstate(invalid="ignore"):
        return np.abs(reported - penalty - measured) <= allowed
