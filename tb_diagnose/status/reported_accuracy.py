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
"""Differences between the reported accuracy and the measured one that are worth a word. Both validation figures are
taken in inference mode; training figures are means over an epoch in which the model changes."""
SIGNIFICANT = 3.0
"""Standard errors by which they must differ."""
SAME_LOSS, SAME_LOSS_SHARE = 0.25, 0.05
"""How far the losses of the same samples may differ, as a share of themselves and of the best constant answer's: beyond
that the samples, or what is done to them, are not the same, and accuracies cannot be compared."""
USUAL_PROBE = 512
"""Samples of a probe batch where their number was not logged."""


@dataclass(frozen=True)
class Misreport:
    """A reported accuracy that is not the share of right answers.

    Args:
        why: "continuous", "multi_label", "columns", "single" or "class_numbers" where the settings tell, "differs"
            where only the figures do.
        metric: Name of the metric.
        reported: What Keras reported over the last epochs, None when unknown.
        measured: The share of right answers over the last epochs, None when unknown.
        last: The two in the last epoch, as their curves show them.
        samples: "validation" or "training", of which the two were taken.
        since: First epoch.
    """

    why: str
    metric: str
    reported: float | None = None
    measured: float | None = None
    last: tuple[float | None, float | None] = (None, None)
    samples: str = "training"
    since: int = 0

    @property
    def by_settings(self) -> bool:
        """Whether it is known from the settings, and not only from figures that differ."""
        return self.why != "differs"

    @property
    def difference(self) -> float:
        """Size of the error, 1 where the figure means nothing at all."""
        if self.by_settings or self.reported is None or self.measured is None:
            return 1.0
        return abs(self.reported - self.measured)


@dataclass(frozen=True)
class _Pair:
    """The reported accuracy and the measured one of the same samples, and how far they are apart.

    Args:
        samples: "validation" or "training".
        reported: Shape `(epoch,)`.
        measured: Shape `(epoch,)`.
        gap: By how much the first is outside of what the second allows, shape `(epoch,)`.
        comparable: Whether the losses say that the samples are the same, shape `(epoch,)`.
        least: Difference that is worth a word.
    """

    samples: str
    reported: np.ndarray
    measured: np.ndarray
    gap: np.ndarray
    comparable: np.ndarray
    least: float


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
    why = _contradiction(metric, label_form, output, label_shape, label_unique_count)
    if why is not None:
        validated = _end(val_accuracy) is not None
        pair = (val_accuracy, probe_val_accuracy) if validated else (accuracy, probe_accuracy)
        last = _last(pair[0]), _last(pair[1])
        return Misreport(why, metric, _end(pair[0]), _end(pair[1]), last, "validation" if validated else "training")
    scale = abs(baseline_loss) if baseline_loss is not None and np.isfinite(baseline_loss) else 1.0
    extra = np.zeros(len(epochs)) if penalty is None else np.nan_to_num(penalty)
    if val_accuracy is not None and probe_val_accuracy is not None:
        same = _same(val_loss, probe_val_loss, extra, scale)
        gap = val_accuracy - probe_val_accuracy
        compared = _Pair("validation", val_accuracy, probe_val_accuracy, gap, same, DIFFERENCE)
    elif accuracy is not None and probe_accuracy is not None and not training_only:
        same = _same(loss, probe_loss, extra, scale)
        gap = outside(accuracy, probe_accuracy)
        compared = _Pair("training", accuracy, probe_accuracy, gap, same, TRAINING_DIFFERENCE)
    else:
        return None
    return _differs(compared, metric, epochs, probe_sample_count or USUAL_PROBE)


def _contradiction(
    metric: str,
    label_form: str,
    output: dict[str, Any] | None,
    label_shape: Sequence[int],
    label_unique_count: int | None,
) -> str | None:
    """A contradiction between the metric and the labels."""
    units = (output or {}).get("units")
    columns = int(label_shape[-1]) if len(label_shape) else 1
    if label_form == "continuous":
        return "continuous"
    if label_form == "multi_label" and (units or 1) > 1 and metric != "binary_accuracy":
        return "multi_label"
    if metric == "binary_accuracy":
        several = label_form in ("one_hot", "probabilities") and columns > 2
        return "columns" if several or (label_form == "integer" and (label_unique_count or 0) > 2) else None
    if units == 1 and metric in ("categorical_accuracy", "sparse_categorical_accuracy"):
        return "single"
    if metric == "categorical_accuracy" and label_form in ("binary", "integer") and columns == 1:
        return "class_numbers"
    return None


def _differs(pair: _Pair, metric: str, epochs: np.ndarray, samples: int) -> Misreport | None:
    """The report where the figures of the last epochs all differ the same way, and by more than chance."""
    done = epochs > 0
    kept = np.flatnonzero(pair.comparable & np.isfinite(pair.gap) & np.isfinite(pair.measured) & done)[-LAST:]
    gap = pair.gap[kept]
    if len(kept) < LAST or not (np.all(gap > 0) or np.all(gap < 0)):
        return None
    right = float(np.median(pair.measured[kept]))
    error = float(np.sqrt(max(right * (1 - right), 0.01) / samples))
    if abs(float(np.median(gap))) < max(pair.least, SIGNIFICANT * error):
        return None
    small = np.flatnonzero(done & ~(np.abs(pair.gap) >= pair.least))
    since = int(epochs[min(small[-1] + 1, kept[0])]) if len(small) else 0
    last = _last(pair.reported), _last(pair.measured)
    return Misreport("differs", metric, float(np.median(pair.reported[kept])), right, last, pair.samples, since)


def outside(accuracy: np.ndarray, probe_accuracy: np.ndarray) -> np.ndarray:
    """By how much a mean over the epoch is outside of the measurements before and after it, shape `(epoch,)`."""
    before = np.append(np.nan, probe_accuracy[:-1])
    low, high = np.fmin(before, probe_accuracy), np.fmax(before, probe_accuracy)
    return np.asarray(np.where(accuracy > high, accuracy - high, np.minimum(accuracy - low, 0.0)))


def _last(values: np.ndarray | None) -> float | None:
    """The last finite value."""
    finite = values[np.isfinite(values)] if values is not None else np.zeros(0)
    return float(finite[-1]) if len(finite) else None


def _end(values: np.ndarray | None) -> float | None:
    """Median of the last finite values."""
    finite = values[np.isfinite(values)] if values is not None else np.zeros(0)
    return float(np.median(finite[-LAST:])) if len(finite) else None


def _same(reported: np.ndarray | None, measured: np.ndarray | None, penalty: np.ndarray, scale: float) -> np.ndarray:
    """At which epochs the losses agree, shape `(epoch,)`; at all of them when unknown."""
    if reported is None or measured is None:
        return np.ones(len(penalty), bool)
    allowed = SAME_LOSS * np.abs(measured) + SAME_LOSS_SHARE * scale
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(reported - penalty - measured) <= allowed)
