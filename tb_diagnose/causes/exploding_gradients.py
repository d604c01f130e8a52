"""The gradient grows on its way back, until a step throws the weights out of reach.

Each layer multiplies the gradient. Where the factors are above 1 it grows from layer to layer, the first layers get
steps a thousand times too long, and soon weights or activations overflow: after the first NaN or infinity everything
behind it is lost. Which tensor was not finite first tells where it began.

Not this: a single large gradient that leaves no trace, large gradients everywhere because the loss is large, and Adam,
which scales them back (then it is a note).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree
from tb_diagnose.evidence.keras_config import OPTIMIZERS

HEALTHY, RUINOUS = 70.0, 1000.0
"""Largest gradient norm of a layer over the largest so far of the last one. Demo setups stay below
10; AUTOTRAINER (Zhang et al., ICSE 2021) calls it exploding from 70 on."""
GROWN, RUINED = 10.0, 1000.0
"""Largest gradient norm over its running median: that of a run that learns falls, or varies by less than ten
times."""
LARGE = 1.0
"""Gradient norm below which a long step needs a rate above 1: growth of what is small explodes nothing."""


@cause(
    title="Exploding gradients",
    family="mechanism",
    fix="Clip the gradient: `keras.optimizers.Adam(clipnorm=1.0)`; look at the layer where it grows.",
    brings_about=("dead_relu", "vanishing_gradients", "saturated_activations", "constant_prediction"),
    sources=(
        "Pascanu et al., 'On the difficulty of training recurrent neural networks', 2013",
        "Zhang et al., 'AUTOTRAINER', ICSE 2021",
        "Wardat et al., 'DeepDiagnosis', ICSE 2022",
    ),
)
def exploding_gradients(
    gradient_norm: np.ndarray,
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    probe_loss: np.ndarray | None = None,
    nonfinite_weight_count: np.ndarray | None = None,
    nonfinite_activation_count: np.ndarray | None = None,
    nonfinite_gradient_count: np.ndarray | None = None,
    optimizer: dict[str, Any] | None = None,
) -> Answer:
    names = [row["name"] for row in layers]
    norms = np.array(gradient_norm, float)
    counts = {
        "weights": nonfinite_weight_count,
        "activations": nonfinite_activation_count,
        "gradients": nonfinite_gradient_count,
    }
    broken = _first_nonfinite({what: np.nan_to_num(c) for what, c in counts.items() if c is not None})
    clip = _clip(optimizer)
    if broken is not None:
        epoch, where = broken
        told = ", ".join(f"{n:,.0f} values in the {what} of layer {names[layer]}" for what, layer, n in where)
        before = np.nan_to_num(norms[:epoch]).max(initial=0.0)
        return Finding(
            1.0,
            1.0,
            f"First not finite, after epoch {int(epochs[epoch])}: {told}"
            + (f"; the largest gradient norm before was {before:.2g}." if epoch else "."),
            "0 values that are NaN or infinite.",
            f"{clip}, and look first at layer {names[where[0][1]]} and its inputs.",
            since=int(epochs[epoch]),
            layers=tuple(dict.fromkeys(names[layer] for _, layer, _ in where)),
            edits=_clipped(optimizer),
            picture=f"nonfinite_{ {'weights': 'weight', 'activations': 'activation', 'gradients': 'gradient'}[where[0][0]] }_count",
        )
    weighted = [i for i, row in enumerate(layers) if row["initializer"] is not None and np.isfinite(norms[:, i]).any()]
    if not weighted:
        return Fine("0 layers with a trainable kernel.")
    norms = np.nan_to_num(norms[:, weighted])
    largest = norms.max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Against the largest that the last layer has had: where it has nothing to learn any more, its gradient is small.
        ratios = np.where(largest > LARGE, largest / np.maximum.accumulate(norms[:, -1]), 0.0)
    growth = _growth(largest, probe_loss)
    uneven, grown = degree(float(ratios.max()), HEALTHY, RUINOUS), degree(float(growth.max()), GROWN, RUINED)
    found = max(uneven, grown)
    if uneven >= grown:
        epoch = int(ratios.argmax()) if not uneven else int(np.flatnonzero(ratios > HEALTHY)[0])
        shown = int(ratios.argmax()) if uneven else epoch
        name = names[weighted[int(norms[shown].argmax())]]
        saw = (
            f"The largest gradient norm after epoch {int(epochs[shown])} is {largest[shown]:.2g}, in layer {name}; that of the last layer, "
            f"{names[weighted[-1]]}, was at most {norms[: shown + 1, -1].max():.2g}"
        )
        expected = f"less than {HEALTHY:g} times that of the last layer."
    else:
        epoch = shown = int(growth.argmax())
        name = names[weighted[int(norms[shown].argmax())]]
        saw = (
            f"The gradient norm of layer {name} is {largest[shown]:.2g} after epoch {int(epochs[shown])}, {growth[shown]:.2g} times the "
            "median before it, and the loss never came back"
        )
        expected = f"less than {GROWN:g} times the median."
    if not found:
        return Fine(f"{saw}.")
    return Finding(
        found,
        1.0,
        f"{saw}.",
        expected,
        f"{clip}, and look at what stands behind layer {name}.",
        since=int(epochs[epoch]),
        layers=(name,),
        edits=_clipped(optimizer),
        picture="gradient_norm",
    )


def _first_nonfinite(counts: dict[str, np.ndarray]) -> tuple[int, list[tuple[str, int, float]]] | None:
    """Index of the first record with a value that is not finite, and for each kind of tensor the layer where it begins.

    Values run forward through activations and back through gradients: the first layer of the one, the last of the other.
    """
    if not counts or not any(c.any() for c in counts.values()):
        return None
    epoch = min(int(np.flatnonzero(c.any(axis=1))[0]) for c in counts.values() if c.any())
    where = []
    for what, count in counts.items():
        bad = np.flatnonzero(count[epoch])
        if len(bad):
            layer = int(bad[-1] if what == "gradients" else bad[0])
            where.append((what, layer, float(count[epoch][layer])))
    return epoch, where


def _growth(largest: np.ndarray, loss: np.ndarray | None) -> np.ndarray:
    """Each record's largest gradient norm over the median of those before; 0 where it is small or the loss came back."""
    growth = np.zeros(len(largest))
    for epoch in range(1, len(largest)):
        usual = float(np.median(largest[:epoch]))
        lasting = loss is None or not np.isfinite(loss[epoch - 1]) or not loss[-1] < loss[epoch - 1]
        if largest[epoch] > LARGE and usual > 0 and lasting:
            growth[epoch] = largest[epoch] / usual
    return growth


def _clip(optimizer: dict[str, Any] | None) -> str:
    name = OPTIMIZERS.get((optimizer or {}).get("name", ""), "Adam")
    return f"Clip the gradient, `keras.optimizers.{name}(..., clipnorm=1.0)`"


def _clipped(optimizer: dict[str, Any] | None) -> tuple[Edit, ...]:
    """The clip as an edit; Keras allows one kind of clipping at a time."""
    config = (optimizer or {}).get("config") or {}
    if any(config.get(name) is not None for name in ("clipnorm", "clipvalue", "global_clipnorm")):
        return ()
    return (Edit("compile", "clipnorm", 1.0),)
