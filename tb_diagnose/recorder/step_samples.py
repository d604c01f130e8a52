"""What single training steps show: their losses, and how far they move the weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tb_diagnose.recorder import measure
from tb_diagnose.recorder.forward import to_numpy
from tb_diagnose.recorder.session import layer_change

SAMPLED_STEPS = 8
"""Training steps an epoch whose weights are compared before and after."""

Weights = list[list[np.ndarray]]


class StepSamples:
    """Gathers what the steps of one epoch show.

    Args:
        steps: Steps an epoch; None when unknown.
    """

    def __init__(self, steps: int | None) -> None:
        self._steps = steps
        self._kernels: list[list[Any]] = []
        self._first_norms: list[float] = []
        self._bring_back: Callable[[], object] = lambda: None
        self._taken = 0
        self._summed = (0, 0.0)
        self._losses: list[float] = []
        self._ratios: list[np.ndarray] = []
        self._before: Weights | None = None

    def watch(self, kernels: list[list[Any]], first_norms: list[float], bring_back: Callable[[], object]) -> None:
        """Says which weights are compared.

        Args:
            kernels: Variables of each layer.
            first_norms: Norms of these before training.
            bring_back: Gives the variables their values, which Keras keeps elsewhere between the steps under JAX.
        """
        self._kernels, self._first_norms, self._bring_back = kernels, first_norms, bring_back

    def before(self, batch: int) -> None:
        """Notes the weights before a step, of some steps."""
        if self._is_sampled(batch):
            self._before = self._copied()

    def after(self, batch: int, mean_loss: Any) -> None:
        """Notes what a step did.

        Args:
            batch: Index of the step; of several steps that Keras takes at once, that of the last one.
            mean_loss: Keras's running mean of the loss over the epoch; None where there is none.
        """
        before, self._before = self._before, None
        count, self._taken = batch + 1 - self._taken, batch + 1
        if mean_loss is not None:
            (steps, total), self._summed = self._summed, (self._taken, self._taken * float(mean_loss))
            self._losses.append((self._summed[1] - total) / max(self._taken - steps, 1))
        if before is not None:
            self._ratios.append(layer_change(before, self._copied(), self._first_norms) / count)

    def series(self) -> dict[str, Any]:
        """The series of the epoch; empty where no step was seen."""
        series: dict[str, Any] = _loss_series(np.array(self._losses))
        if self._ratios:
            ratios = np.array(self._ratios)  # (step, layer)
            known = ~np.isnan(ratios).all(axis=0)
            medians = np.median(np.nan_to_num(ratios, posinf=np.inf), axis=0)
            series["update_ratio"] = np.where(known, medians, np.nan)
            series["largest_update_ratio"] = np.fmax.reduce(ratios, axis=0)
        return series

    def _is_sampled(self, batch: int) -> bool:
        """The first steps, where a too large rate shows, and evenly spaced ones after them."""
        if not self._steps:
            return batch & (batch + 1) == 0  # 0, 1, 3, 7, 15 ...
        return batch in (0, 1) or batch % max(1, self._steps // SAMPLED_STEPS) == 0

    def _copied(self) -> Weights:
        self._bring_back()
        return [[to_numpy(variable) for variable in kernels] for kernels in self._kernels]


def _loss_series(losses: np.ndarray) -> dict[str, float]:
    """What the losses of the single batches of an epoch show. The last batch may be a small one and is left out."""
    if not len(losses):
        return {}
    whole = losses[:-1] if len(losses) > 2 else losses
    return {
        "largest_step_loss": float(np.fmax.reduce(losses)),
        "step_loss_std": measure.std(whole),
        "step_loss_autocorrelation": measure.autocorrelation(whole),
    }
