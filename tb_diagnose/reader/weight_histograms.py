"""Weight histograms of `keras.callbacks.TensorBoard` -> which weights did not move.

A histogram says nothing of single weights, but when the smallest, the largest and all counts of a kernel are the same
to the last bit as at the epoch before, its weights stand still: the gradient was 0. A lookup table is left out: a few
of its rows may move a little without being an extreme.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

PLUGIN = "histograms"
MOST = 100
"""Histograms of a weight that are read; TensorBoard's fast loader keeps as many."""
STATISTICS = ("moving_mean", "moving_variance", "mean", "variance", "count", "seed_generator_state")
"""Variables that are counted, not learned."""
TABLES = ("Embedding",)
"""Layers of which a batch moves only a few rows."""
ADDED = ("bias", "beta")
"""Weights that are added to the inputs; the others multiply them, and have no gradient where all inputs are 0."""


@dataclass(frozen=True)
class Weights:
    """The weights of each layer as their histograms tell.

    Args:
        series: `kernel_unmoved` and `bias_unmoved` over the epochs, shape `(epoch, layer)`: 1 where nothing has moved
            since the histogram before, NaN where there is none.
        initial: For each layer the row of the fact `initial_weights`, None where the weights have moved; None for all
            where none is known to be as it was drawn.
    """

    series: Mapping[str, np.ndarray]
    initial: list[dict[str, Any] | None] | None


Histograms = Mapping[int, np.ndarray]
"""By epoch, each of shape `(bin, 3)`: left edge, right edge, count."""


def read(
    provider: Any,
    ctx: Any,
    experiment: str,
    runs: list[str],
    layers: Sequence[Mapping[str, Any]],
    epochs: np.ndarray,
    span: tuple[float, float],
) -> Weights | None:
    """What the histograms of one run tell; None where there are fewer than two of any weight.

    Args:
        provider: TensorBoard data provider.
        ctx: TensorBoard request context.
        experiment: Experiment id, "" outside a server.
        runs: TensorBoard runs of this run.
        layers: The fact `layers`.
        epochs: Epochs of the evidence, shape `(epoch,)`.
        span: Wall times between which the run wrote.
    """
    from tensorboard.data.provider import RunTagFilter

    tensors = provider.read_tensors(
        ctx, experiment_id=experiment, plugin_name=PLUGIN, downsample=MOST, run_tag_filter=RunTagFilter(runs=runs)
    )
    weights: list[dict[tuple[str, str], Histograms]] = [{} for _ in layers]  # by tag and name
    for tags in tensors.values():
        for tag, data in tags.items():
            layer, weight = place(tag, [row["name"] for row in layers])
            if layer is None or not layers[layer]["trainable"] or weight in STATISTICS:
                continue
            if layers[layer].get("class") in TABLES:
                continue
            # Keras counts epochs from 0; what was written later at the same one counts.
            inside = {d.step + 1: np.array(d.numpy) for d in data if span[0] <= d.wall_time < span[1]}
            weights[layer][tag, weight] = {e: h for e, h in sorted(inside.items()) if h.ndim == 2 and h.shape[1] == 3}
    if not any(len(some) > 1 for of_layer in weights for some in of_layer.values()):
        return None
    flags = {name: np.full((len(epochs), len(layers)), np.nan) for name in ("kernel_unmoved", "bias_unmoved")}
    for index, of_layer in enumerate(weights):
        for name, added in (("kernel_unmoved", False), ("bias_unmoved", True)):
            unmoved = [_unmoved(some) for (_, weight), some in of_layer.items() if (weight in ADDED) == added]
            for position, epoch in enumerate(epochs):
                known = [by_epoch[int(epoch)] for by_epoch in unmoved if int(epoch) in by_epoch]
                if known:
                    flags[name][position, index] = float(all(known))
    return Weights(flags, _initial(weights, layers, flags))


def place(tag: str, layers: Sequence[str]) -> tuple[int | None, str]:
    """The layer that a weight belongs to, and its name there: `sequential/dense_1/kernel_0/histogram` -> (1, "kernel").

    Args:
        tag: Name of the histogram.
        layers: Names of the layers, those inside of other models with a `/` between.
    """
    *path, weight = tag.removesuffix("/histogram").split("/")
    weight = re.sub(r"_\d+$", "", weight)
    where = "/".join(["", *path, ""])
    fits = [index for index, name in enumerate(layers) if f"/{name}/" in where]
    fits = fits or [index for index, name in enumerate(layers) if f"/{name.rpartition('/')[2]}/" in where]
    return (fits[0] if len(fits) == 1 else None), weight


def _unmoved(histograms: Histograms) -> dict[int, bool]:
    """By epoch, whether nothing has moved since the histogram before."""
    numbers = list(histograms)
    return {
        epoch: histograms[epoch].shape == histograms[before].shape
        and bool((histograms[epoch] == histograms[before]).all())
        for before, epoch in itertools.pairwise(numbers)
    }


def _initial(
    weights: Sequence[Mapping[tuple[str, str], Histograms]],
    layers: Sequence[Mapping[str, Any]],
    flags: Mapping[str, np.ndarray],
) -> list[dict[str, Any] | None] | None:
    """Weights that are as they were drawn: they never moved, and in one layer at least they are all of one value.

    Weights that moved in the first epoch and stuck then would differ, each by its own gradient.
    """
    rows: list[dict[str, Any] | None] = []
    drawn = False
    for index, (of_layer, layer) in enumerate(zip(weights, layers, strict=True)):
        kernel, bias = _only("kernel", of_layer), _only("bias", of_layer)
        known = flags["kernel_unmoved"][:, index]
        known = known[np.isfinite(known)]
        if not kernel or not len(known) or not known.all():
            rows.append(None)
            continue
        first = next(iter(kernel.values()))
        count, std = float(first[:, 2].sum()), _std(first)
        units = layer["units"] if isinstance(layer["units"], int) and layer["units"] > 0 else 1
        still = flags["bias_unmoved"][:, index]
        first_bias = next(iter(bias.values())) if bias and (still[np.isfinite(still)] == 1).all() else None
        constant = None if first_bias is None else _constant(first_bias)
        drawn = drawn or constant is not None or (std == 0 and count > 1)
        rows.append(
            {
                "std": std,
                "fan_in": max(round(count / units), 1),
                "fan_out": units,
                "alike": std == 0 and count > 1,
                "bias": 0.0 if constant is None else constant,
            }
        )
    return rows if drawn else None


def _only(name: str, of_layer: Mapping[tuple[str, str], Histograms]) -> Histograms | None:
    """The weight of that name, where the layer has one: a layer made of others may have several."""
    named = [histograms for (_, weight), histograms in of_layer.items() if weight == name]
    return named[0] if len(named) == 1 else None


def _constant(histogram: np.ndarray) -> float | None:
    """The value that two weights or more have in common; None where they differ."""
    return float(histogram[0, 0]) if histogram[:, 2].sum() > 1 and _std(histogram) == 0 else None


def _std(histogram: np.ndarray) -> float:
    """Standard deviation of the weights in a histogram; 0 exactly where all are equal."""
    left, right, count = histogram.T
    if not len(left):
        return float("nan")
    if left[0] == right[-1]:
        return 0.0
    if not count.sum():
        return float("nan")  # no weight is finite
    middle, total = (left + right) / 2, count.sum()
    mean = (count * middle).sum() / total
    return float(np.sqrt((count * (middle - mean) ** 2).sum() / total))
