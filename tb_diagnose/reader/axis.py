"""The scalars of one run over one axis: epochs where they can be told, steps otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tb_diagnose.reader.batch_noise import of_single_batches, readable_bins
from tb_diagnose.reader.points import MAIN, Chosen, Points
from tb_diagnose.reader.tag_names import Recognised
from tb_diagnose.reader.two_axes import on_one_axis
from tb_diagnose.reader.units import as_fractions

FEWEST = 5
"""Points that a curve must have to set the pace: a test accuracy is often logged a few times only."""
FINER = 4
"""Points an epoch from which a run of few epochs is told by its steps."""
MOST_EPOCHS = 1000
"""Points from which steps that count up by 1 are batches, where the name does not tell: few runs are longer."""
BINS = 100
"""Parts that batches are gathered into where nothing was logged more rarely."""


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
        baseline: Accuracy of the best constant answer; None where it was not logged.
        written: Tags by the names of `metrics`, of what has no name of Keras's own.
    """

    epochs: np.ndarray
    unit: str
    metrics: Mapping[str, np.ndarray]
    learning_rate: np.ndarray | None
    began: float
    last_sign: float
    baseline: float | None = None
    written: Mapping[str, str] = field(default_factory=dict)


def aligned(chosen: Chosen) -> Curves:
    """All quantities over one axis."""
    points = as_fractions(chosen.points)
    count, baseline = points.pop("epoch", None), points.pop("baseline", None)
    names = [name for name in MAIN if name in points]
    keras = chosen.keras
    if count is not None and np.isfinite(count.values).any() and not keras:
        in_epochs = {name: _in_epochs(curve, count) for name, curve in points.items()}
        keras = not _coarser([points[name] for name in names], [in_epochs[name] for name in names])
        points = in_epochs if keras else points
    moved = None if keras else on_one_axis(points)
    points = moved or points
    if keras:
        steps = np.unique(np.concatenate([points[name].steps for name in names]))
        numbers, unit = steps + 1, "epoch"
    else:
        steps, numbers, unit = _axis({name: points[name] for name in names}, chosen.tags, moved is not None)
    metrics = {name: _over(curve, steps, name.endswith("loss")) for name, curve in points.items()}
    times = np.concatenate([curve.times for curve in points.values()])
    times = times[np.isfinite(times)]
    known = [] if baseline is None else baseline.values[np.isfinite(baseline.values)]
    return Curves(
        numbers.astype(np.int64),
        unit,
        metrics,
        metrics.pop("learning_rate", None),
        float(times.min(initial=np.inf)),
        float(times.max(initial=-np.inf)),
        float(known[-1]) if len(known) else None,
        chosen.written,
    )


def _axis(
    points: Mapping[str, Points], tags: Mapping[str, Recognised], in_epochs: bool
) -> tuple[np.ndarray, np.ndarray, str]:
    """Ends of the epochs, the numbers that they are shown by, and the unit.

    The curve with the fewest points sets the pace: what was logged at each batch is gathered between its points.

    Args:
        points: By Keras's names.
        tags: What their tags say.
        in_epochs: Whether they are known to count epochs.
    """
    if in_epochs:
        steps = np.unique(np.concatenate([curve.steps for curve in points.values()]))
        return steps, steps + int(steps[0] == 0), "epoch"
    enough = [name for name in points if len(points[name].steps) >= FEWEST]
    per_epoch = [name for name in enough if name in tags and tags[name].per == "epoch" and _counts_up(points[name])]
    if per_epoch:
        pace = max(per_epoch, key=lambda name: len(points[name].steps))
    elif enough:
        pace = min(enough, key=lambda name: len(points[name].steps))
    else:
        pace = max(points, key=lambda name: len(points[name].steps))
    steps = points[pace].steps
    batches = not per_epoch and ((pace in tags and tags[pace].per == "batch") or of_single_batches(points))
    if not batches and _counts_up(points[pace]):
        # One of the two may have ended early: longer curves are epochs as well where they count like this one.
        alike = [curve for curve in points.values() if len(curve.steps) <= len(steps) or _counts_up(curve)]
        steps = np.unique(np.concatenate([curve.steps for curve in alike]))
        return steps, steps + int(steps[0] == 0), "epoch"
    accuracy = points.get("accuracy", points.get("val_accuracy"))
    most = BINS if accuracy is None or len(steps) > MOST_EPOCHS else readable_bins(accuracy)
    if len(steps) > most:
        steps = steps[np.unique(np.linspace(0, len(steps) - 1, most + 1).round().astype(int)[1:])]
    # What comes behind the last of them may be what matters most: a loss that is no number any more, an evaluation.
    last = max(int(curve.steps[-1]) for curve in points.values())
    if last > steps[-1]:
        steps = np.append(steps, last)
    # Step 0 is the first batch here, not the state before training.
    first = 1 - int(steps[0])
    apart = first == 1 and (len(steps) == 1 or steps[1] > 1)
    return steps, np.maximum(steps, 1) if apart else steps + max(first, 0), "step"


def _counts_up(curve: Points) -> bool:
    """Whether the steps of a curve may be epochs: each one more than the one before, from the first on."""
    steps = curve.steps
    return len(steps) <= MOST_EPOCHS and bool(steps[0] in (0, 1) and (np.diff(steps) == 1).all())


def _coarser(by_step: list[Points], by_epoch: list[Points]) -> bool:
    """Whether epochs are too few to show the course of a run that was logged more often."""
    epochs = len(np.unique(np.concatenate([curve.steps for curve in by_epoch])))
    return epochs < FEWEST and max(len(curve.steps) for curve in by_step) >= FINER * epochs


def _in_epochs(points: Points, count: Points) -> Points:
    """The points with epochs, from 0, for steps: the last epoch number that was logged up to each."""
    known = np.isfinite(count.values)
    steps, values = count.steps[known], count.values[known]
    at = np.clip(np.searchsorted(steps, points.steps, side="right") - 1, 0, len(steps) - 1)
    if (values == np.floor(values)).all():
        return Points(values[at].astype(np.int64), points.times, points.values)
    # How much of the epochs is over: at 1.0 the first one ends.
    return Points(np.maximum(np.ceil(values[at]) - 1, 0).astype(np.int64), points.times, points.values)


def _over(points: Points, ends: np.ndarray, is_loss: bool) -> np.ndarray:
    """Means over the steps up to each end and beyond the one before; NaN where there are none.

    Args:
        points: A scalar.
        ends: The axis.
        is_loss: Whether it is a loss. Its last value stands where none was logged, for one that is NaN would be news.
    """
    which = np.searchsorted(ends, points.steps, side="left")
    inside = which < len(ends)
    finite = inside & np.isfinite(points.values)
    logged = np.bincount(which[inside], minlength=len(ends)) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = np.bincount(which[finite], points.values[finite], len(ends))
        mean = sums / np.bincount(which[finite], minlength=len(ends))
    if not is_loss:
        return mean
    # A loss that is not finite is news, and must not vanish in a mean.
    mean[which[inside & ~finite]] = points.values[inside & ~finite]
    if logged.any():
        before = np.maximum.accumulate(np.where(logged, np.arange(len(ends)), -1))
        mean = mean[np.where(before < 0, int(np.argmax(logged)), before)]
    return mean
