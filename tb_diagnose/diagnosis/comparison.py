"""Two runs side by side, and what separates the good ones of a sweep from the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import SERIES, Evidence
from tb_diagnose.status.status import GOOD

UNTOLD_STATUSES = ("too short to tell", "not judged", "unreadable")
"""Statuses that say neither."""
ORDERS, CHANCE = 1000, 0.05
"""Random orders that a separation is held against, and the share of them that may do as well."""
ALIKE = 0.01
"""Share by which two measured numbers may differ and still be called the same."""
APART = 0.25
"""Distance of two curves, as a share of the range of both, from which on they have parted: for good, up to the end."""
CHOSEN = ("hparams", "optimizer", "loss_function", "layers", "batch_size", "learning_rate", "planned_epochs")
"""Facts that somebody chose."""
UNTOLD = ("run_start", "model", "environment", "initial_weights", "operations", "classes", "training_only")
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
        since: First epoch from which on the two are apart.
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
    partings = [found for name in SERIES if (found := _parting(name, one, other)) is not None]
    partings.sort(key=lambda parting: (parting.since, list(SERIES).index(parting.name)))
    return Comparison(tuple(differences), tuple(partings), one.unit)


def settings(evidence: Evidence) -> dict[str, Any]:
    """Every fact as single values by their path; of layers, only what a user sets."""
    found: dict[str, Any] = {}
    for name, value in evidence.facts.items():
        if name == "layers":
            value = [{k: row.get(k) for k in ("class", "units", "activation", "trainable", "rate")} for row in value]
        if name not in UNTOLD:
            found |= _leaves(name, value)
    rate = evidence.get("learning_rate")
    if rate is not None and np.isfinite(rate).any():
        found["learning_rate"] = float(rate[np.isfinite(rate)][0])
        found.pop("optimizer.config.learning_rate", None)
    return {name: value for name, value in found.items() if name not in COUNTED}


def chosen(evidence: Evidence) -> dict[str, Any]:
    """The settings that somebody chose, by name, for comparing a sweep; not what was measured."""
    return {name: value for name, value in settings(evidence).items() if name.partition(".")[0] in CHOSEN}


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
    curves = [_curve(name, evidence) for evidence in (one, other)]
    if curves[0] is None or curves[1] is None:
        return None
    shared = _shared(list(curves[0]), list(curves[1]), one.unit)
    if len(shared) < SHORTEST:
        return None
    values = np.array([np.interp(shared, list(curve), list(curve.values())) for curve in curves])  # type: ignore[union-attr]
    spread = float(np.ptp(values))
    if spread <= ALIKE * float(np.abs(values).max()):
        return None
    apart = np.abs(values[0] - values[1]) > APART * spread
    if not apart[-1]:
        return None
    together = np.flatnonzero(~apart)
    first = int(together[-1]) + 1 if len(together) else 0
    return Parting(name, shared[first], (float(values[0][first]), float(values[1][first])))


def _shared(one: Sequence[int], other: Sequence[int], unit: str) -> list[int]:
    """What two axes share: epochs of the same number; of steps, where both were logged, those of the coarser one."""
    if unit == EPOCH or not len(one) or not len(other):
        return sorted({int(epoch) for epoch in one} & {int(epoch) for epoch in other})
    first, last = max(min(one), min(other)), min(max(one), max(other))
    inside = [[int(step) for step in axis if first <= step <= last] for axis in (one, other)]
    return sorted(min(inside, key=len))


def _curve(name: str, evidence: Evidence) -> dict[int, float] | None:
    """Values by epoch, a mean over whatever other axes there are."""
    array = evidence.get(name)
    if array is None or "bin" in SERIES[name].axes or "edge" in SERIES[name].axes:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        flat = np.asarray(array, float).reshape(len(array), -1)
        means = np.array([np.mean(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in flat])
    return {int(e): float(v) for e, v in zip(evidence.epochs, means) if np.isfinite(v)}


@dataclass(frozen=True)
class Separation:
    """How a setting divides a sweep.

    Args:
        name: The setting.
        counts: By value, how many runs go well and how many do not.
        right: Share of the runs that are told apart by the value alone, by the commoner kind of each.
    """

    name: str
    counts: tuple[tuple[Any, int, int], ...]
    right: float


def separations(runs: Sequence[tuple[Mapping[str, Any], str]], most: int = 3) -> list[Separation]:
    """The settings that best separate the runs that go well from the others; empty where none does.

    A setting must tell more of them apart than chance does: than nearly all random orders of the same statuses, and the more
    settings are looked at, the more of them (a permutation test with Bonferroni's correction).

    Args:
        runs: Settings and status of each.
        most: Settings at most.
    """
    told = [(settings, status in GOOD) for settings, status in runs if status not in UNTOLD_STATUSES]
    good = np.array([fine for _, fine in told], bool)
    if not good.any() or good.all():
        return []
    names = sorted({name for settings, _ in told for name in settings})
    columns = {name: [settings.get(name) for settings, _ in told] for name in names}
    columns = {name: column for name, column in columns.items() if 1 < len(set(map(_key, column))) <= len(told) // 2}
    orders = np.random.default_rng(0).permuted(np.tile(good, (ORDERS, 1)), axis=1)
    found = []
    for name, column in columns.items():
        kinds = sorted({_key(value): value for value in column}.items(), key=lambda item: _order(item[0]))
        codes = np.array([[key for key, _ in kinds].index(_key(value)) for value in column])
        members = codes == np.arange(len(kinds))[:, None]  # (kind, run)
        right = _right(members, good[None])[0]
        if np.mean(_right(members, orders) >= right) > CHANCE / len(columns):
            continue
        counts = tuple((value, int(good[m].sum()), int((~good[m]).sum())) for (_, value), m in zip(kinds, members))
        found.append(Separation(name, counts, float(right) / len(good)))
    return sorted(found, key=lambda one: (-one.right, len(one.counts), one.name))[:most]


def _right(members: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Runs that are told apart by the commoner kind of each value.

    Args:
        members: Which runs have a value, shape `(value, run)`.
        good: Which go well, shape `(order, run)`.
    """
    fine = good.astype(np.float32) @ members.T.astype(np.float32)
    return np.maximum(fine, members.sum(axis=1) - fine).sum(axis=1)


def _key(value: Any) -> Any:
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)


def _order(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, (int, float)) else (1, str(value))
