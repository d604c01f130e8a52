"""What separates the runs of a sweep that go well from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.status.status import GOOD

UNTOLD_STATUSES = ("too short to tell", "not judged", "unreadable")
"""Statuses that say neither."""
ORDERS, CHANCE = 1000, 0.05
"""Random orders that a separation is held against, and the share of them that may do as well."""


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

    A setting must tell more of them apart than chance does: than nearly all random orders of the same statuses, and
    the more settings are looked at, the more of them (a permutation test with Bonferroni's correction).

    Args:
        runs: Settings and status of each.
        most: Settings at most.
    """
    judged = [(settings, status in GOOD) for settings, status in runs if status not in UNTOLD_STATUSES]
    good = np.array([fine for _, fine in judged], bool)
    if not good.any() or good.all():
        return []
    names = sorted({name for settings, _ in judged for name in settings})
    columns = {name: [settings.get(name) for settings, _ in judged] for name in names}
    columns = {name: column for name, column in columns.items() if 1 < len(set(map(_key, column))) <= len(judged) // 2}
    orders = np.random.default_rng(0).permuted(np.tile(good, (ORDERS, 1)), axis=1)
    separating = []
    for name, column in columns.items():
        kinds = sorted({_key(value): value for value in column}.items(), key=lambda item: _order(item[0]))
        codes = np.array([[key for key, _ in kinds].index(_key(value)) for value in column])
        members = codes == np.arange(len(kinds))[:, None]  # (kind, run)
        right = _right(members, good[None])[0]
        if np.mean(_right(members, orders) >= right) > CHANCE / len(columns):
            continue
        counts = tuple(
            (value, int(good[these].sum()), int((~good[these]).sum()))
            for (_, value), these in zip(kinds, members, strict=True)
        )
        separating.append(Separation(name, counts, float(right) / len(good)))
    return sorted(separating, key=lambda each: (-each.right, len(each.counts), each.name))[:most]


def _right(members: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Runs that are told apart by the commoner kind of each value.

    Args:
        members: Which runs have a value, shape `(value, run)`.
        good: Which go well, shape `(order, run)`.
    """
    fine = good.astype(np.float32) @ members.T.astype(np.float32)
    right: np.ndarray = np.maximum(fine, members.sum(axis=1) - fine).sum(axis=1)
    return right


def _key(value: Any) -> Any:
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)


def _order(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, (int, float)) else (1, str(value))
