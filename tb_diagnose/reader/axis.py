"""The scalars of one run over one axis: epochs where they can be told, steps otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tb_diagnose.reader.points import MAIN, Chosen, Points
from tb_diagnose.reader.tag_names import Recognised

FEWEST = 5
"""Points that a curve must have to set the pace: a test accuracy is often logged a few times only."""
MOST_EPOCHS = 1000
"""Points from which steps that count up by 1 are batches, where the name does not tell: few runs are longer."""
BINS = 100
"""Parts that batches are gathered into where nothing was logged more rarely."""
FRACTION, PERCENT = 1.001, 100.5
"""Largest accuracy that is a fraction, and that is given in percent; what is above is none."""


@dataclass(frozen=True)
class Curves:
    """One run as other programs log it.

    Args:
        epochs: Epochs, or TensorBoard steps, shape `(epoch,)`.
        unit: "epoch" or "step".
        metrics: By Keras's names, `loss`, `val_loss`, `accuracy`, `val_accuracy` and others, shape `(epoch,)`.
        learning_rate: The same; None where it was not logged.
        began: Wall time of the first point.
        last_sign: Wall time of the last point.
    """

    epochs: np.ndarray
    unit: str
    metrics: Mapping[str, np.ndarray]
    learning_rate: np.ndarray | None
    began: float
    last_sign: float


def aligned(chosen: Chosen) -> Curves:
    """All quantities over one axis."""
    points = dict(chosen.points)
    count = points.pop("epoch", None)
    names = [name for name in MAIN if name in points]
    if count is not None and np.isfinite(count.values).any() and not chosen.keras:
        points = {name: _in_epochs(curve, count) for name, curve in points.items()}
        chosen = dataclasses.replace(chosen, keras=True)
    if chosen.keras:
        steps = np.unique(np.concatenate([points[name].steps for name in names]))
        numbers, unit = steps + 1, "epoch"
    else:
        steps, numbers, unit = _axis({name: points[name] for name in names}, chosen.tags)
    metrics = {name: _over(curve, steps, name.endswith("loss")) for name, curve in points.items()}
    metrics = _as_fractions(metrics)
    times = np.concatenate([curve.times for curve in points.values()])
    times = times[np.isfinite(times)]
    return Curves(
        numbers.astype(np.int64),
        unit,
        metrics,
        metrics.pop("learning_rate", None),
        float(times.min(initial=np.inf)),
        float(times.max(initial=-np.inf)),
    )


def _axis(points: Mapping[str, Points], tags: Mapping[str, Recognised]) -> tuple[np.ndarray, np.ndarray, str]:
    """Ends of the epochs, the numbers that they are shown by, and the unit.

    The curve with the fewest points sets the pace: what was logged at each batch is gathered between its points.
    """
    enough = [name for name in points if len(points[name].steps) >= FEWEST]
    if enough:
        pace = min(enough, key=lambda name: len(points[name].steps))
    else:
        pace = max(points, key=lambda name: len(points[name].steps))
    steps = points[pace].steps
    batches = pace in tags and tags[pace].per == "batch"
    if not batches and len(steps) <= MOST_EPOCHS and steps[0] in (0, 1) and (np.diff(steps) == 1).all():
        steps = np.unique(np.concatenate([curve.steps for curve in points.values() if len(curve.steps) <= len(steps)]))
        return steps, steps + int(steps[0] == 0), "epoch"
    if len(steps) > MOST_EPOCHS:
        steps = steps[np.unique(np.linspace(0, len(steps) - 1, BINS + 1).round().astype(int)[1:])]
    # What comes behind the last of them may be what matters most: a loss that is no number any more.
    last = max((int(curve.steps[-1]) for name, curve in points.items() if not name.startswith("val_")), default=0)
    if last > steps[-1]:
        steps = np.append(steps, last)
    # Step 0 is the first batch here, not the state before training.
    first = 1 - int(steps[0])
    apart = first == 1 and (len(steps) == 1 or steps[1] > 1)
    return steps, np.maximum(steps, 1) if apart else steps + max(first, 0), "step"


def _in_epochs(points: Points, count: Points) -> Points:
    """The points with epochs, from 0, for steps: the last epoch number that was logged up to each."""
    known = np.isfinite(count.values)
    steps, values = count.steps[known], count.values[known]
    at = np.clip(np.searchsorted(steps, points.steps, side="right") - 1, 0, len(steps) - 1)
    return Points(np.floor(values[at]).astype(np.int64), points.times, points.values)


def _over(points: Points, ends: np.ndarray, kept: bool) -> np.ndarray:
    """Means over the steps up to each end and beyond the one before; NaN where there are none.

    Args:
        points: A scalar.
        ends: The axis.
        kept: Whether the last value stands where none was logged: a loss that is NaN would be news.
    """
    which = np.searchsorted(ends, points.steps, side="left")
    inside = which < len(ends)
    finite = inside & np.isfinite(points.values)
    logged = np.bincount(which[inside], minlength=len(ends)) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = np.bincount(which[finite], points.values[finite], len(ends))
        mean = sums / np.bincount(which[finite], minlength=len(ends))
    # A value that is not finite is news: an infinite loss must not vanish in a mean.
    mean[which[inside & ~finite]] = points.values[inside & ~finite]
    if kept and logged.any():
        before = np.maximum.accumulate(np.where(logged, np.arange(len(ends)), -1))
        mean = mean[np.where(before < 0, int(np.argmax(logged)), before)]
    return mean


def _as_fractions(metrics: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Accuracies as fractions: training and validation are both in percent, or neither is; counts are left out."""
    named = [name for name in metrics if name.removeprefix("val_").endswith(("accuracy", "acc"))]
    known = [metrics[name][np.isfinite(metrics[name])] for name in named]
    largest = max((float(values.max()) for values in known if len(values)), default=0.0)
    if largest <= FRACTION:
        return metrics
    if largest > PERCENT:
        return {name: values for name, values in metrics.items() if name not in named}
    return {name: values / 100 if name in named else values for name, values in metrics.items()}
