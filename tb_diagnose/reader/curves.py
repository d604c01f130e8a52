"""Scalars that any program wrote -> the curves of each run: loss, accuracy and learning rate over epochs or steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tb_diagnose.reader.tag_names import NO_TAGS, UserTags, Recognised, recognise

KERAS = "epoch_"
"""What `keras.callbacks.TensorBoard` puts before each metric; its steps are epochs from 0."""
MAIN = ("loss", "accuracy", "val_loss", "val_accuracy")
"""Curves that tell where a run begins, the first one that is there."""
FEWEST = 5
"""Points that a curve must have to set the pace: a test accuracy is often logged a few times only."""
MOST_EPOCHS = 1000
"""Points from which on steps that count up by 1 are batches, where the name does not tell: few train for as many epochs."""
BINS = 100
"""Parts that batches are gathered into where nothing was logged more rarely."""
RESTARTS = 5
"""Equally long stretches, each of which counts its steps anew, from which on they are epochs and no runs."""
FRACTION, PERCENT = 1.001, 100.5
"""Largest accuracy that is a fraction, and that is given in percent; what is above is none."""


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


@dataclass(frozen=True)
class _Chosen:
    """The scalars that are read, by Keras's names, what their tags said, and whether Keras itself wrote them."""

    points: dict[str, Points] = field(default_factory=dict)
    said: dict[str, Recognised] = field(default_factory=dict)
    keras: bool = False

    @property
    def main(self) -> str | None:
        return next((name for name in MAIN if name in self.points), None)


def curves(scalars: Mapping[str, Mapping[str, Points]], user_tags: UserTags = NO_TAGS) -> list[Curves]:
    """The runs that were logged into some runs, the oldest first; empty when nothing is recognised.

    Args:
        scalars: By run and tag.
        user_tags: Names that the user has given.
    """
    chosen = _choose(scalars, user_tags)
    if chosen.main is None:
        return []
    if _counts_anew(chosen.points[chosen.main]):
        return [_aligned(_by_stretch(chosen))]
    parts = [part for part in _trainings(chosen) if part.main is not None]
    return [
        _aligned(dataclasses.replace(part, points={name: _last_word(some) for name, some in part.points.items()}))
        for part in parts
    ]


def _choose(scalars: Mapping[str, Mapping[str, Points]], user_tags: UserTags) -> _Chosen:
    """For each quantity the tag that says so most plainly, whole epochs before single batches."""
    keras = any(tag == f"{KERAS}loss" for tags in scalars.values() for tag in tags)
    chosen, best = _Chosen(keras=keras), {}
    for run, tags in sorted(scalars.items()):
        for tag, points in sorted(tags.items()):
            said = recognise(tag, run, user_tags)
            rank: tuple[int, ...]
            if tag in user_tags.accuracy or tag in user_tags.loss:
                name, rank = _name(said), (-1,)  # type: ignore[arg-type]
            elif keras and tag.startswith(KERAS):
                name, rank = _keras_name(tag.removeprefix(KERAS), run), (0,)
            elif said is None or keras and tag.startswith("evaluation_"):
                continue
            else:
                name, rank = _name(said), (1, ("epoch", None, "batch").index(said.per), said.plain, not said.said)
            if not len(points.steps) or name in best and best[name] <= rank:
                continue
            best[name], chosen.points[name] = rank, points
            if said is not None:
                chosen.said[name] = said
    return chosen


def _name(said: Recognised) -> str:
    return ("val_" if said.part == "validation" and said.what in ("loss", "accuracy") else "") + said.what


def _keras_name(metric: str, run: str) -> str:
    """Keras's own name: TF 1 and 2 wrote `epoch_val_loss`, and `epoch_lr`."""
    if metric == "lr":
        return "learning_rate"
    validation = metric.startswith("val_") or run.rpartition("/")[2] == "validation"
    return ("val_" if validation else "") + metric.removeprefix("val_")


def _restarts(steps: np.ndarray) -> np.ndarray:
    """Indices at which steps begin anew: at or before the one that the stretch began with."""
    found, first = [], steps[0] if len(steps) else 0
    for i in np.flatnonzero(np.diff(steps) < 0) + 1:
        if steps[i] <= first:
            found.append(int(i))
            first = steps[i]
    return np.array(found, int)


def _counts_anew(points: Points) -> bool:
    """Whether steps count the batches of an epoch, over and over."""
    restarts = _restarts(points.steps)
    lengths = np.diff(np.concatenate([[0], restarts]))
    return len(restarts) >= RESTARTS and lengths[0] > 1 and bool((abs(lengths - lengths[0]) <= 0.1 * lengths[0]).all())


def _by_stretch(chosen: _Chosen) -> _Chosen:
    """Steps that are counted anew in each epoch -> epochs from 0; other scalars by their times."""
    main = chosen.points[chosen.main]  # type: ignore[index]
    starts = main.times[np.concatenate([[0], _restarts(main.steps)])]
    found = {}
    for name, points in chosen.points.items():
        epochs = np.maximum(np.searchsorted(starts, points.times, side="right") - 1, 0)
        if len(points.steps) == len(main.steps) and (points.steps == main.steps).all():
            epochs = np.searchsorted(_restarts(main.steps), np.arange(len(main.steps)), side="right")
        mean = np.bincount(epochs, points.values) / np.maximum(np.bincount(epochs), 1)
        there = np.unique(epochs)
        found[name] = Points(there, np.array([points.times[epochs == e][-1] for e in there]), mean[there])
    return dataclasses.replace(chosen, points=found, said={})


