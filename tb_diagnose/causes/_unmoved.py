"""Weights that do not move, and what that says of the layers before the first one that does.

Where a layer's kernel stands still and its bias moves, nothing but zeros comes in: the layer before is dead. Where the
kernel moves too, and no layer before it, something between them lets no gradient through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stuck:
    """Layers in front that stand still to the end.

    Args:
        layers: Their indices.
        behind: Index of the first layer that moves.
        zeros: Whether the kernel of that layer has no gradient: nothing but zeros comes in.
        since: Epoch after which nothing moved any more.
        always: Whether nothing has moved since the first histogram.
    """

    layers: tuple[int, ...]
    behind: int
    zeros: bool
    since: int
    always: bool


def stuck(kernel_unmoved: np.ndarray, bias_unmoved: np.ndarray | None, epochs: np.ndarray) -> Stuck | None:
    """The layers in front that do not move while one behind them does; None where there are none.

    Args:
        kernel_unmoved: 1 where the kernel has not moved since the record before, NaN where unknown, shape
            `(epoch, layer)`.
        bias_unmoved: The same of biases.
        epochs: Epoch numbers, shape `(epoch,)`.
    """
    kernels = np.array(kernel_unmoved, float)
    biases = np.full_like(kernels, np.nan) if bias_unmoved is None else np.array(bias_unmoved, float)
    recorded = np.flatnonzero(np.isfinite(kernels).any(axis=1))
    trained = np.flatnonzero(np.isfinite(kernels).any(axis=0))
    if not len(recorded):
        return None
    still = (np.nan_to_num(kernels[recorded], nan=1.0) == 1) & (np.nan_to_num(biases[recorded], nan=1.0) == 1)
    moving = [int(i) for i in trained if not still[-1, i]]
    if not moving:
        return None  # nothing moves: a learning rate of 0 does that too
    behind = moving[0]
    front = [int(i) for i in trained if i < behind]
    if not front:
        return None
    moved = np.flatnonzero(~still[:, front].all(axis=1))
    first = int(moved[-1]) + 1 if len(moved) else 0
    return Stuck(
        tuple(front),
        behind,
        bool((kernels[recorded[first:], behind] == 1).all()),
        int(epochs[recorded[first - 1]]) if first else int(epochs[0]),
        first == 0,
    )
