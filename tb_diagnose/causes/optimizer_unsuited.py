"""The optimizer's steps are far smaller than what this network needs, at a rate that is usual for it.

Adam takes steps of about its rate in each weight, whatever the size of the gradient. Plain SGD's steps are as small as
the gradient is; Adagrad's shrink with every step taken; Adadelta begins with steps of next to nothing and, at the rate
of 0.001 that Keras gives it, keeps to them (its paper has 1). Where gradients are small, such a run crawls: the
loss falls in a straight line, and accuracy follows epochs later or never.

Not this: a rate far below what is usual for the optimizer (then the rate is it), steps that were large as long as the
gradient was, and gradients that have vanished.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree, number
from tb_diagnose.causes._rates import usual_rate
from tb_diagnose.evidence.keras_config import OPTIMIZERS

SMALL_STEPS = ("sgd", "adagrad", "adadelta", "ftrl")
"""Optimizers whose steps shrink with the gradient or with time; the others scale each step to their rate."""
ADAM_STEP = 1e-3
"""Length of an Adam step at its default rate, per square root of a weight, while the signs of the gradient last (Kingma
and Ba, 2015, section 2.1)."""
HEALTHY, RUINOUS = 1.0, 0.03
"""Length of the median step over that of Adam, in the layer that moves most. In demo setups Adam itself takes 0.2 to
0.8, SGD at 0.01 0.2 to 1 (some learn, some stay behind: it is named only where a run does), Adagrad at 0.001 0.03
to 0.06, Adadelta at 0.001 about 0.001 (neither learns)."""
BEGAN_WELL = 1.0
"""The same for the longest single step: whoever took it, and steps a tenth as long later, had steps enough while there
was a gradient."""
GONE = 1e-5
"""Largest gradient norm below which SGD's steps are small because there is no gradient; before training it is 0.1 to
10."""
LEAST, MOST = 0.25, 0.39
"""A last resort: it speaks when data, rate and gradients are cleared, never above them."""


@cause(
    title="Optimizer unsuited",
    family="training",
    fix='Train with `optimizer="adam"`.',
    brings_about=("constant_prediction", "insufficient_capacity"),
    looks_like=("too_few_epochs",),
    sources=(
        "Kingma and Ba, 'Adam: A Method for Stochastic Optimization', 2015",
        "Zeiler, 'ADADELTA: An Adaptive Learning Rate Method', 2012: a rate of 1",
        "https://keras.io/api/optimizers/adadelta/: 'use 1.0' to match the paper",
    ),
)
def optimizer_unsuited(
    optimizer: dict[str, Any],
    update_ratio: np.ndarray,
    weight_norm: np.ndarray,
    layers: list[dict[str, Any]],
    learning_rate: np.ndarray,
    epochs: np.ndarray,
    largest_update_ratio: np.ndarray | None = None,
    gradient_norm: np.ndarray | None = None,
) -> Answer:
    name = optimizer["name"]
    parameters = np.array([row.get("parameters") or np.nan for row in layers], float)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        unit = weight_norm / (ADAM_STEP * np.sqrt(parameters))  # (epoch, layer)
        against_adam = update_ratio * unit
        longest = against_adam if largest_update_ratio is None else largest_update_ratio * unit
    trained = against_adam[(epochs > 0) & np.isfinite(against_adam).any(axis=1)]
    if not len(trained):
        return Fine("No step of 1 kernel or more was measured.")
    trained = np.where(np.isnan(trained), -1.0, trained)
    layer = int(np.median(trained, axis=0).argmax())
    largest = trained.max(axis=1)
    ratio, best = float(np.median(largest)), float(np.nan_to_num(longest, nan=0.0).max())
    rate = float(np.nanmedian(learning_rate))
    usual = usual_rate(name)
    saw = (
        f"A step of {name} at a rate of {number(rate)} is {ratio:.2g} times as long as one of Adam at {ADAM_STEP:g} would be, in the layer "
        f"that moves most ({layers[layer]['name']})"
    )
    if name not in SMALL_STEPS:
        return Fine(f"{saw}.")
    if rate < usual / 3:
        return Fine(f"{saw}; but the rate is below the usual {usual:g}.")
    if rate > 3 * usual:
        return Fine(f"{saw}; but the rate is above the usual {usual:g}: it was chosen.")
    if best >= max(BEGAN_WELL, 10 * ratio) or ratio <= 0:
        return Fine(f"{saw}; the longest one was {best:.2g} times as long.")
    if gradient_norm is not None and np.isfinite(gradient_norm).any() and np.nanmax(gradient_norm) < GONE:
        return Fine(f"{saw}; no gradient norm is above {np.nanmax(gradient_norm):.2g}.")
    if ratio >= HEALTHY:
        return Fine(f"{saw}.")
    found = LEAST + (MOST - LEAST) * degree(ratio, HEALTHY, RUINOUS)
    return Finding(
        (found) / 0.39,
        0.39,
        f"{saw}.",
        f"more than {HEALTHY:g} times.",
        "Change the optimizer: `optimizer=keras.optimizers.Adam(0.001)`"
        + (
            ", or give this one the rate of its paper: `keras.optimizers.Adadelta(1.0)`."
            if name == "adadelta"
            else f", or give this one ten times its rate: `keras.optimizers.{OPTIMIZERS[name]}({10 * rate:.3g})`."
        ),
        picture="update_ratio",
        edits=(Edit("compile", "optimizer", {"class_name": "Adam", "config": {"learning_rate": 0.001}}),),
    )
