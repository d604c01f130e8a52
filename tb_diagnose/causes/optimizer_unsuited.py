"""The optimizer's steps are far smaller than what this network needs, at a rate that is usual for it.

Adam takes steps of about its rate in each weight, whatever the size of the gradient. Plain SGD's steps are as small as
the gradient is; Adagrad's shrink with every step taken; Adadelta begins with steps of next to nothing and, at the rate
of 0.001 that Keras gives it, keeps to them (its paper has 1). Where gradients are small, such a run crawls: the
loss falls in a straight line, and accuracy follows epochs later or never.

Adadelta, Adagrad and Ftrl at Keras's default are known from the settings. SGD at its default is a last resort: it is
suspected only where nothing else holds a run.

Not this: a rate far below what is usual for the optimizer (then the rate is it), steps that were large as long as the
gradient was, and gradients that have vanished.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, cause, number
from tb_diagnose.causes._rates import GOOD_RATE, Longer, as_code, good_rate, had_time, longer, shown, usual_rate
from tb_diagnose.evidence.keras_config import OPTIMIZERS
from tb_diagnose.evidence.number import times

SMALL_STEPS = ("sgd", "adagrad", "adadelta", "ftrl")
"""Optimizers whose steps shrink with the gradient or with time; the others scale each step to their rate."""
ADAM_STEP = 1e-3
"""Length of an Adam step at its default rate, per square root of a weight, while the signs of the gradient last (Kingma
and Ba, 2015, section 2.1)."""
HEALTHY = 1.0
"""Length of the median step over that of Adam, in the layer that moves most: steps of a third go a third as far. In
demo setups Adam itself takes 0.2 to 0.8, SGD at 0.01 0.2 to 1 (some learn, some stay behind: it is named only where a
run does), Adagrad at 0.001 0.03 to 0.06, Adadelta at 0.001 about 0.001 (neither learns)."""
CHOSEN = 3.0
"""Factor from the usual rate from which a rate was chosen."""
BEGAN_WELL = 1.0
"""Longest single step over one of Adam's: whoever took it, and steps a tenth as long later, had steps enough while
there was a gradient."""
GONE = 1e-5
"""Largest gradient norm below which SGD's steps are small because there is no gradient; before training it is 0.1 to
10."""
KNOWN, LAST_RESORT = 0.9, 0.35
"""Certainty: of an optimizer whose default in Keras is a tenth or less of the rate that it was made for, and of steps
that are merely short, when data, rate and gradients are cleared."""


@dataclass(frozen=True)
class _Length:
    """Length of steps over those of Adam: of the median step in the layer that moves most, and of the longest one."""

    median: float
    longest: float
    layer: str


@cause(
    title="Optimizer unsuited",
    family="training",
    fix='Train with `optimizer="adam"`.',
    brings_about=("constant_prediction",),
    looks_like=("too_few_epochs",),
    sources=(
        "Kingma and Ba, 'Adam: A Method for Stochastic Optimization', 2015",
        "Zeiler, 'ADADELTA: An Adaptive Learning Rate Method', 2012: a rate of 1",
        "https://keras.io/api/optimizers/adadelta/: 'use 1.0' to match the paper",
    ),
)
def optimizer_unsuited(
    optimizer: dict[str, Any],
    learning_rate: np.ndarray,
    epochs: np.ndarray,
    layers: list[dict[str, Any]],
    update_ratio: np.ndarray | None = None,
    weight_norm: np.ndarray | None = None,
    largest_update_ratio: np.ndarray | None = None,
    gradient_norm: np.ndarray | None = None,
    step_count: int | None = None,
    planned_epochs: int | None = None,
) -> Answer:
    name = optimizer["name"]
    if name not in SMALL_STEPS:
        return DoesNotApply(f"{shown(name)} scales each step to its rate, whatever the size of the gradient.")
    if not np.isfinite(learning_rate).any():
        return CouldNotTell(("learning_rate",))
    rate, usual, good = float(np.nanmedian(learning_rate)), usual_rate(name), good_rate(name)
    length = _length(update_ratio, largest_update_ratio, weight_norm, layers, epochs)
    saw = trains = f"{shown(name)} trains at a rate of {number(rate)}"
    if length is not None:
        long = f"{times(length.median, 'long')} as one of Adam at {ADAM_STEP:g} would be" if length.median else "0"
        saw += f": its median step is {long}, in the layer that moves most ({length.layer})"
    if rate < usual / CHOSEN:
        return Fine(f"{trains}, below the usual {number(usual)}: that is another fault.")
    if rate > usual * CHOSEN:
        return Fine(f"{trains}, above the usual {number(usual)}: it was chosen.")
    more = longer(step_count, epochs, planned_epochs)
    if name in GOOD_RATE and not had_time(rate, good, step_count):
        harm = 1 - min(rate / good, HEALTHY if length is None else length.median)
        return _finding(name, rate, harm, KNOWN, f"{saw}; it was made for a rate of {number(good)}", more)
    if length is None:
        return CouldNotTell(("update_ratio", "weight_norm"))
    cleared = _cleared(shown(name), length, gradient_norm)
    if cleared is not None:
        return Fine(cleared)
    return _finding(name, rate, HEALTHY - length.median, LAST_RESORT, saw, more)


def _length(
    update_ratio: np.ndarray | None,
    largest: np.ndarray | None,
    weight_norm: np.ndarray | None,
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
) -> _Length | None:
    """How long steps were; None where they were not measured."""
    if update_ratio is None or weight_norm is None:
        return None
    parameters = np.array([row.get("parameters") or np.nan for row in layers], float)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        unit = weight_norm / (ADAM_STEP * np.sqrt(parameters))  # (epoch, layer)
        against_adam = update_ratio * unit
        longest = against_adam if largest is None else largest * unit
    trained = against_adam[(epochs > 0) & np.isfinite(against_adam).any(axis=1)]
    if not len(trained):
        return None
    trained = np.where(np.isnan(trained), -1.0, trained)
    layer = int(np.median(trained, axis=0).argmax())
    return _Length(
        float(np.median(trained.max(axis=1))),
        float(np.nan_to_num(longest, nan=0.0).max()),
        str(layers[layer]["name"]),
    )


def _cleared(name: str, length: _Length, gradient_norm: np.ndarray | None) -> str | None:
    """What clears the optimizer, as a sentence; None where nothing does."""
    as_adam = f"as one of Adam at {ADAM_STEP:g}"
    if length.median >= HEALTHY:
        return f"The median step of {name} is {times(length.median, 'long')} {as_adam} (layer {length.layer})."
    if length.longest >= max(BEGAN_WELL, 10 * length.median) or length.median <= 0:
        return f"The longest step of {name} was {times(length.longest, 'long')} {as_adam}."
    if gradient_norm is not None and np.isfinite(gradient_norm).any() and np.nanmax(gradient_norm) < GONE:
        return f"No gradient norm is above {number(float(np.nanmax(gradient_norm)), 2)}: each step is short."
    return None


def _finding(name: str, rate: float, harm: float, certainty: float, saw: str, more: Longer) -> Finding:
    own = as_code(good_rate(name) if name in GOOD_RATE else 10 * rate)
    return Finding(
        harm,
        certainty,
        f"{saw}.",
        f"steps at least as long as those of Adam at {ADAM_STEP:g}.",
        "Change the optimizer: `optimizer=keras.optimizers.Adam(0.001)`, or give this one a larger rate: "
        f"`optimizer=keras.optimizers.{OPTIMIZERS[name]}({own})`.{more.sentence}",
        picture="update_ratio",
        edits=(Edit("compile", "optimizer", {"class_name": "Adam", "config": {"learning_rate": 0.001}}), *more.edits),
    )
