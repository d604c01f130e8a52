"""One folder, several runs: where the steps begin anew, and what was written twice."""

from __future__ import annotations

import dataclasses

import numpy as np

from tb_diagnose.reader.points import Chosen, Points

FEWEST_RESTARTS = 5
"""Equally long stretches, each of which counts its steps anew, from which they are epochs and no runs."""
ALIKE = 0.1
"""Share by which the lengths of such stretches may differ."""
FEWEST = 5
"""Points at one step from which nobody counted."""
WRITING = 1.0
"""Most seconds in which the scalars of an epoch are written; a run that overwrites another takes longer to begin."""


def _restarts(steps: np.ndarray) -> np.ndarray:
    """Indices at which steps begin anew: at or before the one that the stretch began with."""
    restarts, first = [], steps[0] if len(steps) else 0
    for i in np.flatnonzero(np.diff(steps) < 0) + 1:
        if steps[i] <= first:
            restarts.append(int(i))
            first = steps[i]
    return np.array(restarts, int)


def counts_anew(points: Points) -> bool:
    """Whether steps count the batches of an epoch, over and over."""
    restarts = _restarts(points.steps)
    lengths = np.diff(np.concatenate([[0], restarts]))
    if len(restarts) < FEWEST_RESTARTS or lengths[0] <= 1:
        return False
    return bool((abs(lengths - lengths[0]) <= ALIKE * lengths[0]).all())


def by_stretch(chosen: Chosen, main_name: str) -> Chosen:
    """Steps that are counted anew in each epoch -> epochs from 0; other scalars by their times.

    Args:
        chosen: The scalars that are read.
        main_name: Name of the curve that tells where an epoch begins.
    """
    main = chosen.points[main_name]
    starts = main.times[np.concatenate([[0], _restarts(main.steps)])]
    gathered = {}
    for name, points in chosen.points.items():
        epochs = np.maximum(np.searchsorted(starts, points.times, side="right") - 1, 0)
        if len(points.steps) == len(main.steps) and (points.steps == main.steps).all():
            epochs = np.searchsorted(_restarts(main.steps), np.arange(len(main.steps)), side="right")
        mean = np.bincount(epochs, points.values) / np.maximum(np.bincount(epochs), 1)
        there = np.unique(epochs)
        gathered[name] = Points(there, np.array([points.times[epochs == e][-1] for e in there]), mean[there])
    return dataclasses.replace(chosen, points=gathered, tags={})


def runs_of(chosen: Chosen, main_name: str) -> list[Chosen]:
    """The scalars of each run: a new one begins where the steps of the main curve begin anew.

    Args:
        chosen: The scalars that are read.
        main_name: Name of the main curve.
    """
    main = chosen.points[main_name]
    restarts = _restarts(main.steps)
    count = len(restarts) + 1
    # What was written before the next run's first point belongs to the one before, to the middle between them.
    cuts = (main.times[restarts - 1] + main.times[restarts]) / 2 if count > 1 else np.zeros(0)
    timely = np.isfinite(cuts).all() and (np.diff(cuts) > 0).all()
    which = {}
    for name, points in chosen.points.items():
        counted = np.searchsorted(_restarts(points.steps), np.arange(len(points.steps)), side="right")
        last = counted.max(initial=0)
        if name == main_name or last + 1 == count or not timely:
            which[name] = counted + (count - 1 - last)  # the newest ones are the same
        else:
            which[name] = np.searchsorted(cuts, points.times)
        if chosen.keras and name != main_name and np.isfinite(main.times[0]):
            # Scalars of an epoch are written at once: what is older was left by a run that this one has overwritten.
            which[name] = np.where(points.times < main.times[0] - _at_once(main.times), -1, which[name])
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


def _at_once(times: np.ndarray) -> float:
    """Seconds that the scalars of an epoch may be apart: which of them comes first depends on Keras's version."""
    return min(WRITING, float(times[1] - times[0]) / 2) if len(times) > 1 else WRITING


def last_written(points: Points) -> Points:
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
