"""Each step overshoots, so the loss jumps about instead of falling.

A step moves the weights against the gradient by the learning rate. When it moves them by as much as their own size, the
gradient that it was computed from no longer holds where it lands: the loss rises, units die or saturate, and what was
learned is overwritten by the next step. Often a single step of the first epoch does the harm, and all later ones are
tiny because nothing is left that could learn. A negative rate climbs instead of descending.

A rate 30 or more times the usual one is a mistake whatever else is wrong. At a usual rate, long steps can have another
reason: unscaled inputs or weights that began too small make them long, too.

Not this: steps of up to a tenth in the first epoch that settle, a kernel that began at zero, and a gradient that was
out of proportion in one layer before the first step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, Edit, Finding, Fine, cause, degree, number
from tb_diagnose.causes._rates import (
    MISTAKEN,
    SEARCHED,
    Longer,
    certainty,
    change_rate,
    longer,
    lowered,
    optimizer_name,
    rate_edits,
    shown,
    usual_rate,
)
from tb_diagnose.causes._tries import BY_CALLBACK
from tb_diagnose.evidence.keras_config import constrained_layers

HEALTHY, RUINOUS = 0.1, 1.0
"""Largest |dW| / |W| of a single step, over all layers. About 1e-3 is the usual advice (cs231n); the first steps of
runs that reach their ceiling go up to 0.1 (demo setups: 0.009 to 0.012 at their own rate, 0.09 at ten times that,
both learn); 1 replaces the weights as a whole."""
HEALTHY_EPOCH, RUINOUS_EPOCH = 2.0, 20.0
"""Change over a whole epoch against the size before it, where single steps were not seen (a custom training loop): up
to 1.6 in demo setups that learn, 6 and 58 at a hundred and a thousand times their rate."""
HUGE = 1000.0
"""Multiple of the usual rate that replaces the weights at once, whatever the network."""
INFERRED_LEAST, INFERRED_MOST = 0.5, 0.7
"""Certainty of what only the steps tell: just beyond the limit, and where they are as long as the weights."""
EXPLODED = 70.0
"""Gradient norm of a layer over that of the last one, before the first step, from which its steps are long whatever
the rate: the limit of `exploding_gradients`."""
NOTHING = 1e-6
"""Weight norm of a layer that began at zero: any step is large against it."""


@dataclass(frozen=True)
class _Steps:
    """The longest steps.

    Args:
        ratios: Largest |dW| / |W| of each record and layer, shape `(epoch, layer)`.
        single: Whether it is that of single steps, and not of whole epochs.
        held: Whether a constraint holds other kernels.
    """

    ratios: np.ndarray
    single: bool
    held: bool = False

    @property
    def largest(self) -> float:
        return float(self.ratios.max())

    @property
    def healthy(self) -> float:
        return HEALTHY if self.single else HEALTHY_EPOCH

    @property
    def harm(self) -> float:
        return degree(self.largest, self.healthy, RUINOUS if self.single else RUINOUS_EPOCH) if self.largest else 0.0

    def sentence(self, layers: list[dict[str, Any]], epochs: np.ndarray) -> str:
        epoch, layer = np.unravel_index(self.ratios.argmax(), self.ratios.shape)
        worst = self.largest
        change = (
            "without limit against"
            if np.isinf(worst)
            else f"{number(worst, 2)} times"
            if worst >= 1
            else f"{worst:.1%} of"
        )
        kernel = "a kernel that no constraint holds" if self.held else "a kernel"
        what = f"step of {kernel}" if self.single else f"change of {kernel} in one epoch"
        return f"The largest {what} was {change} its own size ({layers[layer]['name']}, epoch {int(epochs[epoch])})"


@cause(
    title="Learning rate too high",
    family="training",
    fix="Divide the learning rate by 10 and train two epochs.",
    brings_about=(
        "dead_relu",
        "saturated_activations",
        "exploding_gradients",
        "constant_prediction",
        "vanishing_gradients",
    ),
    sources=(
        "https://cs231n.github.io/neural-networks-3/#ratio",
        "Bengio, 'Practical recommendations for gradient-based training', 2012, section 3.1.1",
    ),
)
def learning_rate_too_high(
    epochs: np.ndarray,
    layers: list[dict[str, Any]],
    learning_rate: np.ndarray,
    epoch_update_ratio: np.ndarray | None = None,
    largest_update_ratio: np.ndarray | None = None,
    weight_norm: np.ndarray | None = None,
    gradient_norm: np.ndarray | None = None,
    optimizer: dict[str, Any] | None = None,
    model: dict[str, Any] | None = None,
    step_count: int | None = None,
    planned_epochs: int | None = None,
    outputs: Sequence[Mapping[str, Any]] = (),
) -> Answer:
    rates = learning_rate[np.isfinite(learning_rate)]
    if not len(rates):
        return CouldNotTell(("learning_rate",))
    name = optimizer_name(optimizer)
    if rates[0] < 0:
        return _climbing(float(rates[0]))
    rate = float(rates.max())  # of a warm-up, the rate of the longest steps
    steps = _steps(largest_update_ratio, epoch_update_ratio, weight_norm, layers, constrained_layers(model))
    more = longer(step_count, epochs, planned_epochs)
    if steps is None:
        return _by_rate(rate, optimizer, more)
    largest = steps.sentence(layers, epochs)
    saw = f"{largest}, at a learning rate of {number(rate)}"
    if steps.largest == 0 and name:
        # Nothing moved: another fault holds the weights, and their steps say nothing.
        return _by_rate(rate, optimizer, more)
    if not steps.harm:
        return Fine(f"{largest}.")
    factor = rate / usual_rate(name) if name else 1.0
    is_told = epochs[0] == 0 and len(outputs) < 2  # of several outputs none has the last layer
    uneven = _uneven(gradient_norm, layers) if gradient_norm is not None and is_told else 0.0
    if uneven > EXPLODED and factor < MISTAKEN:
        return Fine(f"Before the first step already a gradient was {number(uneven)} times that of the last layer.")
    if factor > SEARCHED:
        saw += f", {number(factor)} times the rate at which {shown(name)} is usually begun"
    # At a rate that is a mistake by itself, other faults may have made the steps longer or shorter than it did.
    divisor = factor if factor >= MISTAKEN else _divisor(steps.largest, steps.healthy)
    lower = lowered(rate, divisor, name)
    beyond = np.flatnonzero(steps.ratios.max(axis=1) > steps.healthy)
    return Finding(
        max(steps.harm, degree(factor, MISTAKEN, HUGE)),
        certainty(factor, INFERRED_LEAST + (INFERRED_MOST - INFERRED_LEAST) * steps.harm),
        f"{saw}.",
        f"less than {HEALTHY:.0%} of its size in the first epoch, and about 0.1 % later."
        if steps.single
        else f"less than {HEALTHY_EPOCH:g} times its size.",
        f"{change_rate(optimizer, rate, lower)}. Two epochs show whether that was it.{more.sentence}",
        edits=rate_edits(optimizer, rate, lower, more),
        attempt=BY_CALLBACK,
        since=int(epochs[beyond[0]]),
        layers=tuple(
            row["name"] for row, value in zip(layers, steps.ratios.max(axis=0), strict=True) if value > steps.healthy
        ),
        picture="largest_update_ratio" if steps.single else "epoch_update_ratio",
        limit=steps.healthy,
    )


def _climbing(rate: float) -> Finding:
    return Finding(
        1.0,
        1.0,
        f"The learning rate is {number(rate)}: every step climbs.",
        "a learning rate above 0.",
        f"Set the learning rate to {number(-rate)}.",
        edits=(Edit("compile", "learning_rate", float(f"{-rate:g}"), old=rate),),
        picture="learning_rate",
    )


def _steps(
    largest: np.ndarray | None,
    of_epochs: np.ndarray | None,
    weight_norm: np.ndarray | None,
    layers: list[dict[str, Any]],
    constrained: Set[str],
) -> _Steps | None:
    """The steps of kernels whose size tells something; None where none was measured."""
    logged = of_epochs if largest is None else largest
    if logged is None:
        return None
    ratios = np.array(logged, float)
    if weight_norm is not None:
        ratios[:, ~(np.nan_to_num(weight_norm[0]) > NOTHING)] = np.nan
    # The entries of a lookup table begin small and are few in each step: their size says nothing of a step's.
    ratios[:, [row.get("class") == "Embedding" for row in layers]] = np.nan
    # What holds a kernel small makes each step a large part of it, at any rate.
    ratios[:, [row["name"] in constrained for row in layers]] = np.nan
    if np.isnan(ratios).all():
        return None
    return _Steps(np.where(np.isnan(ratios), 0.0, ratios), largest is not None, bool(constrained))


def _by_rate(rate: float, optimizer: dict[str, Any] | None, more: Longer) -> Answer:
    """What the rate alone tells, where no step was measured."""
    name = optimizer_name(optimizer)
    if not name:
        return CouldNotTell(("optimizer", "largest_update_ratio"))
    usual = usual_rate(name)
    saw = f"{shown(name)} begins at a rate of {number(rate)}, where {number(usual)} is usual"
    harm = degree(rate / usual, MISTAKEN, HUGE)
    if not harm:
        return Fine(f"{saw}.")
    return Finding(
        harm,
        certainty(rate / usual, INFERRED_LEAST),
        f"{saw}; how long its steps were was not logged.",
        f"at most {number(MISTAKEN * usual)}.",
        f"{change_rate(optimizer, rate, usual)}. Two epochs show whether that was it.{more.sentence}",
        edits=rate_edits(optimizer, rate, usual, more),
        attempt=BY_CALLBACK,
        since=1,
        picture="learning_rate",
        limit=MISTAKEN * usual,
    )


def _uneven(gradient_norm: np.ndarray, layers: list[dict[str, Any]]) -> float:
    """Largest gradient norm of a kernel before the first step over that of the last one; 0 where it is small itself."""
    norms = [
        float(norm)
        for norm, row in zip(gradient_norm[0], layers, strict=True)
        if row.get("initializer") is not None and np.isfinite(norm)
    ]
    return max(norms) / norms[-1] if norms and max(norms) > 1 and norms[-1] > 0 else 0.0


def _divisor(worst: float, healthy: float) -> float:
    """The power of ten that brings the step below half of the healthy limit."""
    return float(10 ** np.ceil(np.clip(np.log10(min(worst, 1e3) / (healthy / 2)), 1, 6)))
