"""Layers that the task needs are not trained.

A layer with `trainable = False` keeps the weights that it was made with. Frozen weights that were learned elsewhere are good features; frozen
weights that were drawn at random are an arbitrary projection, and what is left to train must make do with it. With no trainable
weight at all, nothing can move.

Not this: transfer learning that learns, the statistics of a Normalization layer, and look-up tables of words given with their vectors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause

MOST = 0.8
"""Severity with next to all weights frozen: random features carry a network some of the way, so other faults may weigh more."""
LEARNED_ELSEWHERE = 0.4
"""Severity where the frozen weights were not drawn by their initializer: transfer learning, which mostly learns."""
STATISTICS = (
    "Normalization",
    "BatchNormalization",
    "TextVectorization",
    "StringLookup",
    "IntegerLookup",
    "Discretization",
    "SpectralNormalization",
)
"""Layers whose weights are counted and not learned."""
LIKE_DRAWN = 0.1
"""How far the spread of a kernel may be from that of its initializer to be taken for drawn by it: with 50 weights the standard error is 10 %."""


@cause(
    title="Layers that are not trained",
    family="configuration",
    fix="Set `layer.trainable = True` before `compile`.",
    brings_about=("insufficient_capacity", "constant_prediction", "vanishing_gradients"),
    looks_like=("too_few_epochs", "learning_rate_too_low", "optimizer_unsuited"),
    sources=(
        "https://keras.io/guides/transfer_learning/",
        "Yosinski et al., 'How transferable are features in deep neural networks?', 2014",
    ),
)
def frozen_layers(
    layers: list[dict[str, Any]],
    initial_weights: list[dict[str, Any] | None] | None = None,
) -> Answer:
    counted = [(i, row) for i, row in enumerate(layers) if row.get("class") not in STATISTICS and row.get("parameters")]
    total = sum(row["parameters"] for _, row in counted)
    frozen = [(i, row) for i, row in counted if not row["trainable"]]
    if not total:
        return Fine(f"No parameters in {len(layers)} layers.")
    if not frozen:
        return Fine(f"All {total:,} parameters of {len(counted)} layers are trained.")
    share = sum(row["parameters"] for _, row in frozen) / total
    names = tuple(row["name"] for _, row in frozen)
    shown = ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:3])} and {len(names) - 3} more"
    everything = len(frozen) == len(counted)
    whole = everything or len(names) > 6
    drawn = [_drawn(row, initial_weights, i) for i, row in frozen]
    size = 1.0 if everything else MOST * float(np.sqrt(share))
    if not everything and False in drawn:
        size = min(size, LEARNED_ELSEWHERE)
    return Finding(
        size,
        0.9,
        f"{sum(row['parameters'] for _, row in frozen):,} of {total:,} parameters ({share:.0%}) are not trained: {shown}"
        + (", as they were drawn." if True in drawn and not everything else "."),
        f"all {len(counted)} layers with trainable True, unless their weights were learned elsewhere.",
        "Set `model.trainable = True`, and compile again."
        if whole
        else f"Set `trainable = True` in {', '.join(names)}, and compile again.",
        layers=names,
        edits=tuple(Edit(name, "trainable", True) for name in (("model",) if whole else names)),
        picture="layers",
    )


def _drawn(row: dict[str, Any], initial_weights: list[dict[str, Any] | None] | None, index: int) -> bool | None:
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
    expected = float(np.sqrt(next(fan for kind, fan in fans.items() if name.startswith(kind))))
    return abs(weights["std"] / expected - 1) <= LIKE_DRAWN and not weights["bias"]
