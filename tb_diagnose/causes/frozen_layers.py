"""Layers that the task needs are not trained.

A layer with `trainable = False` keeps the weights that it was made with. Frozen weights that were learned elsewhere are
good features; frozen weights that were drawn at random are an arbitrary projection, and what is left to train must make
do with it. With no trainable weight at all, nothing can move.

Not this: transfer learning that learns, the statistics of a Normalization layer, and embeddings given as vectors of
words.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, cause
from tb_diagnose.causes._frozen import at_random, drawn
from tb_diagnose.causes._wording import listed, plural

MOST = 0.8
"""Harm with next to all weights frozen: random features carry a network some of the way, so other faults may weigh
more."""
LEARNED_ELSEWHERE = 0.4
"""Harm where nothing says that the frozen weights are as their initializer draws them: transfer learning mostly learns,
and embeddings are mostly given."""
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
MOST_EDITS = 6
"""Layers that are set trainable one by one; of more, the whole model is."""


@cause(
    title="Layers that are not trained",
    family="configuration",
    fix="Set `layer.trainable = True` before `compile`.",
    brings_about=("constant_prediction", "vanishing_gradients"),
    looks_like=("too_few_epochs", "learning_rate_too_low", "optimizer_unsuited"),
    sets_ceiling=True,
    sources=(
        "https://keras.io/guides/transfer_learning/",
        "Yosinski et al., 'How transferable are features in deep neural networks?', 2014",
    ),
)
def frozen_layers(
    layers: list[dict[str, Any]],
    initial_weights: list[dict[str, Any] | None] | None = None,
) -> Answer:
    learned = [(i, row) for i, row in enumerate(layers) if row.get("class") not in STATISTICS]
    counts_known = all(row.get("parameters") is not None for _, row in learned)
    weighted = [(i, row) for i, row in learned if row.get("parameters") or (not counts_known and row.get("weighted"))]
    if not weighted:
        return (
            DoesNotApply(f"No parameters in {plural(len(layers), 'layer')}.")
            if counts_known
            else CouldNotTell(("layers",))
        )
    frozen = [(i, row) for i, row in weighted if not row["trainable"]]
    # Where parameters were not counted, a layer counts as one.
    sizes = {i: int(row["parameters"]) if counts_known else 1 for i, row in weighted}
    total, noun = sum(sizes.values()), "parameter" if counts_known else "layer"
    if not frozen:
        within = f" of {plural(len(weighted), 'layer')}" if counts_known else " with weights"
        return Fine(f"{plural(total, noun)}{within}, all of them trained.")
    share = sum(sizes[i] for i, _ in frozen) / total
    names = tuple(row["name"] for _, row in frozen)
    states = [drawn(row, initial_weights, i) for i, row in frozen]
    everything = len(frozen) == len(weighted)
    whole = everything or len(names) > MOST_EDITS
    saw = (
        f"{sum(sizes[i] for i, _ in frozen):,} of {plural(total, noun)} ({share:.0%}) are not trained: {listed(names)}"
    )
    return Finding(
        1.0 if everything else _harm(share, states),
        1.0,
        f"{saw}{', as they were drawn' if True in states and not everything else ''}.",
        f"all {plural(len(weighted), 'layer')} with trainable True, unless their weights were learned elsewhere.",
        "Set `model.trainable = True`, and compile again."
        if whole
        else f"Set `trainable = True` in {', '.join(names)}, and compile again.",
        layers=names,
        edits=tuple(Edit(name, "trainable", True) for name in (("model",) if whole else names)),
        picture="layers",
    )


def _harm(share: float, states: Sequence[bool | None]) -> float:
    """By the share of the weights that stand still, and by whether they may have been learned elsewhere."""
    return min(MOST * sqrt(share), 1.0 if at_random(states) else LEARNED_ELSEWHERE)
