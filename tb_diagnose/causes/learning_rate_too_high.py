"""Each step overshoots, so the loss jumps about instead of falling.

A step moves the weights against the gradient by the learning rate. When it moves them by as much as
their own size, the gradient that it was computed from no longer holds where it lands: the loss rises, units
die or saturate, and what was learned is overwritten by the next step. Often a single step of the first
epoch does the harm, and all later ones are tiny because nothing is left that could learn. A negative rate
climbs instead of descending.

Not this: steps of up to a tenth in the first epoch that settle, a kernel that began at zero, large steps
that unscaled inputs bring about, or a gradient that was out of proportion in one layer before the first step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree, number
from tb_diagnose.causes._rates import usual_rate
from tb_diagnose.evidence.keras_config import OPTIMIZERS

HEALTHY, RUINOUS = 0.1, 1.0
"""Largest |dW| / |W| of a single step, over all layers. About 1e-3 is the usual advice (cs231n); the first steps of
runs that reach their ceiling go up to 0.1 (demo setups: 0.009 to 0.012 at their own rate, 0.09 at ten times that,
both learn); 1 replaces the weights as a whole."""
HEALTHY_EPOCH, RUINOUS_EPOCH = 2.0, 20.0
"""Change over a whole epoch against the size before it, where single steps were not seen (a loop of one's own): up to
1.6 in demo setups that learn, 6 and 58 at a hundred and a thousand times their rate."""
MANY_TIMES, HUGE_TIMES = 30.0, 1000.0
"""The same by the rate alone, as a multiple of the usual one: rates are searched over one or two powers of ten around it
(Bengio, 2012, section 3.1.1), and some nets stand 30 times as much."""
EXPLODED = 70.0
"""Gradient norm of a layer over that of the last one, before the first step, from which on its steps are long whatever
the rate: the limit of `exploding_gradients`."""
NOTHING = 1e-6
"""Weight norm of a layer that began at zero: any step is large against it."""


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
) -> Answer:
    rates = learning_rate[np.isfinite(learning_rate)]
    if not len(rates):
        return Fine("No finite learning rate was logged.")
    rate = float(rates[0])
    if rate < 0:
        return Finding(
            1.0,
            0.75,
            f"The learning rate is {rate:g}: every step climbs.",
            "a learning rate above 0.",
            f"Set the learning rate to {-rate:g}.",
            edits=(Edit("compile", "learning_rate", float(f"{-rate:g}"), old=rate),),
            picture="learning_rate",
        )
    if epoch_update_ratio is None:
        return _by_rate(rate, (optimizer or {}).get("name"))
    single = largest_update_ratio is not None
    ratios = np.array(largest_update_ratio if single else epoch_update_ratio, float)
    healthy, ruinous = (HEALTHY, RUINOUS) if single else (HEALTHY_EPOCH, RUINOUS_EPOCH)
    if weight_norm is not None:
        ratios[:, ~(np.nan_to_num(weight_norm[0]) > NOTHING)] = np.nan
    # The samples of a lookup table begin small and are few in each step: their size says nothing of a step's.
    ratios[:, [row.get("class") == "Embedding" for row in layers]] = np.nan
    ratios = np.where(np.isnan(ratios), 0.0, ratios)
    worst_epoch, worst_layer = np.unravel_index(ratios.argmax(), ratios.shape)
    worst = float(ratios[worst_epoch, worst_layer])
    name = layers[worst_layer]["name"]
    change = "without limit against" if np.isinf(worst) else f"{worst:.2g} times" if worst >= 1 else f"{worst:.2%} of"
    what = "step of a kernel" if single else "change of a kernel in one epoch"
    saw = (
        f"The largest {what} was {change} its own size (layer {name}, epoch {int(epochs[worst_epoch])}), "
        f"at a learning rate of {rate:.3g}"
    )
    if not worst:
        return Fine("No step of a kernel was measured.")
    found = degree(worst, healthy, ruinous) if worst > 0 else 0.0
    if not found:
        return Fine(f"{saw}.")
    uneven = _uneven(gradient_norm, layers) if gradient_norm is not None and epochs[0] == 0 else 0.0
    if uneven > EXPLODED:
        return Fine(
            f"{saw}; but before the first step already the gradient of a layer was {uneven:.2g} times that of the last one."
        )
    since = int(epochs[np.flatnonzero(ratios.max(axis=1) > healthy)[0]])
    lower = float(f"{rate / _factor(worst, healthy):.1g}")
    return Finding(
        found,
        0.75,
        f"{saw}.",
        f"less than {HEALTHY:.0%} of its size in the first epoch, and about 0.1% later."
        if single
        else f"less than {HEALTHY_EPOCH:g} times its size.",
        f"Divide the learning rate by {_factor(worst, healthy):g}, to {lower:g}, and train two epochs{_code(optimizer, lower)}.",
        edits=(Edit("compile", "learning_rate", lower, old=rate),),
        since=since,
        layers=tuple(row["name"] for row, value in zip(layers, ratios.max(axis=0)) if value > healthy),
        picture="largest_update_ratio" if single else "epoch_update_ratio",
        limit=healthy,
    )


def _by_rate(rate: float, optimizer: str | None) -> Answer:
    """What the rate alone tells, where no weights were looked at."""
    if optimizer is None:
        return Fine(f"The learning rate is {number(rate)}; nothing tells what is usual for this optimizer.")
    usual = usual_rate(optimizer)
    saw = f"{optimizer} begins at a rate of {number(rate)}, where {usual:g} is usual"
    found = degree(rate / usual, MANY_TIMES, HUGE_TIMES)
    if not found:
        return Fine(f"{saw}.")
    return Finding(
        found,
        0.75,
        f"{saw}; how long its steps were was not logged.",
        f"at most {number(MANY_TIMES * usual)}.",
        f"Set the learning rate to {usual:g} and train two epochs.",
        edits=(Edit("compile", "learning_rate", usual, old=rate),),
        since=1,
        picture="learning_rate",
        limit=MANY_TIMES * usual,
    )


def _uneven(gradient_norm: np.ndarray, layers: list[dict[str, Any]]) -> float:
    """Largest gradient norm of a kernel before the first step over that of the last one; 0 where it is small itself."""
    norms = [v for v, row in zip(gradient_norm[0], layers) if row.get("initializer") is not None and np.isfinite(v)]
    return float(max(norms) / norms[-1]) if norms and max(norms) > 1 and norms[-1] > 0 else 0.0


def _factor(worst: float, healthy: float) -> float:
    """The power of ten that brings the step below half of the healthy limit."""
    return float(10 ** np.ceil(np.clip(np.log10(min(worst, 1e3) / (healthy / 2)), 1, 6)))


def _code(optimizer: dict[str, Any] | None, rate: float) -> str:
    return (
        f": `optimizer=keras.optimizers.{OPTIMIZERS[optimizer['name']]}({rate:g})`"
        if optimizer and optimizer["name"] in OPTIMIZERS
        else ""
    )
