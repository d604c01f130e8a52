"""A penalty on weights that drowns the loss of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from tb_diagnose.causes import CouldNotTell, Edit, Finding, degree, number
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._heaviest import Trouble
from tb_diagnose.causes._loss_levels import Levels
from tb_diagnose.causes._wording import listed
from tb_diagnose.evidence.keras_config import walk_layers

HALF_LEARNED, LEARNED = 0.5, 0.9
"""Skill from which a penalty as large as the loss of the answers says nothing, for that loss has become small; and
from which no penalty does."""
SHARE, RUINOUS_SHARE = 1.0, 20.0
"""Penalty at the end over the loss of the answers: equal at the first, at the second the answers hardly count."""
FIRST, RUINOUS_FIRST = 3.0, 50.0
"""Penalty before the first step over the loss of the best constant answer. An L2 of 0.001 on the kernels of demo setups
gives 0.02 to 0.2."""
SHRUNK, GONE = 0.4, 0.05
"""Smallest weight norm of a penalized layer over that at the start. Weights that learn grow."""
USUAL_FACTOR, RUINOUS_FACTOR = 0.1, 10.0
"""Factor of a regularizer, where the penalty was not measured. 1e-5 to 1e-2 are in use; in the recordings of the demo
setups an L2 of 0.1 costs little, one of 1 stalls about half of them, and one of 100 all."""
BY_FACTOR = 0.8
"""Certainty where only the factor is known, and not how large the weights are."""
LOWERED = 1e-4
"""Factor that is proposed: amid those in use, 1e-5 to 1e-2."""


def strong_penalty(
    penalty: np.ndarray | None,
    levels: Levels,
    layers: Sequence[dict[str, Any]],
    weight_norm: np.ndarray | None,
    model: dict[str, Any] | None,
) -> Trouble:
    """A penalty that is large beside the loss, or under which the weights have shrunk."""
    names = tuple(row["name"] for row in layers if row.get("regularized"))
    values = penalty[np.isfinite(penalty)] if penalty is not None else np.zeros(0)
    if not len(values):
        return _by_factor(names, model)
    if not values.max() > 0 or levels.skill >= LEARNED:
        return None
    first, last = float(values[0]), float(values[-1])
    saw, sizes = f"The penalty is {number(last)}", []
    if isfinite(levels.at_end):
        saw += f" beside a loss of {number(levels.at_end)}"
    if not levels.skill >= HALF_LEARNED:
        sizes.append(degree(last / levels.at_end, SHARE, RUINOUS_SHARE) if levels.at_end > 0 else 0.0)
        sizes.append(degree(first / abs(levels.constant), FIRST, RUINOUS_FIRST) if levels.constant else 0.0)
    saw += f", and was {number(first)} at first"
    shrunk = _shrunk(layers, weight_norm)
    if shrunk is not None:
        sizes.append(degree(shrunk, SHRUNK, GONE))
        saw += f"; the penalized weights were down to {number(shrunk, 2)} of their first size"
    size = max(sizes, default=0.0)
    if not size:
        return None
    base = abs(levels.constant)
    known = isfinite(base)
    return Finding(
        size,
        certainty(size),
        f"{saw}.",
        f"a penalty well below the loss of the answers, {number(base)} for the best constant one."
        if known
        else "a penalty below 1 loss of the answers.",
        _fix(names),
        layers=names,
        edits=_weakened(model, names),
        picture="penalty",
        limit=base if known else None,
    )


def _by_factor(names: Sequence[str], model: dict[str, Any] | None) -> Trouble:
    """What the factors alone tell of a penalty that was not measured."""
    factors = [
        factor
        for layer in walk_layers(model or {})
        for argument, value in layer.config.items()
        if argument.endswith("_regularizer") and isinstance(value, dict)
        for factor in (value.get("config") or {}).values()
        if isinstance(factor, (int, float))
    ]
    if not factors:
        return CouldNotTell(("penalty",)) if names else None
    harm = degree(max(factors), USUAL_FACTOR, RUINOUS_FACTOR)
    if not harm:
        return None
    return Finding(
        harm,
        BY_FACTOR,
        f"A regularizer has a factor of {number(max(factors))}.",
        f"factors of 0.00001 to 0.01, less than {USUAL_FACTOR:g}.",
        _fix(names),
        layers=tuple(names),
        edits=_weakened(model, names),
        picture="layers",
    )


def _fix(names: Sequence[str]) -> str:
    return "Lower the factors of the regularizers to 0.0001" + (f" in {listed(names)}." if names else ".")


def _weakened(model: dict[str, Any] | None, names: Sequence[str]) -> tuple[Edit, ...]:
    """The regularizers of these layers with factors that are in use."""
    edits = []
    for layer in walk_layers(model or {}):
        for argument, value in layer.config.items():
            if layer.name not in names or not argument.endswith("_regularizer") or not value:
                continue
            factors = value.get("config") if isinstance(value, dict) else None
            if not isinstance(factors, dict) or not all(isinstance(factor, float) for factor in factors.values()):
                return ()  # a custom regularizer: all are weakened, or nothing is said
            weaker = {name: min(factor, LOWERED) for name, factor in factors.items()}
            edits.append(Edit(layer.name, argument, {**value, "config": weaker}))
    return tuple(edits)


def _shrunk(layers: Sequence[dict[str, Any]], weight_norm: np.ndarray | None) -> float | None:
    """The smallest size that the weights of a penalized layer had over that at the start; None when unknown."""
    places = [i for i, row in enumerate(layers) if row.get("regularized")]
    if not places or weight_norm is None or len(weight_norm) < 2:
        return None
    norms = np.asarray(weight_norm, float)[:, places]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = norms / norms[0]
    return float(ratios[np.isfinite(ratios)].min()) if np.isfinite(ratios).any() else None
