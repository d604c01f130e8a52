"""Two runs side by side: the settings that differ, and where their series part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import SERIES, Evidence

ALIKE = 0.01
"""Share by which two measured numbers may differ and still be called the same."""
APART = 0.25
"""Distance of two curves, as a share of the range of both, from which they have parted: for good, up to the end."""
UNTOLD = ("run_start", "model", "source", "environment", "initial_weights", "operations", "classes", "training_only")
"""Facts that say nothing a person would compare, or say again what others say."""
COUNTED = ("optimizer.config.name", "output.name")
"""Names that Keras numbers as objects are made: `adam_1`, `dense_3`."""
EPOCH = "epoch"
SHORTEST = 3
"""Epochs that two curves must share."""


@dataclass(frozen=True)
class Difference:
    """A setting or a fact of the data in which two runs differ.

    Args:
        name: Where it stands: `optimizer.learning_rate`, `layers.1.units`, `sample_count`.
        values: What it is in each; None where it is not there.
    """

    name: str
    values: tuple[Any, Any]


@dataclass(frozen=True)
class Parting:
    """A series that takes another course.

    Args:
        name: A name in `evidence.SERIES`.
        since: First epoch from which the two are apart.
        values: What it is there in each; a mean over layers or classes where it has them.
    """

    name: str
    since: int
    values: tuple[float, float]


@dataclass(frozen=True)
class Comparison:
    """All differences of two runs.

    Args:
        differences: Settings and facts of the data.
        partings: Series that part, the first one first.
        unit: What both count; None where one counts epochs and the other steps, or they share too few: then no series
            can be compared. Steps are compared wherever both were logged, at the steps of the coarser log.
    """

    differences: tuple[Difference, ...]
    partings: tuple[Parting, ...]
    unit: str | None = "epoch"


def compare(one: Evidence, other: Evidence) -> Comparison:
    """Holds two runs against each other."""
    left, right = settings(one), settings(other)
    differences = [
        Difference(name, (left.get(name), right.get(name)))
        for name in sorted({*left, *right})
        if not _same(left.get(name), right.get(name))
    ]
    if one.unit != other.unit or len(_shared(one.epochs, other.epochs, one.unit)) < SHORTEST:
        return Comparison(tuple(differences), (), None)
    partings = [parting for name in SERIES if (parting := _parting(name, one, other)) is not None]
    partings.sort(key=lambda parting: (parting.since, list(SERIES).index(parting.name)))
    return Comparison(tuple(differences), tuple(partings), one.unit)


def settings(evidence: Evidence) -> dict[str, Any]:
    """Every fact as single values by their path; of layers, only what a user sets."""
    leaves: dict[str, Any] = {}
    for name, value in evidence.facts.items():
        if name == "layers":
            value = [{k: row.get(k) for k in ("class", "units", "activation", "trainable", "rate")} for row in value]
        if name not in UNTOLD:
            leaves |= _leaves(name, value)
    rate = evidence.get("learning_rate")
    if rate is not None and np.isfinite(rate).any():
        leaves["learning_rate"] = float(rate[np.isfinite(rate)][0])
        leaves.pop("optimizer.config.learning_rate", None)
    return {name: value for name, value in leaves.items() if name not in COUNTED}


def _leaves(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        inner: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, (list, tuple)):
        inner = enumerate(value)
    else:
        return {} if value is None else {name: value}
    return {key: leaf for part, one in inner for key, leaf in _leaves(f"{name}.{part}", one).items()}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, (int, float)) or isinstance(other, float) and isinstance(one, int):
        return bool(np.isclose(one, other, rtol=ALIKE, atol=1e-12, equal_nan=True))
    return bool(one == other)


def _parting(name: str, one: Evidence, other: Evidence) -> Parting | None:
    first, second = _curve(name, one), _curve(name, other)
    if first is None or second is None:
        return None
    shared = _shared(list(first), list(second), one.unit)
    if len(shared) < SHORTEST:
        return None
    values = np.array([np.interp(shared, list(curve), list(curve.values())) for curve in (first, second)])
    extent = float(np.ptp(values))
    if extent <= ALIKE * float(np.abs(values).max()):
        return None
    apart = np.abs(values[0] - values[1]) > APART * extent
    if not apart[-1]:
        return None
    together = np.flatnonzero(~apart)
    since = int(together[-1]) + 1 if len(together) else 0
    return Parting(name, shared[since], (float(values[0][since]), float(values[1][since])))


def _shared(one: Iterable[int], other: Iterable[int], unit: str) -> list[int]:
    """What two axes share: epochs of the same number; of steps, where both were logged, those of the coarser one."""
    one, other = [int(step) for step in one], [int(step) for step in other]
    if unit == EPOCH or not one or not other:
        return sorted(set(one) & set(other))
    first, last = max(min(one), min(other)), min(max(one), max(other))
    first_inside, second_inside = ([step for step in axis if first <= step <= last] for axis in (one, other))
    return sorted(first_inside if len(first_inside) <= len(second_inside) else second_inside)


def _curve(name: str, evidence: Evidence) -> dict[int, float] | None:
    """Values by epoch, a mean over whatever other axes there are."""
    array = evidence.get(name)
    if array is None or "bin" in SERIES[name].axes or "edge" in SERIES[name].axes:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        flat = np.asarray(array, float).reshape(len(array), -1)
        means = np.array([np.mean(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in flat])
    return {int(e): float(v) for e, v in zip(evidence.epochs, means, strict=True) if np.isfinite(v)}
