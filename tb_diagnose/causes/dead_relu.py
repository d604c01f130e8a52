"""Relu units that give 0 for every sample, and so never learn again.

A relu unit whose pre-activation is negative on every sample has output 0 and gradient 0: no sample can
bring it back. One step that is too large, inputs that are too large or an unlucky start do it. When a
whole layer is dead, nothing behind it depends on the input any more.

Weight histograms show a dead layer as well: the kernel behind it stands still, as its gradient is made of the zeros
that come in, and the bias beside that kernel moves.

Not this: a share of zeros. A healthy relu layer gives 0 for about half of its values; what counts are
units that are silent on every single sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, cause, degree
from tb_diagnose.causes._unmoved import stuck

HEALTHY, RUINOUS = 0.5, 0.95
"""Dead share of a layer's units. Half of the units may be dead without harm to accuracy (they act as pruning; Lu et
al., "Dying ReLU and Initialization", 2019, speak of a dead network only when a whole layer is)."""

RELU = ("relu", "relu6")
"""Activations with a gradient of exactly 0 below 0."""


@cause(
    title="Dead ReLU units",
    family="mechanism",
    fix="Train again from another seed with a ten times smaller learning rate; use "
    '`activation="leaky_relu"` in the layer.',
    brings_about=("vanishing_gradients", "constant_prediction"),
    sources=("Lu et al., 'Dying ReLU and Initialization: Theory and Numerical Examples', 2019",),
    either=("dead_fraction", "kernel_unmoved"),
)
def dead_relu(
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    dead_fraction: np.ndarray | None = None,
    kernel_unmoved: np.ndarray | None = None,
    bias_unmoved: np.ndarray | None = None,
) -> Answer:
    if dead_fraction is None:
        return _by_histograms(kernel_unmoved, bias_unmoved, layers, epochs)
    dead = np.array(dead_fraction, float)
    names = [row["name"] for row in layers]
    if np.isnan(dead).all():
        return DoesNotApply("No layer has a relu activation.")
    if np.isnan(dead[-1]).all():
        return CouldNotTell(("dead_fraction",))
    worst = int(np.nanargmax(dead[-1]))  # a layer without relu has no dead units, and is not named
    dead = np.nan_to_num(dead)
    share = float(dead[-1][worst])
    units = layers[worst]["units"]
    count = f"{round(share * units)} of {units}" if units else f"{share:.0%} of the"
    where = f"of layer {names[worst]}"
    which = f"The only unit {where} gives" if units == share == 1 else f"{count} units {where} give"
    saw = f"{which} 0 on every probe sample after epoch {int(epochs[-1])}"
    harm = degree(share, HEALTHY, RUINOUS)
    if not harm:
        return Fine(f"{saw}.")
    concerned = tuple(name for name, value in zip(names, dead[-1], strict=True) if value > HEALTHY)
    is_frozen = layers[worst].get("trainable") is False
    below = np.flatnonzero(dead[:, worst] <= HEALTHY)
    since = int(epochs[below[-1] + 1]) if len(below) else int(epochs[0])
    return Finding(
        harm,
        1.0,
        saw + (", from the start." if since == 0 else f", more than half since epoch {since}."),
        f"less than {HEALTHY:.0%} of a layer's units.",
        _of_frozen(names[worst]) if is_frozen else _fix(names[worst]),
        since=since,
        layers=concerned,
        picture="dead_fraction",
        edits=() if is_frozen else (Edit(names[worst], "activation", "leaky_relu"),),
        limit=HEALTHY,
    )


def _by_histograms(
    kernel_unmoved: np.ndarray | None, bias_unmoved: np.ndarray | None, layers: list[dict[str, Any]], epochs: np.ndarray
) -> Answer:
    """A whole layer that is dead; of single units histograms tell nothing."""
    if not any(row["activation"] in RELU for row in layers):
        return DoesNotApply("No layer has a relu activation.")
    still = None if kernel_unmoved is None else stuck(kernel_unmoved, bias_unmoved, epochs)
    silent = [] if still is None else [row for row in layers[: still.behind] if row["activation"] in RELU]
    if still is None or not still.zeros or not silent:
        return Fine("0 kernels stand still behind a ReLU layer.")
    last, behind, front = silent[-1]["name"], layers[still.behind]["name"], len(still.layers)
    return Finding(
        1.0,
        1.0,
        f"Nothing but zeros comes out of layer {last}: the kernel of {behind} has not moved at all from epoch "
        f"{still.since} to epoch {int(epochs[-1])}, while its bias has; nor "
        f"ha{'s the layer' if front == 1 else f've the {front} layers'} before it.",
        "kernels that move in every epoch.",
        _fix(last),
        since=still.since,
        layers=tuple(layers[i]["name"] for i in still.layers),
        picture="kernel_unmoved",
        edits=(Edit(last, "activation", "leaky_relu"),),
    )


def _of_frozen(layer: str) -> str:
    return (
        f"{layer} is frozen: give it inputs of the size that its weights were learned for, as `preprocess_input` of "
        "its model makes them, or set `trainable = True`."
    )


def _fix(layer: str) -> str:
    return (
        f'Train again from another seed; if it recurs, use `activation="leaky_relu"` in {layer} or divide the learning '
        "rate by 10."
    )
