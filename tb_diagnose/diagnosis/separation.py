"""Which settings tell the scores of a sweep apart better than chance: a permutation test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_diagnose.diagnosis.differing import ENOUGH, Column

CHANCE = 0.04
"""Share of sweeps without any effect in which some setting is named at most: one in twenty-five."""
ORDERS = (1000, 20_000)
"""Fewest and most random orders of the scores."""
WORK = 4_000_000
"""Scores in all orders together, as far as the limits above allow: a second for a thousand runs is too much."""
STRETCHES, IN_A_PART = 5, 3
"""Stretches into which numbers are divided of which hardly two are the same, and runs that make a part tell much."""
MANY_VALUES = 12
"""Different numbers from which a setting is divided into stretches."""
LEVELS = 20
"""Levels of the scores: of runs that all fail, and differ by their noise alone, none is the better one."""
OUT = 1.5
"""Distances between the quartiles from which a score lies far out (Tukey's fences)."""
TINY = 1e-9
"""Stands for a variation of zero, of scores that are all alike."""
ROUNDED = 9
"""Decimals of a statistic: the same order must give the same value, whatever the order of its sums."""


@dataclass(frozen=True)
class Division:
    """How a setting divides the runs.

    Args:
        members: Runs of each part, shape `(part, run)`.
        first: Place of the smallest value of each part among those of the setting.
        last: Place of the largest one.
    """

    members: np.ndarray
    first: tuple[int, ...]
    last: tuple[int, ...]


@dataclass(frozen=True)
class Told:
    """What a setting tells of the scores.

    Args:
        explains: Share of the differences between the scores that the parts of its division account for.
        separates: Whether it does so better than chance.
    """

    explains: float
    separates: bool


def division(column: Column) -> Division:
    """The runs by the value of a setting, or by stretches of values where it has many."""
    count = len(column.values)
    runs = int(column.known.sum())
    places = np.arange(count)
    if column.is_number and (count > MANY_VALUES or not column.repeats) and runs >= ENOUGH:
        parts = min(STRETCHES, max(runs // IN_A_PART, 2))
        below = np.cumsum(np.bincount(column.codes[column.known], minlength=count))
        below = np.concatenate([[0], below[:-1]])  # runs with a smaller value
        places = np.unique(below * parts // runs, return_inverse=True)[1]
    kinds = np.arange(places.max() + 1)
    part = np.where(column.known, places[column.codes], -1)
    within = [np.flatnonzero(places == kind) for kind in kinds]
    return Division(
        part == kinds[:, None], tuple(int(each[0]) for each in within), tuple(int(each[-1]) for each in within)
    )


def told(columns: Sequence[Column], scores: np.ndarray) -> list[Told | None]:
    """What each setting tells; None of those that cannot be tested.

    The statistics are the share of the variance between the parts of a setting and, for numbers with few runs of each,
    the squared correlation of their ranks with the scores. Each is held against random orders of the scores, the same
    for all of them, and the smallest p-value of each order gives the correction for looking at several (Westfall and
    Young, "Resampling-Based Multiple Testing", 1993).

    Args:
        columns: The settings.
        scores: Of each run, shape `(run,)`; an infinite one is beyond all others.
    """
    levels = _levels(scores)
    testable = [place for place, column in enumerate(columns) if _can_be_tested(column, levels)]
    answers: list[Told | None] = [None] * len(columns)
    if not testable:
        return answers
    orders = _orders(levels)
    squares = orders**2
    statistics, owners, explained = [], [], {}
    for place in testable:
        column = columns[place]
        total = _variation(column.known, orders, squares)
        between = _between(division(column).members, orders, total)
        statistics.append(between)
        owners.append(place)
        explained[place] = float(between[0])
        if column.is_number and IN_A_PART * len(column.values) > int(column.known.sum()):
            statistics.append(_correlation(column, orders, total))
            owners.append(place)
    chances = _corrected(np.round(np.stack(statistics, axis=1), ROUNDED))
    for place in testable:
        chance = min(chance for chance, owner in zip(chances, owners, strict=True) if owner == place)
        answers[place] = Told(explained[place], bool(chance <= CHANCE))
    return answers


def _levels(scores: np.ndarray) -> np.ndarray:
    """The scores as whole numbers from 0 to `LEVELS`, shape `(run,)`: what differs by less is as good.

    What lies far out counts as much as the nearest score that does not: one loss of a million must not hide the rest.
    """
    finite = scores[np.isfinite(scores)]
    if not len(finite):
        return np.zeros(len(scores))
    low, high = float(finite.min()), float(finite.max())
    first, third = np.quantile(finite, (0.25, 0.75))
    if third > first:
        low, high = max(low, first - OUT * (third - first)), min(high, third + OUT * (third - first))
    within = np.clip(scores, low, high)
    levels: np.ndarray = np.round(LEVELS * (within - low) / (high - low)) if high > low else np.isinf(scores) * 1.0
    return levels


def _can_be_tested(column: Column, scores: np.ndarray) -> bool:
    enough = int(column.known.sum()) >= ENOUGH and len(column.values) > 1
    return enough and (column.is_number or column.repeats) and float(np.ptp(scores[column.known])) > 0


def _orders(scores: np.ndarray) -> np.ndarray:
    """The scores as they are, and in random orders, shape `(order, run)`; their mean is 0."""
    scores = scores - scores.mean()
    count = int(np.clip(WORK // len(scores), *ORDERS))
    shuffled = np.random.default_rng(0).permuted(np.tile(scores, (count, 1)), axis=1)
    return np.concatenate([scores[None], shuffled])


def _variation(known: np.ndarray, orders: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Sum of the squared distances of the scores of some runs from their mean, shape `(order,)`."""
    weights = known.astype(float)
    variation: np.ndarray = np.maximum(squares @ weights - (orders @ weights) ** 2 / known.sum(), TINY)
    return variation


def _between(members: np.ndarray, orders: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Share of the variation between the parts of a division, shape `(order,)`."""
    sizes = members.sum(axis=1)
    sums = orders @ members.T.astype(float)  # (order, part)
    share: np.ndarray = ((sums**2 / sizes).sum(axis=1) - sums.sum(axis=1) ** 2 / sizes.sum()) / total
    return share


def _correlation(column: Column, orders: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Squared correlation of the ranks of a setting with the scores, shape `(order,)`."""
    ranks = np.zeros(len(column.codes))
    _, codes, counts = np.unique(column.codes[column.known], return_inverse=True, return_counts=True)
    ranks[column.known] = (np.cumsum(counts) - counts / 2)[codes]  # equal ones share the mean of theirs
    ranks[column.known] -= ranks[column.known].mean()
    squared: np.ndarray = (orders @ ranks) ** 2 / (total * (ranks**2).sum())
    return squared


def _corrected(statistics: np.ndarray) -> np.ndarray:
    """The p-value of each statistic of the first order, corrected for their number.

    Args:
        statistics: Shape `(order, statistic)`, the first order as observed.
    """
    count = len(statistics)
    chances = np.stack([count - np.searchsorted(np.sort(each), each, "left") for each in statistics.T], axis=1) / count
    smallest = chances.min(axis=1)
    corrected: np.ndarray = (smallest[:, None] <= chances[0]).mean(axis=0)
    return corrected
