"""The targets of a regression are so large, or so small, that the output layer cannot reach them.

Outputs start at about 0 with a standard deviation of about 1. Targets in the thousands give a first loss in the
millions. Plain gradient descent takes steps as large and overflows, and an optimizer that bounds its steps, such as
Adam, needs thousands of them before the last bias has crawled up to the mean. Until then all that the inputs could tell
is drowned by the offset. Targets of a thousandth are drowned by the jitter of the weights instead.

Not this: targets of order 1, and targets in any unit that the last layer has already caught up with.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, DoesNotApply, Edit, Finding, Fine, cause, degree, number
from tb_diagnose.evidence.number import fixed
from tb_diagnose.status.skill import reference_skill

HEALTHY, RUINOUS = 10.0, 1000.0
"""Root mean square of the targets, in units of an output that starts with a standard deviation of about 1. A bias moves
by the learning rate a step under Adam, 1e-3 by default: 1,000 takes a million steps."""
HEALTHY_SMALL, RUINOUS_SMALL = 0.03, 3e-4
"""Standard deviation of the targets that is too small: outputs that jitter by some weights times the learning rate,
about 0.01, cannot tell targets apart that differ by less."""
CAUGHT_UP = 0.1
"""Skill below what simple methods reach that does not count: then the last layer has found the scale."""
REACHABLE = 0.6
"""Skill that is taken for reachable where it was not measured."""
SURE = 0.9
"""Certainty: the scale is counted, but some outputs are scaled inside the model."""
MOST_DIGITS = 1e9
"""Number from which code is easier to read with an exponent."""
BOUNDED = ("sigmoid", "softmax", "tanh", "hard_sigmoid", "softsign")


@cause(
    title="Unscaled targets",
    family="data",
    fix="Train on targets of mean 0 and standard deviation 1, `y = (y - mean) / std`, and turn predictions back with "
    "`model.predict(x) * std + mean`.",
    brings_about=(
        "exploding_gradients",
        "dead_relu",
        "saturated_activations",
        "vanishing_gradients",
        "constant_prediction",
    ),
    looks_like=("learning_rate_too_low", "too_few_epochs"),
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
        return DoesNotApply(f"Labels of the form {label_form} are classes and have no scale.")
    saw = f"The targets have a mean of {number(label_mean)} and a standard deviation of {number(label_std)}"
    activation = (output or {}).get("activation")
    if activation in BOUNDED:
        return DoesNotApply(f"The {activation} output is bounded: which targets it can reach is another question.")
    size = float(np.hypot(label_mean, label_std))
    small = degree(label_std, HEALTHY_SMALL, RUINOUS_SMALL) if label_std > 0 else 0.0
    harm = max(degree(size, HEALTHY, RUINOUS), small)
    if not harm:
        return Fine(f"{saw}.")
    known = reference_skill(neighbour_skill, ridge_skill)
    reachable = REACHABLE if known is None else known
    reached = float(skill[-1]) if skill is not None and np.isfinite(skill[-1]) else None
    if reached is not None:
        if reached >= max(reachable - CAUGHT_UP, CAUGHT_UP):
            return Fine(f"Targets have a mean of {number(label_mean)}, and the outputs a skill of {fixed(reached)}.")
        # The share that is still missing; its root, for the last layer finds the mean long before the rest.
        harm *= float(np.sqrt(1 - max(reached, 0) / max(reachable, reached, CAUGHT_UP)))
    fix, edits = _standardize(label_mean, label_std)
    return Finding(
        harm,
        SURE,
        f"{saw}{_first_loss(epochs, probe_loss, baseline_loss)}.",
        f"a root mean square up to {HEALTHY:g} and a standard deviation above {HEALTHY_SMALL:g}.",
        fix,
        picture="label_std",
        edits=edits,
    )


def _standardize(mean: float, std: float) -> tuple[str, tuple[Edit, ...]]:
    """Targets of mean 0 and standard deviation 1, and the way back."""
    if not std > 0:
        return "", ()
    less, more = ("+", "-") if mean < 0 else ("-", "+")
    shift, scale = plain(abs(mean)), plain(std)
    code = f"(y {less} {shift}) / {scale}"
    return (
        f"Train on `y = {code}`, validate on targets changed in the same way, and turn predictions back with "
        f"`model.predict(x) * {scale} {more} {shift}`.",
        (Edit("data", "y", code),),
    )


def plain(value: float) -> str:
    """A number of four digits as code: 7858000, not 7.858e+06."""
    rounded = float(f"{value:.4g}")
    return str(int(rounded)) if rounded.is_integer() and rounded < MOST_DIGITS else f"{rounded:g}"


def _first_loss(epochs: np.ndarray | None, probe_loss: np.ndarray | None, baseline_loss: float | None) -> str:
    if epochs is None or probe_loss is None or not baseline_loss or not np.isfinite(probe_loss[0]):
        return ""
    when = "before training" if epochs[0] == 0 else f"after epoch {int(epochs[0])}"
    first = float(probe_loss[0])
    return (
        f"; {when} the loss is {number(first)}, {number(first / baseline_loss)} times that of the best constant "
        f"answer, {number(baseline_loss)}"
    )