def _trainings(chosen: _Chosen) -> list[_Chosen]:
    """The scalars of each run: a new one begins where the steps of the main curve begin anew."""
    main = chosen.points[chosen.main]  # type: ignore[index]
    restarts = _restarts(main.steps)
    count = len(restarts) + 1
    # What was written before the next run's first point belongs to the one before, to the middle between them.
    cuts = (main.times[restarts - 1] + main.times[restarts]) / 2 if count > 1 else np.zeros(0)
    timely = np.isfinite(cuts).all() and (np.diff(cuts) > 0).all()
    which = {}
    for name, points in chosen.points.items():
        index_in = np.searchsorted(_restarts(points.steps), np.arange(len(points.steps)), side="right")
        if name == chosen.main or index_in.max(initial=0) + 1 == count or not timely:
            which[name] = index_in + (count - 1 - index_in.max(initial=0))  # the newest ones are the same
        else:
            which[name] = np.searchsorted(cuts, points.times)
        if chosen.keras and name != chosen.main and np.isfinite(main.times[0]):
            # Keras writes a loss first: what is older was left by a run that this one has overwritten.
            which[name] = np.where(points.times < main.times[0], -1, which[name])
    return [
        dataclasses.replace(
            chosen,
            points={
                name: points.where(which[name] == index)
                for name, points in chosen.points.items()
                if (which[name] == index).any()
            },
        )
        for index in range(count)
    ]


def _last_word(points: Points) -> Points:
    """A run that was resumed writes some steps anew: what was written later counts, and what lay behind is gone."""
    if len(np.unique(points.steps)) <= len(points.steps) / FEWEST:
        # Somebody forgot to count: the order of writing is all there is.
        return Points(np.arange(1, len(points.steps) + 1), points.times, points.values)
    kept: list[int] = []
    for i, step in enumerate(points.steps):
        while kept and points.steps[kept[-1]] >= step:
            kept.pop()
        kept.append(i)
    return points.where(np.array(kept, int))


def _aligned(chosen: _Chosen) -> Curves:
    """All quantities over one axis."""
    points = dict(chosen.points)
    count = points.pop("epoch", None)
    names = [name for name in MAIN if name in points]
    if count is not None and np.isfinite(count.values).any() and not chosen.keras:
        points = {name: _in_epochs(some, count) for name, some in points.items()}
        chosen = dataclasses.replace(chosen, keras=True)
    if chosen.keras:
        steps = np.unique(np.concatenate([points[name].steps for name in names]))
        numbers, unit = steps + 1, "epoch"
    else:
        steps, numbers, unit = _axis({name: points[name] for name in names}, chosen.said)
    metrics = {name: _over(some, steps, name.endswith("loss")) for name, some in points.items()}
    metrics = _as_fractions(metrics)
    times = np.concatenate([some.times for some in points.values()])
    times = times[np.isfinite(times)]
    return Curves(
        numbers.astype(np.int64),
        unit,
        metrics,
        metrics.pop("learning_rate", None),
        float(times.min(initial=np.inf)),
        float(times.max(initial=-np.inf)),
    )


def _axis(points: Mapping[str, Points], said: Mapping[str, Recognised]) -> tuple[np.ndarray, np.ndarray, str]:
    """Ends of the epochs, the numbers that they are shown by, and the unit.

    The curve with the fewest points sets the pace: what was logged at each batch is gathered between its points.
    """
    enough = [name for name in points if len(points[name].steps) >= FEWEST]
    if enough:
        pace = min(enough, key=lambda name: len(points[name].steps))
    else:
        pace = max(points, key=lambda name: len(points[name].steps))
    steps = points[pace].steps
    batches = pace in said and said[pace].per == "batch"
    if not batches and len(steps) <= MOST_EPOCHS and steps[0] in (0, 1) and (np.diff(steps) == 1).all():
        steps = np.unique(np.concatenate([some.steps for some in points.values() if len(some.steps) <= len(steps)]))
        return steps, steps + int(steps[0] == 0), "epoch"
    if len(steps) > MOST_EPOCHS:
        steps = steps[np.unique(np.linspace(0, len(steps) - 1, BINS + 1).round().astype(int)[1:])]
    # What comes behind the last of them may be what matters most: a loss that is no number any more.
    last = max(int(some.steps[-1]) for name, some in points.items() if not name.startswith("val_")) if points else 0
    if any(not name.startswith("val_") for name in points) and last > steps[-1]:
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
        mean = np.bincount(which[finite], points.values[finite], len(ends)) / np.bincount(
            which[finite], minlength=len(ends)
        )
    # A value that is not finite is news of its own: an infinite loss must not vanish in a mean.
    mean[which[inside & ~finite]] = points.values[inside & ~finite]
    if kept and logged.any():
        before = np.maximum.accumulate(np.where(logged, np.arange(len(ends)), -1))
        mean = mean[np.where(before < 0, int(np.argmax(logged)), before)]
    return mean


def _as_fractions(metrics: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Accuracies as fractions: either both of training and validation are given in percent or none; counts are left out."""
    named = [name for name in metrics if name.removeprefix("val_").endswith(("accuracy", "acc"))]
    known = [metrics[name][np.isfinite(metrics[name])] for name in named]
    largest = max((float(values.max()) for values in known if len(values)), default=0.0)
    if largest <= FRACTION:
        return metrics
    if largest > PERCENT:
        return {name: values for name, values in metrics.items() if name not in named}
    return {name: values / 100 if name in named else values for name, values in metrics.items()}
