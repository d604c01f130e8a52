"""Gradients are clipped so hard that hardly anything of them is left.

Clipping cuts a gradient that is longer than a limit down to it, against single steps that go too far. Where the limit
lies far below what gradients are in every step, each step has the length of the limit times the learning rate, whatever
there is to learn: the run crawls as at a tiny rate. The limit, the rate and the number of steps tell how far it can go
at most.

Not this: a limit near the size of the gradients or above it, one that enough steps make up for, and optimizers such as
Adam that scale each step by the size of the gradients: cutting all of them alike changes nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, cause, degree
from tb_diagnose.causes._rates import optimizer_name, shown
from tb_diagnose.evidence.number import percent

KINDS = ("clipnorm", "global_clipnorm", "clipvalue")
"""Arguments of Keras's optimizers: the limit of the norm of each weight's gradient, of all together, and of each
value."""
PROPORTIONAL = ("sgd", "adagrad", "ftrl")
"""Optimizers whose steps shrink with the gradient. Adagrad and Ftrl divide by the root of what they have summed up,
which begins at 0.1: small gradients add nothing to it."""
USUAL = 1.0
"""Limit that cuts what explodes, and leaves usual gradients of 0.1 to 10 about as they are (Pascanu et al., 2013, take
the average norm and up to ten times that)."""
LEFT, LITTLE = 0.3, 0.1
"""Share of the gradient that the limit leaves: from the first on it hardly matters, at the second it is surely cut in
every step."""
HEALTHY, RUINOUS = 1.0, 0.03
"""Way that the weights can go at most in all steps, as a share of their size: that of runs that learn, and of those
that stand still (the same as in `learning_rate_too_low`)."""
KNOWN, INFERRED = 0.95, 0.7
"""Certainty: with the size of the gradients measured, and from the settings alone or where a good part is left."""
NOTHING = 1e-6
"""Weight norm of a layer that began at zero: any step is large against it."""


@dataclass(frozen=True)
class _Clip:
    """A limit of the gradients.

    Args:
        kind: Argument of the optimizer.
        value: Its value.
        norms: Largest norm of each layer's gradient that it lets through, shape `(layer,)`.
    """

    kind: str
    value: float
    norms: np.ndarray


@cause(
    title="Gradient clipping too low",
    family="training",
    fix="Set `clipnorm=1.0`, or leave it out.",
    brings_about=("constant_prediction",),
    looks_like=("learning_rate_too_low", "optimizer_unsuited", "too_few_epochs"),
    sources=(
        "Pascanu et al., 'On the difficulty of training recurrent neural networks', 2013, section 3.2",
        "https://keras.io/api/optimizers/: clipnorm, global_clipnorm and clipvalue",
    ),
)
def gradient_clipping_too_low(
    optimizer: dict[str, Any],
    layers: list[dict[str, Any]],
    learning_rate: np.ndarray,
    gradient_norm: np.ndarray | None = None,
    weight_norm: np.ndarray | None = None,
    step_count: int | None = None,
) -> Answer:
    config, name = optimizer.get("config") or {}, optimizer_name(optimizer)
    clip = _clip(config, layers)
    if clip is None:
        return DoesNotApply("The optimizer does not clip gradients.")
    saw = clipped = f"{shown(name)} has `{clip.kind}={clip.value:g}`"
    if name not in PROPORTIONAL:
        return Fine(f"{saw}, and scales its steps by what is left of the gradients.")
    share = _share_left(clip, gradient_norm)
    if share is not None:
        saw += f", which leaves {percent(share)} of the gradients at the start"
        if share >= LEFT:
            return Fine(f"{saw}.")
    way = _farthest(clip, learning_rate, float(config.get("momentum") or 0.0), name, weight_norm, step_count)
    if way is None:
        return Fine(f"{saw}.") if share is None and clip.value >= USUAL else CouldNotTell(("weight_norm", "iterations"))
    saw += f"; in {step_count:,} steps no layer can go further than {percent(way)} of its size"
    harm = degree(way, HEALTHY, RUINOUS)
    if not harm:
        return Fine(f"{clipped}; in {step_count:,} steps layers can go {percent(way)} of their size.")
    return Finding(
        harm,
        KNOWN if share is not None and share <= LITTLE else INFERRED,
        f"{saw}.",
        f"a limit that leaves {LEFT:.0%} of usual gradients or more, and lets layers go {HEALTHY:.0%} of their size.",
        f"Change `{clip.kind}={clip.value:g}` to `{clip.kind}={USUAL:g}`, or leave it out.",
        edits=(Edit("compile", clip.kind, USUAL, old=clip.value),),
        picture="gradient_norm" if gradient_norm is not None else "optimizer",
        limit=clip.value if gradient_norm is not None and clip.kind != "clipvalue" else None,
    )


def _clip(config: dict[str, Any], layers: list[dict[str, Any]]) -> _Clip | None:
    """The limit that the optimizer was given; Keras takes one of the three kinds at most."""
    for kind in KINDS:
        value = config.get(kind)
        if isinstance(value, (int, float)) and value > 0:
            parameters = np.array([row.get("parameters") or np.nan for row in layers], float)
            return _Clip(
                kind, float(value), value * (np.sqrt(parameters) if kind == "clipvalue" else np.ones(len(layers)))
            )
    return None


def _share_left(clip: _Clip, gradient_norm: np.ndarray | None) -> float | None:
    """Share of the first record's gradients that the limit leaves in the layer cut least; None when unknown."""
    if gradient_norm is None or not np.isfinite(gradient_norm[0]).any():
        return None
    norms = gradient_norm[0]
    if clip.kind == "global_clipnorm":
        return min(clip.value / max(float(np.sqrt(np.nansum(norms**2))), NOTHING), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = clip.norms / norms
    known = shares[np.isfinite(shares)]
    return min(float(known.max()), 1.0) if len(known) else None


def _farthest(
    clip: _Clip,
    learning_rate: np.ndarray,
    momentum: float,
    name: str,
    weight_norm: np.ndarray | None,
    steps: int | None,
) -> float | None:
    """Way that any layer can go at most in all steps, as a share of its size before them; None when unknown."""
    if weight_norm is None or steps is None or not np.isfinite(learning_rate).any():
        return None
    sizes = np.where(weight_norm[0] > NOTHING, weight_norm[0], np.nan)
    step = float(np.nanmax(learning_rate)) * clip.norms / (1 - min(momentum, 0.999))
    if name != "sgd":
        step = step / np.sqrt(0.1)
    ways = steps * step / sizes
    return float(np.nanmax(ways)) if np.isfinite(ways).any() else None
