"""Layers that stand still from the first histogram on, before one that moves as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, Finding, Fine
from tb_diagnose.causes._cut_place import GATED, harm_of_share, look_between
from tb_diagnose.causes._unmoved import stuck
from tb_diagnose.causes._wording import listed, plural

FLAT_ENDS = ("sigmoid", "tanh", "hard_sigmoid", "softmax")
"""Activations that may have a gradient of exactly 0, and an output that is not."""
MERGING = {"Add", "Concatenate", "Multiply", "Average", "Maximum", "Minimum", "Subtract", "Dot"}
INFERRED = 0.9
"""Certainty of a cut that is inferred from weights that stand still."""


def by_histograms(
    kernel_unmoved: np.ndarray | None,
    bias_unmoved: np.ndarray | None,
    layers: Sequence[dict[str, Any]],
    epochs: np.ndarray,
    operations: Sequence[str],
) -> Answer:
    """The answer where a log holds histograms of weights, and no gradients."""
    trainable = [row for row in layers if row["weighted"] and row["trainable"]]
    found = None if kernel_unmoved is None else stuck(kernel_unmoved, bias_unmoved, epochs)
    if found is None or found.zeros or not found.always:
        counted = plural(len(trainable), "trainable layer")
        return Fine(f"Of {counted} none stands still in every histogram before one that moves.")
    between = layers[found.layers[-1] : found.behind]
    flat = any(row["activation"] in FLAT_ENDS or row["class"] in GATED for row in between)
    # A dead layer leaves what comes behind it still, too, unless something else arrives there by a way around it.
    dead = MERGING & set(operations) and any(row["activation"] in ("relu", "relu6") for row in between)
    if flat or dead:
        return CouldNotTell(("gradient_norm",))  # the layer that stands still may be dead or saturated by its values
    names, behind = tuple(layers[i]["name"] for i in found.layers), layers[found.behind]["name"]
    return Finding(
        harm_of_share(len(names) / max(len(trainable) - 1, len(names))),
        INFERRED,
        f"The weights of {listed(names)} have not moved at all from epoch {found.since} to epoch {int(epochs[-1])}, "
        f"while those of {behind} have.",
        f"weights that move in each of the {plural(len(trainable), 'layer')}.",
        look_between(names[-1], behind),
        since=found.since,
        layers=names,
        picture="kernel_unmoved",
    )
