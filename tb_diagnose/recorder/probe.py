"""One record: what the probe batch shows of the model as it is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

import numpy as np

from tb_diagnose.recorder import forward, measure, objective, ranking
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.data_facts import SHOWN_CLASSES, Labels
from tb_diagnose.recorder.gradient import Taken, gradients

MOST_OUTPUTS = 32
"""Outputs with a histogram of their own; a 1,000-class model would write 30,000 numbers an epoch."""

Series = dict[str, np.ndarray | float]


def predictions(
    model: Any, probe: Data, labels: Labels, threshold: float | None, layers: list[tuple[str, Any]]
) -> tuple[Series, Series]:
    """What the outputs show, and the statistics of each layer on the way to them.

    Args:
        model: A built and compiled Keras model.
        probe: The probe batch.
        labels: What the labels stand for.
        threshold: Output value that parts the two classes of a single output; None where nothing tells it.
        layers: Names and layers to look into.

    Returns:
        The series of the outputs, and those of the layers, shape `(layer,)` each.
    """
    statistics = Statistics(layers)
    outputs, truths, loss = [], [], 0.0
    for part in forward.passes(probe, model):
        output, seen = forward.predict(model, part.x, layers)
        loss += forward.data_loss(model, part.y, output, part.sample_weight) * part.sample_count
        outputs.append(forward.to_numpy(output))
        truths.append(part.y)
        statistics.add(seen)
    answers, truth = np.concatenate(outputs), np.concatenate(truths)
    columns = answers.reshape(-1, answers.shape[-1]) if answers.ndim > 1 else answers[:, None]
    edges = measure.histogram_edges(columns)
    series: Series = {
        "probe_loss": loss / probe.sample_count,
        "probe_accuracy": accuracy(columns, truth, labels, threshold),
        "prediction_mean": columns.mean(axis=0)[:MOST_OUTPUTS],
        "prediction_std": columns.std(axis=0, dtype=np.float64)[:MOST_OUTPUTS],
        "prediction_histogram": np.stack([measure.histogram(c, edges) for c in columns.T[:MOST_OUTPUTS]]),
        "prediction_edges": edges,
    }
    series |= _ranked(columns, truth, labels)
    if not objective.has_loss(model):
        del series["probe_loss"]
    if threshold is not None and labels.values is not None and labels.form in ("binary", "integer", "one_hot"):
        classes = measure.predicted_classes(columns, labels.values, threshold)
        right = true_classes(truth, labels)
        if len(right) == len(classes):
            series["probe_balanced_accuracy"] = measure.balanced_accuracy(classes, right)
        if len(labels.values) <= SHOWN_CLASSES:
            series["predicted_fraction"] = measure.shares(classes, max(len(labels.values), columns.shape[1]))
    return series, statistics.series()


class Statistics:
    """Statistics of what layers give, over parts of the probe batch.

    Args:
        layers: Names and layers.
    """

    def __init__(self, layers: list[tuple[str, Any]]) -> None:
        self._of = {name: measure.LayerStatistics(_kind(layer)) for name, layer in layers}

    def add(self, calls_of: Mapping[str, Sequence[tuple[Any, Any]]]) -> None:
        """Takes in what the layers gave in one pass, from `forward.taps`."""
        for name, calls in calls_of.items():
            for given, before in calls if name in self._of else ():
                self._of[name].add(forward.to_numpy(given), None if before is None else forward.to_numpy(before))

    def series(self) -> Series:
        """The statistics by the names of their series, shape `(layer,)`."""
        rows = [statistics.result() for statistics in self._of.values()]
        return {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else ())}


def _ranked(columns: np.ndarray, truth: np.ndarray, labels: Labels) -> Series:
    """How the outputs rank samples by their labels; empty where they are not ranked by one output a label."""
    if labels.form == "multi_label" and truth.size == columns.size:
        return {"probe_auc": ranking.mean_auc(columns, truth.reshape(columns.shape) == truth.max())}
    if labels.values is None or len(labels.values) != 2 or labels.form not in ("binary", "one_hot"):
        return {}
    positive = true_classes(truth, labels) == 1
    if columns.shape[1] > 2 or len(positive) != len(columns) or not np.isfinite(columns).all():
        return {}
    scores = columns[:, -1] - (columns[:, 0] if columns.shape[1] == 2 else 0)
    series: Series = {"probe_auc": ranking.auc(scores, positive)}
    if columns.shape[1] == 1:
        series["best_threshold"], series["best_threshold_accuracy"] = ranking.best_threshold(scores, positive)
    return series


def accuracy(columns: np.ndarray, truth: np.ndarray, labels: Labels, threshold: float | None) -> float:
    """Share of right answers, with the threshold or argmax that fits the form of the labels; NaN without classes."""
    if threshold is None:
        return float("nan")
    if labels.form == "multi_label":
        return float(((columns > threshold) == (truth.reshape(columns.shape) == truth.max())).mean())
    if labels.values is None or labels.form not in ("binary", "integer", "one_hot", "probabilities"):
        return float("nan")
    classes = measure.predicted_classes(columns, labels.values, threshold)
    right = true_classes(truth, labels)
    return float((classes == right).mean()) if len(classes) == len(right) else float("nan")


def true_classes(truth: np.ndarray, labels: Labels) -> np.ndarray:
    """The class of each sample, or of each place in it, as an index into the label values."""
    if labels.form in ("one_hot", "probabilities"):
        return np.asarray(truth.reshape(-1, truth.shape[-1]).argmax(axis=1))
    flat = truth.reshape(-1)
    return np.searchsorted(np.unique(flat) if labels.values is None else labels.values, flat)


def _kind(layer: Any) -> str:
    """What dead and saturated mean for a layer: its activation, as far as that is one of the three."""
    name = type(layer).__name__
    if name in ("ReLU",):
        return "relu"
    activation = layer.__dict__.get("activation")
    name = getattr(activation, "__name__", "")
    return {"relu": "relu", "relu6": "relu", "sigmoid": "sigmoid", "tanh": "tanh"}.get(name, "other")


def layer_gradients(
    model: Any, probe: Data, shown: list[tuple[str, Any]], note: Callable[[Any, Data, Taken], None] | None = None
) -> Series:
    """Gradients by layer, how far those of parts of the probe batch agree, and the losses in training mode.

    Args:
        model: A built and compiled Keras model.
        probe: The probe batch.
        shown: Names and layers of the layer table.
        note: Is given the model, each part of the probe batch, and its pass in training mode.

    Returns:
        `gradient_norm`, `nonfinite_gradient_count`, `disconnected_fraction` of shape `(layer,)`, the losses in
        training mode, `gradient_agreement` and `gradient_noise_scale`; empty on a backend without gradients.
    """
    parts = forward.parts(probe, model)
    whole: list[np.ndarray | None] = [None] * len(model.trainable_variables)
    square = data_loss = penalty = 0.0
    for part in parts:
        taken = gradients(model, part)
        if taken is None:
            return {}
        if note is not None:
            note(model, part, taken)
        share = part.sample_count / probe.sample_count
        data_loss += share * taken.data_loss
        penalty += share * taken.penalty
        add_gradients(whole, taken.gradients, share)
        for gradient in taken.gradients:
            square += 0.0 if gradient is None else share * measure.squared_norm(gradient)
    series: Series = {**by_layer(model, whole, shown), "probe_training_loss": data_loss, "penalty": penalty}
    if len(parts) > 1:
        mean_square = sum(measure.squared_norm(g) for g in whole if g is not None)
        series["gradient_agreement"] = mean_square / square if square > 0 else float("nan")
        samples = probe.sample_count / len(parts)
        series["gradient_noise_scale"] = measure.noise_scale(mean_square, square, samples, len(parts))
    return series


def add_gradients(whole: list[np.ndarray | None], gradients: Sequence[np.ndarray | None], share: float) -> None:
    """Adds the gradients of some of the samples to those of all.

    Args:
        whole: Of each trainable variable of the model; None where no gradient has flowed so far. It is added to.
        gradients: Those of some samples.
        share: These over all samples.
    """
    for index, gradient in enumerate(gradients):
        if gradient is not None:
            before = whole[index]
            whole[index] = share * gradient if before is None else before + share * gradient


def by_layer(
    model: Any, gradients: Sequence[np.ndarray | None], shown: list[tuple[str, Any]], idle: Set[int] = frozenset()
) -> Series:
    """The gradients of all trainable variables as series by layer.

    Args:
        model: The model.
        gradients: Of each trainable variable of the model; None where no gradient flows.
        shown: Names and layers of the layer table.
        idle: Places of the gradients of variables that no loss asks anything of.

    Returns:
        `gradient_norm`, `nonfinite_gradient_count` and `disconnected_fraction`, shape `(layer,)` each.
    """
    pairs = enumerate(zip(model.trainable_variables, gradients, strict=True))
    by_id = {id(v): gradient for place, (v, gradient) in pairs if place not in idle}
    norms, bad, apart = (np.full(len(shown), np.nan) for _ in range(3))
    for row, (_, layer) in enumerate(shown):
        own = [v for v in layer.trainable_variables if id(v) in by_id]
        if own:
            of_layer = [by_id[id(v)] for v in own]
            # No gradient at all is a norm of 0: that is what the optimizer sees.
            norms[row], bad[row] = measure.norm_and_nonfinite([g for g in of_layer if g is not None])
            sizes = [int(np.prod(v.shape)) for v in own]
            apart[row] = sum(n for n, g in zip(sizes, of_layer, strict=True) if g is None) / max(sum(sizes), 1)
    return {"gradient_norm": norms, "nonfinite_gradient_count": bad, "disconnected_fraction": apart}


def initial_weights(layer: Any) -> dict[str, Any] | None:
    """What the kernel of a layer begins with; None for layers without one, and for look-up tables."""
    # Frozen kernels are told apart from trained ones by how they begin.
    own = layer.trainable_variables if layer.trainable else layer.weights
    kernels = [v for v in own if len(v.shape) >= 2]
    if not kernels or type(layer).__name__ == "Embedding":
        return None
    kernel = forward.to_numpy(kernels[0])
    fan_in, fan_out = measure.fans(kernel.shape)
    bias = getattr(getattr(layer, "cell", layer), "bias", None)
    return {
        "std": float(kernel.std(dtype=np.float64)),
        "fan_in": fan_in,
        "fan_out": fan_out,
        "alike": measure.units_alike(kernel),
        "bias": None if bias is None else float(forward.to_numpy(bias).mean()),
    }


def weight_series(shown: list[tuple[str, Any]]) -> Series:
    """Norm and non-finite count of the trainable weights of each layer, shape `(layer,)`."""
    norms, bad = np.full(len(shown), np.nan), np.full(len(shown), np.nan)
    for row, (_, layer) in enumerate(shown):
        if layer.trainable_variables:
            norms[row], bad[row] = measure.norm_and_nonfinite([forward.to_numpy(v) for v in layer.trainable_variables])
    return {"weight_norm": norms, "nonfinite_weight_count": bad}
