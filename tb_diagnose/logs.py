"""Scalars that any program wrote -> the curves of each training: loss, accuracy and learning rate over epochs or steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tb_diagnose.tags import Own, Recognised, recognise

KERAS = "epoch_"
"""What `keras.callbacks.TensorBoard` puts before each metric; its steps are epochs from 0."""
FEWEST = 3
"""Points that a curve must have to set the pace: a test accuracy is often logged once, at the end."""
MOST_EPOCHS = 1000
"""Points from which on steps that count up by 1 are batches, where the name does not tell: few train for as many epochs."""
BINS = 100
"""Parts that batches are gathered into where nothing was logged more rarely."""
PERCENT = 1.5
"""Largest accuracy that is a fraction; what is above it is given in percent."""


@dataclass(frozen=True)
class Points:
    """One scalar in the order in which it was written.

    Args:
        steps: TensorBoard steps, shape `(point,)`.
        times: Wall times in s.
        values: Values.
    """

    steps: np.ndarray
    times: np.ndarray
    values: np.ndarray

    def where(self, kept: np.ndarray) -> Points:
        return Points(self.steps[kept], self.times[kept], self.values[kept])


@dataclass(frozen=True)
class Curves:
    """One training as other programs log it.

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


@dataclass
class _Chosen:
    """The scalars that are read, by Keras's names, and what their tags said."""

    points: dict[str, Points] = field(default_factory=dict)
    said: dict[str, Recognised] = field(default_factory=dict)
    keras: bool = False


def curves(scalars: Mapping[str, Mapping[str, Points]], own: Own = Own()) -> list[Curves]:
    """The trainings that were logged into some runs, the oldest first; empty when nothing is recognised.

    Args:
        scalars: By run and tag.
        own: Names that the user has given.
    """
    chosen = _choose(scalars, own)
    main = next(
        (chosen.points[name] for name in ("loss", "accuracy", "val_loss", "val_accuracy") if name in chosen.points),
        None,
    )
    if main is None:
        return []
    ends = _ends(main)
    found = []
    for before, until in zip([-np.inf, *ends], [*ends, np.inf]):
        part = _Chosen(
            {name: _last_word(p.where((p.times > before) & (p.times <= until))) for name, p in chosen.points.items()},
            chosen.said,
            chosen.keras,
        )
        part.points = {name: points for name, points in part.points.items() if len(points.steps)}
        if part.points:
            found.append(_aligned(part))
    return found


def _choose(scalars: Mapping[str, Mapping[str, Points]], own: Own) -> _Chosen:
    """For each quantity the tag that says so most plainly, whole epochs before single batches."""
    chosen, best = _Chosen(), {}
    chosen.keras = any(tag == f"{KERAS}loss" for tags in scalars.values() for tag in tags)
    for run, tags in sorted(scalars.items()):
        for tag, points in sorted(tags.items()):
            said = recognise(tag, run, own)
            if chosen.keras and tag.startswith(KERAS):
                said_part = said.part if said else "train"
                validation = said_part == "validation" or run.rpartition("/")[2] == "validation"
                name = ("val_" if validation else "") + tag.removeprefix(KERAS)
                rank: tuple[int, ...] = (0,)
            elif said is None or chosen.keras and tag.startswith("evaluation_"):
                continue
            else:
                name = ("val_" if said.part == "validation" and said.what in ("loss", "accuracy") else "") + said.what
                rank = (1, ("epoch", None, "batch").index(said.per), said.plain, not said.said)
            if not len(points.steps) or name in best and best[name] <= rank:
                continue
            best[name], chosen.points[name] = rank, points
            if said is not None:
                chosen.said[name] = said
    return chosen


def _ends(points: Points) -> list[float]:
    """Wall times of the last points of all trainings but the newest: a new one begins where steps begin anew."""
    ends, first = [], points.steps[:1]
    for i in range(1, len(points.steps)):
        if points.steps[i] < points.steps[i - 1] and points.steps[i] <= first[0] and np.isfinite(points.times[i - 1]):
            ends.append(float(points.times[i - 1]))
            first = points.steps[i : i + 1]
    return ends


def _last_word(points: Points) -> Points:
    """A training that was resumed writes some steps anew: what was written later counts, and what lay behind is gone."""
    kept: list[int] = []
    for i, step in enumerate(points.steps):
        while kept and points.steps[kept[-1]] >= step:
            kept.pop()
        kept.append(i)
    return points.where(np.array(kept, int))


def _aligned(chosen: _Chosen) -> Curves:
    """All quantities over one axis."""
    count = chosen.points.pop("epoch", None)
    names = [name for name in chosen.points if name.removeprefix("val_") in ("loss", "accuracy")] or list(chosen.points)
    enough = [name for name in names if len(chosen.points[name].steps) >= FEWEST]
    if enough:
        pace = min(enough, key=lambda name: len(chosen.points[name].steps))
    else:
        pace = max(names, key=lambda name: len(chosen.points[name].steps))
    steps = chosen.points[pace].steps
    per = chosen.said[pace].per if pace in chosen.said else None
    shift, unit = 0, "step"
    if chosen.keras:
        shift, unit = 1, "epoch"
        steps = np.unique(np.concatenate([p.steps for p in chosen.points.values()]))
    elif count is not None and len(count.steps):
        # What a step belongs to: the last epoch number that was logged up to it.
        chosen.points = {name: _in_epochs(points, count) for name, points in chosen.points.items()}
        shift, unit, steps = 1, "epoch", np.unique(chosen.points[pace].steps)
    elif per != "batch" and len(steps) <= MOST_EPOCHS and steps[0] in (0, 1) and (np.diff(steps) == 1).all():
        shift, unit = int(steps[0] == 0), "epoch"
    elif len(steps) > MOST_EPOCHS:
        steps = steps[np.unique(np.linspace(0, len(steps) - 1, BINS + 1).round().astype(int)[1:])]
    metrics = {name: _over(points, steps) for name, points in chosen.points.items()}
    for name, values in metrics.items():
        if name.removeprefix("val_") == "accuracy" and np.nanmax(values, initial=0.0) > PERCENT:
            metrics[name] = values / 100
    times = np.concatenate([p.times for p in chosen.points.values()])
    times = times[np.isfinite(times)]
    return Curves(
        (steps + shift).astype(np.int64),
        unit,
        metrics,
        metrics.pop("learning_rate", None),
        float(times.min(initial=np.inf)),
        float(times.max(initial=-np.inf)),
    )


def _in_epochs(points: Points, count: Points) -> Points:
    """The points with epochs, from 0, for steps."""
    at = np.searchsorted(count.steps, points.steps, side="left").clip(0, len(count.steps) - 1)
    return Points(np.floor(count.values[at]).astype(np.int64), points.times, points.values)


def _over(points: Points, ends: Sequence[int] | np.ndarray) -> np.ndarray:
    """Means over the steps up to each end and beyond the one before; NaN where there are none."""
    which = np.searchsorted(ends, points.steps, side="left")
    inside = (which < len(ends)) & np.isfinite(points.values)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.bincount(which[inside], points.values[inside], len(ends))
        mean = total / np.bincount(which[inside], minlength=len(ends))
    # A value that is not finite is news of its own: an infinite loss must not vanish in a mean.
    bad = (which < len(ends)) & ~np.isfinite(points.values)
    mean[which[bad]] = points.values[bad]
    return mean
