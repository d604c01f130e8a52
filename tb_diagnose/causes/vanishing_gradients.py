"""The gradient fades on its way back, and the first layers hardly learn.

Each layer multiplies the gradient by its weights and by the slope of its activation. The slope of a
sigmoid is at most 0.25, that of a saturated or dead unit 0: over a few layers nothing is left, and the
first layers, which see the inputs, stay as they were drawn.

Not this: small gradients everywhere at the end of a run that has succeeded.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause, degree

USUAL = 0.1
HEALTHY, RUINOUS = 1e-2, 1e-4
"""Gradient norm of the first layer over that of the last. Healthy nets lie between `USUAL` and 10; 1e-3 is where AUTOTRAINER (Zhang et al., ICSE 2021)
calls it vanishing, the middle of this scale."""
STILL, MOVED = 0.03, 0.3
"""Way of a layer over all epochs as a share of its size: as good as none, and as runs that learn at least make
(the same as in learning_rate_too_low.py)."""
NOTHING = 1e-7
"""Largest gradient norm of all layers that float32 weights of order 1 do not feel: the resolution of float32 is 1.2e-7."""


@cause(
    title="Vanishing gradients",
    family="mechanism",
    fix="Use relu in the hidden layers, fewer of them, or a BatchNormalization behind each.",
    brings_about=("constant_prediction", "insufficient_capacity"),
    sources=("Glorot and Bengio, 2010", "Zhang et al., 'AUTOTRAINER', ICSE 2021"),
)
def vanishing_gradients(
    gradient_norm: np.ndarray,
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    epoch_update_ratio: np.ndarray | None = None,
) -> Answer:
    norms = np.array(gradient_norm, float)
    weighted = [
        i for i in range(norms.shape[1]) if layers[i]["initializer"] is not None and not np.isnan(norms[:, i]).all()
    ]
    if not weighted:
        return Fine("No trainable kernel.")
    first, last = weighted[0], weighted[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = norms[:, first] / norms[:, last]
    names = [row["name"] for row in layers]
    end = norms[-1][weighted]
    if np.isnan(end).any():
        return Fine(f"The gradients are not finite after epoch {int(epochs[-1])}.")
    if end.max() <= NOTHING:
        silent = np.flatnonzero(np.nan_to_num(norms[:, weighted]).max(axis=1) > NOTHING)
        since = int(epochs[silent[-1] + 1]) if len(silent) else int(epochs[0])
        return Finding(
            1.0,
            1.0,
            f"The gradient norm of every layer is {'0' if not end.any() else f'at most {np.nanmax(end):.2g}'} after epoch {int(epochs[-1])}.",
            f"more than {NOTHING:g}, what float32 weights can feel.",
            since=since,
            layers=tuple(names[i] for i in weighted),
            picture="gradient_norm",
            limit=NOTHING,
            beyond="below",
        )
    ratio = float(ratios[-1]) if np.isfinite(ratios[-1]) else 1.0
    saw = f"The gradient norm is {norms[-1][first]:.2g} in the first layer, {names[first]}, and {norms[-1][last]:.2g} in the last, {names[last]}: a ratio of {ratio:.2g} after epoch {int(epochs[-1])}"
    if len(weighted) < 2:
        return Fine(f"The gradient norm of {names[first]} is {norms[-1][first]:.2g} after epoch {int(epochs[-1])}.")
    found = degree(ratio, HEALTHY, RUINOUS)
    if ratio < USUAL and epoch_update_ratio is not None:
        way = np.nansum(np.where(np.isfinite(epoch_update_ratio), epoch_update_ratio, 0.0), axis=0)
        if way[first] < MOVED <= way[last]:
            saw += f"; over all epochs {names[first]} changed by {way[first]:.2g} of its size, {names[last]} by {way[last]:.2g}"
            found = max(found, degree(float(way[first]), MOVED, STILL)) if way[first] > 0 else 1.0
    if not found:
        return Fine(f"{saw}.")
    fine = np.flatnonzero(~(ratios < HEALTHY))
    since = int(epochs[fine[-1] + 1]) if len(fine) and fine[-1] + 1 < len(epochs) else int(epochs[0])
    return Finding(
        found,
        1.0,
        f"{saw}.",
        f"a ratio above {USUAL:g}.",
        f'Use `activation="relu"` in {names[first]} and the hidden layers behind it, or a `BatchNormalization()` after each.',
        since=since,
        layers=tuple(names[i] for i in weighted if norms[-1][i] < HEALTHY * norms[-1][last]),
        picture="gradient_norm",
    )
