"""How much of what BatchNormalization began with is still in its moving statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived

KEPT = 0.1
"""Share of what the moving statistics began with up to which they are taken for those of the training samples: with a
variance of 1 to begin with, they are then a tenth off where the samples have one of 2."""


@dataclass(frozen=True)
class MovingStatistics:
    """The moving statistics of the layers that scale by statistics of the batch in training.

    Args:
        layers: Names of these layers.
        momentum: The largest momentum among them: the slowest average.
        steps: Steps that the optimizer has taken, None where no optimizer counted any.
        updated: Whether they have moved in any epoch.
        kept: Share of what they began with that is still in the slowest of them.
        kept_at_end: The same after the planned epochs.
        error: How far the output of the worst layer in inference mode is from that in training mode, in standard
            deviations; None where it was not measured.
        worst: Name of that layer.
    """

    layers: tuple[str, ...]
    momentum: float
    steps: int | None
    updated: bool
    kept: float
    kept_at_end: float
    error: float | None
    worst: str

    @property
    def lag(self) -> bool:
        """Whether they are still far from the statistics of the samples, as far as steps and momentum tell."""
        return not self.updated or self.kept > KEPT

    @property
    def catch_up(self) -> bool:
        """Whether they lag now and will not by the end of the planned epochs."""
        return self.updated and self.kept > KEPT >= self.kept_at_end


@derived
def moving_statistics(
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    moving_statistics_update_ratio: np.ndarray,
    moving_statistics_error_ratio: np.ndarray | None = None,
    iterations: np.ndarray | None = None,
    planned_epochs: int | None = None,
    batch_statistics_layers: Sequence[str] = (),
) -> MovingStatistics | None:
    """What is known of the moving statistics; None in a model without any that training and inference differ by."""
    trained = epochs > 0
    averaging = [
        place
        for place, row in enumerate(layers)
        if row.get("momentum") is not None and row.get("trainable") and row["name"] not in batch_statistics_layers
    ]
    if not averaging or not trained.any():
        return None
    momentum = max(float(layers[place]["momentum"]) for place in averaging)
    updates = moving_statistics_update_ratio[trained][:, averaging]
    seen = updates[np.isfinite(updates)]
    updated = bool((seen > 0).any()) or not len(seen)
    steps, to_come = _steps(iterations, epochs, planned_epochs)
    kept, kept_at_end = (1.0, 1.0) if not updated else (_kept(momentum, steps), _kept(momentum, steps, to_come))
    errors = np.full(len(layers), np.nan)
    if moving_statistics_error_ratio is not None:
        errors = moving_statistics_error_ratio[-1]
    worst = max(averaging, key=lambda place: np.nan_to_num(errors[place], nan=-1.0))
    return MovingStatistics(
        tuple(layers[place]["name"] for place in averaging),
        momentum,
        steps,
        updated,
        kept,
        kept_at_end,
        float(errors[worst]) if np.isfinite(errors[worst]) else None,
        layers[worst]["name"],
    )


def _kept(momentum: float, steps: int | None, more: int = 0) -> float:
    """Share of the first value in an average after some steps; 0 where nobody counted them: then nothing is known."""
    return 0.0 if steps is None else float(np.clip(momentum, 0, 1) ** (steps + more))


def _steps(iterations: np.ndarray | None, epochs: np.ndarray, planned: int | None) -> tuple[int | None, int]:
    """Steps that were taken, and those of the epochs to come."""
    known = np.flatnonzero(np.isfinite(iterations)) if iterations is not None else np.zeros(0, int)
    if iterations is None or not len(known) or not iterations[known[-1]] > 0:
        return None, 0
    first, last = known[0], known[-1]
    taken, over = iterations[last] - iterations[first], max(int(epochs[last] - epochs[first]), 1)
    left = max((planned or 0) - int(epochs[-1]), 0)
    return int(iterations[last]), int(left * taken / over)
