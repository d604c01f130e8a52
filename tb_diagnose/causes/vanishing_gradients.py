"""The gradient fades on its way back, and the first layers hardly learn.

Each layer multiplies the gradient by its weights and by the slope of its activation. The slope of a
sigmoid is at most 0.25, that of a saturated or dead unit 0: over a few layers nothing is left, and the
first layers, which see the inputs, stay as they were drawn.

Not this: small gradients everywhere at the end of a run that has succeeded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Finding, Fine, Try, cause, degree, number
from tb_diagnose.causes._tries import normalized, without_custom
from tb_diagnose.causes._wording import capitalized

USUAL = 0.1
HEALTHY, RUINOUS = 1e-2, 1e-4
"""Gradient norm of the first layer over that of the last. Healthy nets lie between `USUAL` and 10; 1e-3 is where
AUTOTRAINER (Zhang et al., ICSE 2021) calls it vanishing, the middle of this scale."""
STILL, MOVED = 0.03, 0.3
"""Way of a layer over all epochs as a share of its size: as good as none, and as runs that learn at least make
(the same as in `learning_rate_too_low`)."""
NOTHING = 1e-7
"""Largest gradient norm of all layers that float32 weights of order 1 do not feel: the resolution of float32 is
1.2e-7."""


@cause(
    title="Vanishing gradients",
    family="mechanism",
    fix="Use relu in the hidden layers, fewer of them, or a BatchNormalization behind each.",
    brings_about=("constant_prediction",),
    looks_like=("too_few_epochs",),  # the last layers go on learning from what the first ones happen to give
    sources=("Glorot and Bengio, 2010", "Zhang et al., 'AUTOTRAINER', ICSE 2021"),
)
def vanishing_gradients(
    gradient_norm: np.ndarray,
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    epoch_update_ratio: np.ndarray | None = None,
    model: dict[str, Any] | None = None,
    outputs: Sequence[Mapping[str, Any]] = (),
) -> Answer:
    norms = np.array(gradient_norm, float)
    kernels = [i for i, row in enumerate(layers) if row["initializer"] is not None and not np.isnan(norms[:, i]).all()]
    if not kernels:
        return DoesNotApply("No layer has a trainable kernel.")
    end = norms[-1][kernels]
    if np.isnan(end).any():
        return CouldNotTell(("gradient_norm",))
    names = [row["name"] for row in layers]
    if end.max() <= NOTHING:
        nothing = _nothing(norms[:, kernels], [names[i] for i in kernels], epochs)
        return replace(nothing, attempt=_attempt(model, layers, [names[i] for i in kernels]))
    first, last = kernels[0], kernels[-1]
    after = f"after epoch {int(epochs[-1])}"
    if len(outputs) > 1:  # each has a last layer of its own, and a loss of its own size
        where = names[kernels[int(end.argmax())]]
        return Fine(f"The largest gradient norm {after} is {number(float(end.max()), 2)}, in {where}.")
    if first == last:
        return Fine(
            f"The gradient norm of {names[first]}, the only layer with a kernel, is {number(end[0], 2)} {after}."
        )
    saw = (
        f"The gradient norm is {number(end[0], 2)} in the first layer, {names[first]}, and {number(end[-1], 2)} in the "
        f"last, {names[last]}"
    )
    if not end[-1]:
        return Fine(f"The gradient norm of the last layer, {names[last]}, is 0 {after}.")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = norms[:, first] / norms[:, last]
    ratio = float(ratios[-1])
    saw += f": a ratio of {number(ratio, 2)} {after}"
    harm = degree(ratio, HEALTHY, RUINOUS)
    if ratio < USUAL and epoch_update_ratio is not None:
        way = np.where(np.isfinite(epoch_update_ratio), epoch_update_ratio, 0.0).sum(axis=0)
        if way[first] < MOVED <= way[last]:
            saw += (
                f"; over all epochs {names[first]} changed by {number(way[first], 2)} of its size, {names[last]} by "
                f"{number(way[last], 2)}"
            )
            harm = max(harm, degree(float(way[first]), MOVED, STILL))
    if not harm:
        shown = "about" if number(ratio, 2) == "1" else f"{number(ratio, 2)} times"
        return Fine(
            f"{capitalized(after)} the gradient of {names[first]} is {shown} that of the last layer, {names[last]}."
        )
    fine = np.flatnonzero(~(ratios < HEALTHY))
    since = int(epochs[fine[-1] + 1]) if len(fine) and fine[-1] + 1 < len(epochs) else int(epochs[0])
    faded = tuple(names[i] for i in kernels if norms[-1][i] < HEALTHY * end[-1])
    return Finding(
        harm,
        1.0,
        f"{saw}.",
        f"a ratio above {USUAL:g}.",
        f'Use `activation="relu"` in {names[first]} and the hidden layers behind it, or a `BatchNormalization()` after '
        "each.",
        since=since,
        layers=faded or (names[first],),
        picture="gradient_norm",
        attempt=_attempt(model, layers, [names[i] for i in kernels]),
    )


def _attempt(model: dict[str, Any] | None, layers: list[dict[str, Any]], kernels: list[str]) -> Try | None:
    """What a trial makes: values between the layers normalized; a custom layer that may swallow the gradient left
    out."""
    return without_custom(model, layers) or (normalized(layers, kernels[:-1]) if len(kernels) > 1 else None)


def _nothing(norms: np.ndarray, names: list[str], epochs: np.ndarray) -> Finding:
    """No layer with a kernel gets a gradient that it could feel."""
    felt = np.flatnonzero(np.nan_to_num(norms).max(axis=1) > NOTHING)
    since = int(epochs[felt[-1] + 1]) if len(felt) else int(epochs[0])
    largest = float(norms[-1].max())
    which = f"{names[0]}, the only layer" if len(names) == 1 else f"each of the {len(names)} layers"
    return Finding(
        1.0,
        1.0,
        f"The gradient norm of {which} with a kernel is {f'at most {number(largest, 2)}' if largest else '0'} after "
        f"epoch {int(epochs[-1])}.",
        f"more than {number(NOTHING)}, what float32 weights can feel.",
        since=since,
        layers=tuple(names),
        picture="gradient_norm",
        limit=NOTHING,
        beyond="below",
    )
