"""Frozen layers whose weights were learned elsewhere: what they are is given, and nobody can edit it."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

LIKE_DRAWN = 0.1
"""How far the standard deviation of a kernel may be from that of its initializer, as a share, to be taken for drawn by
it: with 50 weights the standard error is 10 %."""
Weights = Sequence[dict[str, Any] | None]


def drawn(row: dict[str, Any], initial_weights: Weights | None, index: int) -> bool | None:
    """Whether the kernel of a layer is as its initializer draws it; None when unknown."""
    weights = initial_weights[index] if initial_weights and index < len(initial_weights) else None
    name = str(row.get("initializer") or "").lower().replace("_", "")
    if weights is None or not name.startswith(("glorot", "he", "lecun")):
        return None
    fans = {
        "glorot": 2 / (weights["fan_in"] + weights["fan_out"]),
        "he": 2 / weights["fan_in"],
        "lecun": 1 / weights["fan_in"],
    }
    expected = sqrt(next(fan for kind, fan in fans.items() if name.startswith(kind)))
    return abs(float(weights["std"]) / expected - 1) <= LIKE_DRAWN and not weights["bias"]


def at_random(states: Sequence[bool | None]) -> bool:
    """Whether frozen layers are as they were drawn, as far as any of them tells."""
    return True in states and False not in states


def learned_elsewhere(layers: Sequence[dict[str, Any]], initial_weights: Weights | None) -> set[str]:
    """Names of the frozen layers, unless their weights are as they were drawn.

    Args:
        layers: The fact of that name.
        initial_weights: The fact of that name, None where it was not logged.
    """
    frozen = [(index, row) for index, row in enumerate(layers) if row.get("trainable") is False]
    if at_random([drawn(row, initial_weights, index) for index, row in frozen]):
        return set()
    return {str(row["name"]) for _, row in frozen}
