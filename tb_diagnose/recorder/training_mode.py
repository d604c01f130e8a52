"""The probe batch in training mode: right answers, and how well moving statistics stand for those of a batch.

All of it comes from the passes that gradients are taken from: nothing is computed twice, and the model stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.recorder import forward, measure, probe
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.data_facts import Labels
from tb_diagnose.recorder.gradient import Taken


class TrainingMode:
    """Gathers what a model does in training mode, and what its moving statistics do from one record to the next.

    Args:
        shown: Names and layers of the layer table.
        labels: What the labels stand for.
        threshold: Output value that parts the two classes of a single output; None where nothing tells it.
        acts_otherwise: Whether the model has layers that act otherwise in training.
    """

    def __init__(
        self, shown: Sequence[tuple[str, Any]], labels: Labels, threshold: float | None, acts_otherwise: bool
    ) -> None:
        self._labels, self._threshold, self._acts_otherwise = labels, threshold, acts_otherwise
        self._layers = [layer if has_moving_statistics(layer) else None for _, layer in shown]
        self._last: list[np.ndarray | None] = []
        self._answers: list[np.ndarray] = []
        self._truths: list[np.ndarray] = []
        self._moved: list[list[tuple[np.ndarray, np.ndarray] | None]] = []

    def add(self, model: Any, part: Data, taken: Taken) -> None:
        """Notes the pass of one part of the probe batch."""
        if not self._acts_otherwise:
            return
        self._answers.append(forward.to_numpy(taken.output))
        self._truths.append(part.y)
        after = {id(v): value for v, value in zip(model.non_trainable_variables, taken.other, strict=True)}
        self._moved.append([None if layer is None else _moved(layer, after) for layer in self._layers])

    def series(self) -> probe.Series:
        """The series of one record, from the passes since the record before."""
        answers, truths, moved = self._answers, self._truths, self._moved
        self._answers, self._truths, self._moved = [], [], []
        if not answers:
            return {}
        columns = np.concatenate(answers)
        columns = columns.reshape(-1, columns.shape[-1]) if columns.ndim > 1 else columns[:, None]
        right = probe.accuracy(columns, np.concatenate(truths), self._labels, self._threshold)
        series: probe.Series = {"probe_training_accuracy": right}
        if any(layer is not None for layer in self._layers):
            by_layer = zip(self._layers, zip(*moved, strict=True), strict=True)
            errors = [np.nan if layer is None else _error_ratio(layer, passes) for layer, passes in by_layer]
            series["moving_statistics_error_ratio"] = np.array(errors)
            series |= self._updates()
        return series

    def _updates(self) -> probe.Series:
        last, self._last = self._last, [None if layer is None else _statistics(layer) for layer in self._layers]
        if not last:
            return {}
        pairs = zip(last, self._last, strict=True)
        ratios = [np.nan if old is None or new is None else measure.update_ratio(old, new) for old, new in pairs]
        return {"moving_statistics_update_ratio": np.array(ratios)}


def has_moving_statistics(layer: Any) -> bool:
    """Whether a layer scales by statistics of the batch in training, and by moving averages of them otherwise."""
    return all(hasattr(layer, name) for name in ("moving_mean", "moving_variance", "momentum"))


def batch_statistics_layers(model: Any, layers: Sequence[tuple[str, Any]], sample: Data) -> list[str]:
    """Names of the layers that scale by the statistics of the batch in inference mode as well."""
    normalizing = [(name, layer) for name, layer in layers if has_moving_statistics(layer)]
    if not normalizing:
        return []
    _, other, moved = forward.inference(model, sample.x)
    changed = {
        id(variable)
        for variable, before, after in zip(model.non_trainable_variables, other, moved, strict=True)
        if not np.array_equal(forward.to_numpy(before), forward.to_numpy(after))
    }
    return [name for name, layer in normalizing if id(layer.moving_variance) in changed]


def _moved(layer: Any, after: dict[int, Any]) -> tuple[np.ndarray, np.ndarray] | None:
    """Moving mean and variance as a pass leaves them; None where the model does not list them."""
    values = [after.get(id(variable)) for variable in (layer.moving_mean, layer.moving_variance)]
    if any(value is None for value in values):
        return None
    mean, variance = (forward.to_numpy(value).astype(np.float64) for value in values)
    return mean, variance


def _error_ratio(layer: Any, passes: Sequence[tuple[np.ndarray, np.ndarray] | None]) -> float:
    """How far the layer's output in inference mode is from that in training mode, in standard deviations of the latter.

    A pass leaves `momentum * old + (1 - momentum) * batch` of each statistic, from which that of the batch follows.
    NaN where the layer takes its moving statistics in training as well.
    """
    momentum, epsilon = float(layer.momentum), float(getattr(layer, "epsilon", 0.0))
    moving_mean = forward.to_numpy(layer.moving_mean).astype(np.float64)
    moving_variance = forward.to_numpy(layer.moving_variance).astype(np.float64)
    known = [pair for pair in passes if pair is not None]
    if momentum >= 1 or not known:
        return float("nan")
    means, variances = (np.array(values) for values in zip(*known, strict=True))
    if (means == moving_mean).all() and (variances == moving_variance).all():
        return float("nan")
    mean = ((means - momentum * moving_mean) / (1 - momentum)).mean(axis=0)
    variance = np.maximum(((variances - momentum * moving_variance) / (1 - momentum)).mean(axis=0), 0.0)
    in_training = np.sqrt(variance + epsilon)
    in_inference = np.sqrt(np.maximum(moving_variance, 0.0) + epsilon)
    shift = (mean - moving_mean) / in_inference
    scale = np.sqrt(variance) * (1 / in_inference - 1 / in_training)
    return float(np.sqrt(shift**2 + scale**2).mean())


def _statistics(layer: Any) -> np.ndarray:
    values = [forward.to_numpy(variable) for variable in (layer.moving_mean, layer.moving_variance)]
    return np.concatenate([value.ravel() for value in values])
