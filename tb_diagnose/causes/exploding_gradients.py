"""The gradient grows on its way back, until a step throws the weights out of reach.

Each layer multiplies the gradient. Where the factors are above 1 it grows from layer to layer, the first layers get
steps a thousand times too long, and soon weights or activations overflow: after the first NaN or infinity everything
behind it is lost. Which tensor was not finite first tells where it began.

Not this: a single large gradient that leaves no trace, large gradients everywhere because the loss is large, and Adam,
which scales them back (then it is a note).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, DoesNotApply, Edit, Finding, Fine, cause, degree, number
from tb_diagnose.causes._finding import CLIPPING
from tb_diagnose.evidence.keras_config import OPTIMIZERS

HEALTHY, RUINOUS = 70.0, 1000.0
"""Largest gradient norm of a layer over the largest so far of the last one. Demo setups stay below
10; AUTOTRAINER (Zhang et al., ICSE 2021) calls it exploding from 70 on."""
GROWN, RUINED = 10.0, 1000.0
"""Largest gradient norm over its running median: that of a run that learns falls, or varies by less than ten
times."""
PICTURES = {
    "weights": "nonfinite_weight_count",
    "activations": "nonfinite_activation_count",
    "gradients": "nonfinite_gradient_count",
}
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
    outputs: Sequence[Mapping[str, Any]] = (),
) -> Answer:
    names = [row["name"] for row in layers]
    norms = np.array(gradient_norm, float)
    counts = {
        "weights": nonfinite_weight_count,
        "activations": nonfinite_activation_count,
        "gradients": nonfinite_gradient_count,
    }
    broken = _first_nonfinite({what: np.nan_to_num(count) for what, count in counts.items() if count is not None})
    if broken is not None:
        return _not_finite(*broken, norms, names, epochs, optimizer)
    kernels = [i for i, row in enumerate(layers) if row["initializer"] is not None and np.isfinite(norms[:, i]).any()]
    if not kernels:
        return DoesNotApply("No layer has a trainable kernel.")
    norms, names = np.nan_to_num(norms[:, kernels]), [names[i] for i in kernels]
    if len(outputs) > 1:  # each has a last layer of its own, and a loss of its own size
        return Fine(f"The largest gradient norm is {number(norms.max())}, and all values are finite.")
    uneven, grown = _uneven(norms, names, epochs), _grown(norms, names, epochs, probe_loss)
    worst = uneven if uneven.harm >= grown.harm else grown
    if not worst.harm:
        return Fine(_cleared(norms, names, epochs))
    return Finding(
        worst.harm,
        1.0,
        f"{worst.saw}.",
        worst.expected,
        f"{_clip(optimizer)}, and look at what stands behind layer {worst.layer}.",
        since=worst.since,
        layers=(worst.layer,),
        edits=_clipped(optimizer),
        picture="gradient_norm",
    )


@dataclass(frozen=True)
class _Growth:
    """How far gradients grow: from layer to layer, or from epoch to epoch."""

    harm: float
    saw: str
    expected: str
    layer: str
    since: int


def _uneven(norms: np.ndarray, names: list[str], epochs: np.ndarray) -> _Growth:
    """The largest gradient against the largest that the last layer has had.

    Where the last layer has nothing to learn any more, its gradient is small.
    """
    largest = norms.max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(largest > LARGE, largest / np.maximum.accumulate(norms[:, -1]), 0.0)
    shown = int(ratios.argmax())
    layer = names[int(norms[shown].argmax())]
    beyond = np.flatnonzero(ratios > HEALTHY)
    return _Growth(
        degree(float(ratios[shown]), HEALTHY, RUINOUS),
        f"The largest gradient norm after epoch {int(epochs[shown])} is {number(largest[shown])}, in layer {layer}; "
        f"that of the last layer with a kernel, {names[-1]}, was at most {number(norms[: shown + 1, -1].max())} until "
        "then",
        f"less than {HEALTHY:g} times that of the last layer.",
        layer,
        int(epochs[beyond[0] if len(beyond) else shown]),
    )


def _cleared(norms: np.ndarray, names: list[str], epochs: np.ndarray) -> str:
    """The largest gradient of all, beside the largest of the last layer until then."""
    epoch, layer = np.unravel_index(int(norms.argmax()), norms.shape)
    where = f"({names[layer]}, epoch {int(epochs[epoch])})"
    beside = norms[: epoch + 1, -1].max()
    if layer == norms.shape[1] - 1:
        return f"The largest gradient norm is {number(norms.max())}, in the last layer {where}."
    return f"The largest gradient norm is {number(norms.max())} {where}, of the last layer {number(beside)}."


def _grown(norms: np.ndarray, names: list[str], epochs: np.ndarray, loss: np.ndarray | None) -> _Growth:
    """The largest gradient of an epoch against the median of those before it."""
    largest = norms.max(axis=1)
    growth = _growth(largest, loss)
    shown = int(growth.argmax())
    layer = names[int(norms[shown].argmax())]
    return _Growth(
        degree(float(growth[shown]), GROWN, RUINED),
        f"The gradient norm of layer {layer} is {number(largest[shown])} after epoch {int(epochs[shown])}, "
        f"{number(growth[shown])} times the median of the largest ones before, and the loss never came back",
        f"less than {GROWN:g} times the median.",
        layer,
        int(epochs[shown]),
    )


def _not_finite(
    epoch: int,
    where: list[tuple[str, int, float]],
    norms: np.ndarray,
    names: list[str],
    epochs: np.ndarray,
    optimizer: dict[str, Any] | None,
) -> Finding:
    """Values that are not finite, and where they began."""
    counted = ", ".join(
        f"{count:,.0f} value{'' if count == 1 else 's'} in the {what} of layer {names[layer]}"
        for what, layer, count in where
    )
    finite = norms[:epoch][np.isfinite(norms[:epoch])]
    before = f"; the largest gradient norm before was {number(finite.max())}" if len(finite) else ""
    return Finding(
        1.0,
        1.0,
        f"First not finite, after epoch {int(epochs[epoch])}: {counted}{before}.",
        "0 values that are NaN or infinite.",
        f"{_clip(optimizer)}, and look first at layer {names[where[0][1]]} and its inputs.",
        since=int(epochs[epoch]),
        layers=tuple(dict.fromkeys(names[layer] for _, layer, _ in where)),
        edits=_clipped(optimizer),
        picture=PICTURES[where[0][0]],
    )


def _first_nonfinite(counts: dict[str, np.ndarray]) -> tuple[int, list[tuple[str, int, float]]] | None:
    """Index of the first record with a value that is not finite, and for each kind of tensor the layer where it begins.

    Values run forward through activations and back through gradients: the first layer of the one, the last of the
    other.
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
    """Each record's largest gradient norm over the median before it; 0 where it is small or the loss came back."""
    growth = np.zeros(len(largest))
    for epoch in range(1, len(largest)):
        usual = float(np.median(largest[:epoch]))
        lasting = loss is None or not np.isfinite(loss[epoch - 1]) or not loss[-1] < loss[epoch - 1]
        if largest[epoch] > LARGE and usual > 0 and lasting:
            growth[epoch] = largest[epoch] / usual
    return growth


def _clip(optimizer: dict[str, Any] | None) -> str:
    name = OPTIMIZERS.get((optimizer or {}).get("name", ""))
    code = "clipnorm=1.0" if name is None else f"keras.optimizers.{name}(..., clipnorm=1.0)"
    if any(((optimizer or {}).get("config") or {}).get(kind) is not None for kind in CLIPPING):
        return "Divide the learning rate by 10: the gradient is clipped already"
    return f"Clip the gradient, `{code}`"


def _clipped(optimizer: dict[str, Any] | None) -> tuple[Edit, ...]:
    """The clip as an edit; Keras allows one kind of clipping at a time."""
    config = (optimizer or {}).get("config") or {}
    if any(config.get(name) is not None for name in CLIPPING):
        return ()
    return (Edit("compile", "clipnorm", 1.0),)
