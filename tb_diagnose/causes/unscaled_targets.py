"""The targets of a regression are so large, or so small, that the output layer cannot reach them.

Outputs start at about 0 with a spread of about 1. Targets in the thousands give a first loss in the millions: plain
gradient descent takes steps as large and overflows, and an optimizer that bounds its steps, such as Adam, needs
thousands of them before the last bias has crawled up to the mean. Until then all that the inputs could tell
is drowned by the offset. Targets of a thousandth are drowned by the jitter of the weights instead.

Not this: targets of order 1, and targets in any unit that the last layer has already caught up with.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree, number

HEALTHY, RUINOUS = 10.0, 1000.0
"""Root mean square of the targets, in units of an output that starts with a spread of about 1. A bias moves by the
learning rate a step under Adam, 1e-3 by default: 1,000 takes a million steps."""
HEALTHY_SMALL, RUINOUS_SMALL = 0.03, 3e-4
"""The same for a spread that is too small: outputs that jitter by some weights times the learning rate, about 0.01,
cannot tell targets apart that differ by less."""
CAUGHT_UP = 0.1
"""Skill below what neighbours or ridge regression reach that does not count: then the last layer has found the scale."""
REACHABLE = 0.6
"""Skill that is taken for reachable where neither was measured."""
BOUNDED = ("sigmoid", "softmax", "tanh", "hard_sigmoid", "softsign")


@cause(
    title="Unscaled targets",
    family="data",
    fix="Train on targets of mean 0 and spread 1: `y = (y - mean) / spread`, and take predictions times spread plus mean.",
    brings_about=(
        "exploding_gradients",
        "dead_relu",
        "saturated_activations",
        "vanishing_gradients",
        "constant_prediction",
        "insufficient_capacity",
    ),
    looks_like=(
        "learning_rate_too_low",
        "learning_rate_too_high",
        "too_few_epochs",
        "optimizer_unsuited",
        "batch_size_too_large",
    ),
    sources=(
        "Bishop, 'Neural Networks for Pattern Recognition', 1995, section 8.2",
        "https://scikit-learn.org/stable/modules/generated/sklearn.compose.TransformedTargetRegressor.html",
    ),
)
def unscaled_targets(
    label_form: str,
    label_mean: float,
    label_std: float,
    epochs: np.ndarray | None = None,
    probe_loss: np.ndarray | None = None,
    baseline_loss: float | None = None,
    skill: np.ndarray | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    output: dict[str, Any] | None = None,
) -> Answer:
    if label_form != "continuous":
        return Fine(f"Labels of the form {label_form}, of mean {number(label_mean)}, are classes and have no scale.")
    saw = f"The targets have a mean of {number(label_mean)} and a spread of {number(label_std)}"
    activation = (output or {}).get("activation")
    if activation in BOUNDED:
        return Fine(f"{saw}; what a {activation} output can reach of them is another question.")
    size = float(np.hypot(label_mean, label_std))
    large = degree(size, HEALTHY, RUINOUS)
    small = degree(label_std, HEALTHY_SMALL, RUINOUS_SMALL) if label_std > 0 else 0.0
    if not large and not small:
        return Fine(f"{saw}.")
    weight = 1.0
    if skill is not None and np.isfinite(skill[-1]):
        reachable = max([value for value in (neighbour_skill, ridge_skill) if value is not None], default=REACHABLE)
        if skill[-1] >= max(reachable - CAUGHT_UP, CAUGHT_UP):
            return Fine(f"{saw}, and the outputs have caught up: {skill[-1]:.0%} of the way to a perfect answer.")
        weight = float(np.sqrt(1 - max(skill[-1], 0) / max(reachable, skill[-1], CAUGHT_UP)))
    code = f"(y {'-+'[label_mean < 0]} {abs(label_mean):.4g}) / {label_std:.4g}"
    return Finding(
        max(large, small) * weight,
        0.9,
        f"{saw}{_first_loss(epochs, probe_loss, baseline_loss)}.",
        f"targets of order 1: a root mean square up to {HEALTHY:g} and a spread above {HEALTHY_SMALL:g}.",
        f"Train on `y = {code}` and turn predictions "
        f"back with `model.predict(x) * {label_std:.4g} {'+-'[label_mean < 0]} {abs(label_mean):.4g}`."
        if label_std > 0
        else "",
        picture="label_std",
        edits=(Edit("data", "y", code),) if label_std > 0 else (),
    )


def _first_loss(epochs: np.ndarray | None, probe_loss: np.ndarray | None, baseline_loss: float | None) -> str:
    if epochs is None or probe_loss is None or not baseline_loss or not np.isfinite(probe_loss[0]):
        return ""
    when = "before training" if epochs[0] == 0 else f"after epoch {int(epochs[0])}"
    return (
        f"; {when} the loss is {number(float(probe_loss[0]))}, {number(float(probe_loss[0]) / baseline_loss)} times "
        f"that of the best constant answer, {number(baseline_loss)}"
    )
