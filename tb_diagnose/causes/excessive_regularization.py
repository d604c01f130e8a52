"""The regularization is stronger than what there is to learn.

A Dropout of 0.9 lets one in ten units through: in training the layers behind it see little but noise. A penalty on weights
adds to the loss; where it is larger than the loss of the answers, the optimizer lowers it first and best by bringing all weights to
zero, and the output no longer depends on the input. Accuracy stays at the commonest class, though loss falls.

Not this: Dropout of 0.2 to 0.5, penalties of 1e-5 to 1e-3, and a run that learns all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree, number
from tb_diagnose.evidence.keras_config import walk_layers

KEPT, TOO_FEW = 0.4, 0.08
"""Share of units that the strongest Dropout lets through. 0.5 is the rate of Srivastava et al. (2014), who found 0.2 to 0.6 kept units fine."""
ALL_KEPT, ALL_TOO_FEW = 0.1, 0.01
"""The same for all Dropout layers together: two of 0.5 let 0.25 through."""
ABOVE = 0.1
"""Loss in training mode above that in inference mode, as a share of what a perfect answer gains over a constant one, from which on Dropout shows."""
NEAR_CONSTANT = 0.3
"""Skill on the loss scale below which the output is near a constant one."""
STRONG, FELT = 0.7, 0.4
"""Rate from which on Dropout has at least that severity, where the loss in training mode shows it."""
HALF_LEARNED, LEARNED = 0.5, 0.9
"""Skill from which on a penalty as large as the loss of the answers says nothing, for that loss has become small; and from which on no penalty does."""
SHARE, RUINOUS_SHARE = 1.0, 20.0
"""Penalty at the end over the loss of the answers: equal at the first, at the second the answers are all but left out."""
FIRST, RUINOUS_FIRST = 3.0, 50.0
"""Penalty before the first step over the loss of the best constant answer. An L2 of 0.001 on the kernels of demo setups gives 0.02 to 0.2."""
SHRUNK, GONE = 0.4, 0.05
"""Smallest weight norm of a penalized layer over that at the start. Weights that learn grow."""


@cause(
    title="Excessive regularization",
    family="configuration",
    fix="Lower Dropout to 0.2 and the penalty to a hundredth, or take them out until the training samples are learned.",
    brings_about=(
        "constant_prediction",
        "vanishing_gradients",
        "exploding_gradients",
        "dead_relu",
        "insufficient_capacity",
    ),
    looks_like=(
        "too_few_epochs",
        "learning_rate_too_high",
        "learning_rate_too_low",
        "optimizer_unsuited",
        "batch_size_too_small",
    ),
    sources=(
        "Srivastava et al., 'Dropout: a simple way to prevent neural networks from overfitting', 2014",
        "Goodfellow et al., 'Deep Learning', 2016, section 7.1",
    ),
)
def excessive_regularization(
    probe_loss: np.ndarray,
    epochs: np.ndarray,
    penalty: np.ndarray | None = None,
    probe_training_loss: np.ndarray | None = None,
    dropout_rates: Sequence[float] | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
    layers: list[dict[str, Any]] | None = None,
    weight_norm: np.ndarray | None = None,
    training_only: Sequence[str] | None = None,
    model: dict[str, Any] | None = None,
) -> Answer:
    scale = baseline_loss - (perfect_loss or 0.0) if baseline_loss is not None else float("nan")
    found = [
        finding
        for finding in (
            _dropout(probe_loss, probe_training_loss, list(dropout_rates or []), baseline_loss, scale, model),
            _penalized(penalty, probe_loss, baseline_loss, scale, layers, weight_norm, model),
        )
        if finding is not None
    ]
    if found:
        return max(found, key=lambda finding: finding.weight)
    seen = []
    if dropout_rates:
        seen.append(f"Dropout of up to {max(dropout_rates):g}")
    known = _finite(penalty)
    if known is not None and known.any():
        seen.append(f"a penalty of {number(float(known[-1]))} beside a loss of {number(float(probe_loss[-1]))}")
    return Fine(
        f"{' and '.join(seen)[0].upper() + ' and '.join(seen)[1:]}." if seen else "No Dropout, and a penalty of 0."
    )


def _finite(series: np.ndarray | None) -> np.ndarray | None:
    finite = np.array(series, float)[np.isfinite(series)] if series is not None else np.zeros(0)
    return finite if len(finite) else None


def _skill(probe_loss: np.ndarray, baseline_loss: float | None, scale: float) -> float:
    """Share of the way from the best constant answer to a perfect one at the end, by the loss; NaN when unknown."""
    if baseline_loss is None or not scale > 0 or not np.isfinite(probe_loss[-1]):
        return float("nan")
    return float((baseline_loss - probe_loss[-1]) / scale)


def _dropout(
    probe_loss: np.ndarray,
    probe_training_loss: np.ndarray | None,
    rates: list[float],
    baseline_loss: float | None,
    scale: float,
    model: dict[str, Any] | None,
) -> Finding | None:
    if not rates:
        return None
    kept = [1 - min(rate, 1.0) for rate in rates]
    size = max(degree(min(kept), KEPT, TOO_FEW), degree(float(np.prod(kept)), ALL_KEPT, ALL_TOO_FEW))
    if not size:
        return None
    saw = (
        f"Dropout of {max(rates):g}"
        + (f" in {len(rates)} layers" if len(rates) > 1 else "")
        + f" lets {float(np.prod(kept)):.2g} of the units through"
    )
    above = float("nan")
    if probe_training_loss is not None and np.isfinite(probe_training_loss[-1]) and np.isfinite(probe_loss[-1]):
        above = float(probe_training_loss[-1] - probe_loss[-1])
        saw += f"; the same samples have a loss of {number(float(probe_training_loss[-1]))} with it and {number(float(probe_loss[-1]))} without"
    skill = _skill(probe_loss, baseline_loss, scale)
    shows = above >= ABOVE * scale if scale > 0 else above >= ABOVE * abs(float(probe_loss[-1]))
    if not shows and not skill < NEAR_CONSTANT and np.isfinite(above):
        return None
    if shows and max(rates) >= STRONG:
        size = max(size, FELT)
    return Finding(
        size,
        0.8,
        f"{saw}.",
        f"Dropout of 0.2 to 0.5, at most {1 - KEPT:g}.",
        f"`Dropout({max(rates):g})` -> `Dropout(0.2)`.",
        edits=tuple(
            Edit(layer.name, "rate", 0.2)
            for layer in walk_layers(model or {})
            if "Dropout" in layer.kind and layer.config.get("rate") == max(rates)
        ),
        picture="probe_training_loss" if np.isfinite(above) else "dropout_rates",
    )


def _penalized(
    penalty: np.ndarray | None,
    probe_loss: np.ndarray,
    baseline_loss: float | None,
    scale: float,
    layers: list[dict[str, Any]] | None,
    weight_norm: np.ndarray | None,
    model: dict[str, Any] | None,
) -> Finding | None:
    known = _finite(penalty)
    if known is None or not known.max() > 0:
        return None
    skill = _skill(probe_loss, baseline_loss, scale)
    if skill >= LEARNED:
        return None
    first, last = float(known[0]), float(known[-1])
    beside = float(probe_loss[-1]) if np.isfinite(probe_loss[-1]) else float("nan")
    held = not skill >= HALF_LEARNED
    size = degree(last / beside, SHARE, RUINOUS_SHARE) if beside > 0 and held else 0.0
    told = (
        f"the penalty is {number(last)} beside a loss of {number(beside)}"
        if np.isfinite(beside)
        else f"the penalty is {number(last)}"
    )
    base = abs(baseline_loss) if baseline_loss else float("nan")
    size = max(size, degree(first / base, FIRST, RUINOUS_FIRST) if held else 0.0)
    told += f", and was {number(first)} at first"
    names, shrunk = _shrunk(layers, weight_norm)
    if shrunk is not None:
        size = max(size, degree(shrunk, SHRUNK, GONE))
        told += f"; the penalized weights were down to {shrunk:.2g} of their first size"
    if not size:
        return None
    return Finding(
        size,
        0.8,
        f"{told[0].upper()}{told[1:]}.",
        f"a penalty well below the loss of the answers, {number(base)} for the best constant one."
        if np.isfinite(base)
        else "a penalty below 1 loss.",
        "Divide the factors of the regularizers by 1,000" + (f" in {', '.join(names[:4])}." if names else "."),
        layers=names,
        edits=_weakened(model, names),
        picture="penalty",
        limit=base if np.isfinite(base) else None,
    )


def _weakened(model: dict[str, Any] | None, names: Sequence[str]) -> tuple[Edit, ...]:
    """The regularizers of these layers with a thousandth of their factors."""
    edits = []
    for layer in walk_layers(model or {}):
        for argument, value in layer.config.items():
            if layer.name not in names or not argument.endswith("_regularizer") or not value:
                continue
            factors = value.get("config") if isinstance(value, dict) else None
            if not isinstance(factors, dict) or not all(isinstance(factor, float) for factor in factors.values()):
                return ()  # somebody's own: all are weakened, or nothing is said
            weaker = {name: factor / 1000 for name, factor in factors.items()}
            edits.append(Edit(layer.name, argument, {**value, "config": weaker}))
    return tuple(edits)


def _shrunk(
    layers: list[dict[str, Any]] | None, weight_norm: np.ndarray | None
) -> tuple[tuple[str, ...], float | None]:
    """Names of the penalized layers, and the smallest size that the weights of one of them had over that at the start."""
    places = [i for i, row in enumerate(layers or []) if row.get("regularized")]
    names = tuple(layers[i]["name"] for i in places) if layers else ()
    if not places or weight_norm is None or len(weight_norm) < 2:
        return names, None
    norms = np.array(weight_norm, float)[:, places]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = norms / norms[0]
    return names, float(np.nanmin(np.where(np.isfinite(ratios), ratios, np.nan))) if np.isfinite(ratios).any() else None
