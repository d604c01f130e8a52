"""Something between a layer and the loss lets no gradient through.

argmax, round, sign, comparisons, casts to integers, numpy calls and `stop_gradient` inside a model have no gradient, or one of exactly
zero. All layers in front of them stay as they were drawn, while those behind learn what they can from
random features. Where the cut is at the output, nothing learns.

Not this: layers frozen on purpose, which ask for no gradient; dead relu units and saturated ones, whose gradient is zero
because of their values; gradients that fade and are small, not zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause
from tb_diagnose.causes._unmoved import stuck

SHUT = 0.99
"""Share of silent or saturated units in one layer from which on its values, not its kind, keep the gradient back."""
GATED = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
"""Layers whose saturation is not measured."""
FLAT_ENDS = ("sigmoid", "tanh", "hard_sigmoid", "softmax")
"""Activations that may have a gradient of exactly 0, and an output that is not."""
MERGING = {"Add", "Concatenate", "Multiply", "Average", "Maximum", "Minimum", "Subtract", "Dot"}
LEAST = 0.6
"""Severity with a small share of the parameters cut off, 1 with all but the output layer's: random features carry a network some of the way."""


@cause(
    title="Gradient cut off",
    family="configuration",
    fix="Take argmax, round, casts and numpy calls out of the model: they belong behind `predict`.",
    brings_about=("vanishing_gradients", "insufficient_capacity", "constant_prediction"),
    looks_like=("too_few_epochs", "learning_rate_too_low", "optimizer_unsuited"),
    sources=("https://www.tensorflow.org/guide/autodiff#getting_a_gradient_of_none",),
    either=("gradient_norm", "kernel_unmoved"),
)
def disconnected_gradient(
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    gradient_norm: np.ndarray | None = None,
    disconnected_fraction: np.ndarray | None = None,
    activation_std: np.ndarray | None = None,
    dead_fraction: np.ndarray | None = None,
    saturated_fraction: np.ndarray | None = None,
    initial_weights: list[dict[str, Any] | None] | None = None,
    kernel_unmoved: np.ndarray | None = None,
    bias_unmoved: np.ndarray | None = None,
    operations: Sequence[str] = (),
) -> Answer:
    if gradient_norm is None:
        return _by_histograms(kernel_unmoved, bias_unmoved, layers, epochs, operations)
    norms = np.array(gradient_norm, float)
    asked = [i for i in range(norms.shape[1]) if not np.isnan(norms[:, i]).all()]
    if not asked:
        return Fine("No trainable weights in 0 records.")
    used = [i for i in asked if activation_std is None or not np.isnan(np.array(activation_std, float)[:, i]).all()]
    none = np.zeros(norms.shape[1])
    if disconnected_fraction is not None:
        known = np.array(disconnected_fraction, float)
        none = np.where(np.isnan(known).all(axis=0), 0.0, np.nanmin(np.where(np.isnan(known), np.inf, known), axis=0))
    cut = [i for i in used if none[i] > 0]
    shut = _shut(dead_fraction, saturated_fraction, initial_weights, layers, norms.shape[1])
    moving = [i for i in used if np.nanmin(norms[:, i]) > 0]
    zero = [
        i
        for i in used
        if i not in cut and np.nanmax(norms[:, i]) == 0 and moving and i < moving[-1] and not shut[i:].any()
    ]
    concerned = sorted({*cut, *zero})
    records = f"in {len(epochs)} record{'s' if len(epochs) != 1 else ''}"
    if not concerned:
        return Fine(f"All {len(used)} layers with trainable weights have a gradient {records}.")
    names = tuple(layers[i]["name"] for i in concerned)
    sizes = [layers[i].get("parameters") or 1 for i in used if i != used[-1] or i in concerned]
    share = sum(layers[i].get("parameters") or 1 for i in concerned) / max(sum(sizes), 1)
    behind = next((layers[i]["name"] for i in used if i > concerned[-1]), None)
    where = f"between {names[-1]} and {behind}" if behind else f"behind {names[-1]}"
    shown = ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"
    part = min(none[i] for i in cut) if cut else 0.0
    how = (
        f"No gradient reaches {'' if part == 1 else f'{part:.0%} of the weights of '}{shown}"
        if cut
        else f"The gradient of {shown} is exactly 0"
    )
    return Finding(
        LEAST + (1 - LEAST) * min(share, 1.0),
        1.0,
        f"{how}, {records} from epoch {int(epochs[0])} to {int(epochs[-1])}.",
        f"a gradient for each of the {len(used)} layers with trainable weights.",
        _look(where),
        since=int(epochs[0]),
        layers=names,
        picture="disconnected_fraction" if cut else "gradient_norm",
        limit=0.0,
        beyond="above" if cut else "below",
    )


def _look(where: str) -> str:
    return (
        f"Look {where}: argmax, round, sign, a comparison, a cast to integers, a numpy call or `stop_gradient` there cuts "
        "the layers before it off; replace it by something smooth, such as softmax for argmax."
    )


def _by_histograms(
    kernel_unmoved: np.ndarray | None,
    bias_unmoved: np.ndarray | None,
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    operations: Sequence[str],
) -> Answer:
    """Layers that stand still from the first histogram on, before one that moves as a whole."""
    found = None if kernel_unmoved is None else stuck(kernel_unmoved, bias_unmoved, epochs)
    if found is None or found.zeros or not found.always:
        return Fine("No layer stands still in every histogram before one that moves.")
    between = layers[found.layers[-1] : found.behind]
    flat = any(row["activation"] in FLAT_ENDS or row["class"] in GATED for row in between)
    # A dead layer leaves what comes behind it still, too, unless something else arrives there by a way around it.
    dead = MERGING & set(operations) and any(row["activation"] in ("relu", "relu6") for row in between)
    if flat or dead:
        return Fine(f"{between[0]['name']} stands still, and may be dead or saturated by its values.")
    names, behind = tuple(layers[i]["name"] for i in found.layers), layers[found.behind]["name"]
    weighted = [row for row in layers if row["weighted"] and row["trainable"]]
    shown = ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"
    return Finding(
        LEAST + (1 - LEAST) * len(names) / max(len(weighted) - 1, len(names)),
        1.0,
        f"The weights of {shown} have not moved at all from epoch {found.since} to epoch {int(epochs[-1])}, while those of {behind} have.",
        f"weights that move in each of the {len(weighted)} layers.",
        _look(f"between {names[-1]} and {behind}"),
        since=found.since,
        layers=names,
        picture="kernel_unmoved",
    )


def _shut(
    dead_fraction: np.ndarray | None,
    saturated_fraction: np.ndarray | None,
    initial_weights: list[dict[str, Any] | None] | None,
    layers: list[dict[str, Any]],
    count: int,
) -> np.ndarray:
    """Layers whose values alone may keep a gradient back: dead, saturated, begun at zero, or with gates; shape `(layer,)`."""
    shut = np.array([row.get("class") in GATED for row in layers[:count]])
    for series in (dead_fraction, saturated_fraction):
        if series is not None and len(series):
            shut |= np.nan_to_num(np.array(series, float)).max(axis=0) >= SHUT
    for i, row in enumerate(initial_weights or []):
        if row is not None and i < count and row["std"] == 0:
            shut[i] = True
    return shut
