"""The loss of one output drowns that of another: the weights that both share learn for the loud one alone.

The losses of several outputs are added up. Where one of them is in a unit of its own, such as a squared error of
amounts in the thousands beside a cross-entropy of about 1, its gradient is thousands of times as large, and each step
of the layers that both share goes where the loud output sends it. Adam is no help: it scales the sum, in which the
quiet output has no part. The quiet output is left with its own last layer, on features that move under it.

Not this: gradients of the same order; a quiet output that learns all the same; outputs that share no weights; an output
that stands still although nothing drowns it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Finding, Fine, cause, degree, number
from tb_diagnose.causes._loss_weights_edits import fix_of
from tb_diagnose.evidence import keras_config
from tb_diagnose.status.levels import level_at_end
from tb_diagnose.status.outputs import OutputState
from tb_diagnose.status.skill import LEARNED
from tb_diagnose.status.status import AT_REFERENCE, ENOUGH_EPOCHS

HEALTHY, RUINOUS = 50.0, 500.0
"""Gradient of one output over that of another, with respect to the weights that they share. Two outputs of classes and
of standardized targets stay below 11 in the demo setups. Targets 300 times as large give 340 before the first step and
thousands later, and the classes beside them are not learned: as a share of Adam's steps it is 0.3 %."""
COMPARED, UNCOMPARED, DOUBTED = 0.9, 0.7, 0.2
"""Certainty where simple methods tell the labels of the quiet output, where nobody tried, and where they fail as well:
then it may have nothing to learn."""


@dataclass(frozen=True)
class _Pair:
    """An output that does not learn and the one that drowns it.

    Args:
        quiet: The one.
        loud: The other.
        ratios: Gradient of the loud one over that of the quiet one, shape `(epoch,)`.
        ratio: Their median since it stands still.
    """

    quiet: OutputState
    loud: OutputState
    ratios: np.ndarray
    ratio: float


@cause(
    title="Unbalanced loss weights",
    family="training",
    fix="Give the loss of each output its share: train on targets of mean 0 and standard deviation 1, or set "
    "`loss_weights` in compile.",
    brings_about=("dead_relu", "constant_prediction"),
    looks_like=("learning_rate_too_high", "learning_rate_too_low", "unscaled_targets"),
    sources=(
        "Chen et al., 'GradNorm: Gradient Normalization for Adaptive Loss Balancing', 2018",
        "Kendall, Gal and Cipolla, 'Multi-Task Learning Using Uncertainty to Weigh Losses', 2018",
        "https://github.com/keras-team/keras/issues/10306",
    ),
)
def loss_weights(
    epochs: np.ndarray,
    outputs: Sequence[Mapping[str, Any]] | None = None,
    output_gradient_norm: np.ndarray | None = None,
    output_states: tuple[OutputState, ...] | None = None,
    output_loss: np.ndarray | None = None,
    model: dict[str, Any] | None = None,
    label_form: str | None = None,
    data_form: str | None = None,
) -> Answer:
    if outputs is None or output_states is None:
        one = keras_config.output_count(model) == 1 or label_form is not None
        return DoesNotApply("The model has one output.") if one else CouldNotTell(("outputs",))
    if output_gradient_norm is None:
        return CouldNotTell(("output_gradient_norm",))
    if not np.nan_to_num(output_gradient_norm).any():
        return DoesNotApply("The outputs share no weights that are trained.")
    held = [state for state in output_states if _is_held(state)]
    pairs = [pair for state in held if (pair := _drowned(state, output_states, output_gradient_norm, epochs))]
    if not pairs:
        return Fine(_spread(output_states, output_gradient_norm, epochs))
    pair = max(pairs, key=lambda pair: pair.ratio)
    harm = degree(pair.ratio, HEALTHY, RUINOUS)
    saw = _saw(pair, output_gradient_norm, epochs)
    if not harm:
        ratio = number(pair.ratio)
        return Fine(f"The gradient of output `{pair.loud.name}` is {ratio} times that of `{pair.quiet.name}`.")
    fix, edits = fix_of(outputs, pair.loud.index, _share(pair, outputs, output_loss), model, data_form)
    small = np.flatnonzero(~(pair.ratios > HEALTHY))
    return Finding(
        harm,
        _certainty(pair.quiet),
        f"{saw}.",
        f"gradients of the same order, up to {HEALTHY:g} times each other.",
        fix,
        since=int(epochs[min(small[-1] + 1, len(epochs) - 1)]) if len(small) else int(epochs[0]),
        picture="output_gradient_norm",
        edits=edits,
        outputs=(pair.quiet.name,),
    )


def _is_held(state: OutputState) -> bool:
    """Whether an output stands still, was not done in time, or has learned nothing so far."""
    if state.status.where == AT_REFERENCE or state.curve is None:
        return False
    level = level_at_end(state.curve.skill)
    return state.status.name in ("stalled", "unfinished") or (
        level is not None and level < LEARNED and len(state.curve.skill) >= ENOUGH_EPOCHS
    )


def _drowned(quiet: OutputState, states: Sequence[OutputState], norms: np.ndarray, epochs: np.ndarray) -> _Pair | None:
    """Such an output beside the one with the largest gradient; None where nothing flows from it at all."""
    while_stalled = epochs >= (quiet.status.since or 0)
    pairs = []
    for loud in states:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = norms[:, loud.index] / norms[:, quiet.index]
        known = ratios[while_stalled & np.isfinite(ratios)]
        if loud is not quiet and len(known):
            pairs.append(_Pair(quiet, loud, ratios, float(np.median(known))))
    return max(pairs, key=lambda pair: pair.ratio, default=None)


def _share(pair: _Pair, outputs: Sequence[Mapping[str, Any]], losses: np.ndarray | None) -> float:
    """What the weight of the loud output is to be multiplied by.

    Then neither its gradient was ever above that of the quiet one, nor was its loss when the run began.
    """
    shares = [1 / float(pair.ratios[np.isfinite(pair.ratios)].max())]
    if losses is not None:
        first = [
            float(outputs[state.index]["loss_weight"]) * losses[0, state.index] for state in (pair.quiet, pair.loud)
        ]
        if np.isfinite(first).all() and min(first) > 0:
            shares.append(first[0] / first[1])
    return float(min(shares))


def _certainty(quiet: OutputState) -> float:
    """How sure it is that the quiet output would learn if it were heard."""
    reference = None if quiet.curve is None else quiet.curve.reference
    if reference is None:
        return UNCOMPARED
    return COMPARED if reference >= LEARNED else DOUBTED


def _saw(pair: _Pair, norms: np.ndarray, epochs: np.ndarray) -> str:
    at = int(np.flatnonzero(np.isfinite(pair.ratios))[-1])
    loud, quiet = (float(norms[at, state.index]) for state in (pair.loud, pair.quiet))
    held = "stands still" if pair.quiet.status.name == "stalled" else "learns too slowly"
    return (
        f"After epoch {int(epochs[at])} the gradient of output `{pair.loud.name}` with respect to the weights that "
        f"outputs share is {number(loud / quiet)} times that of output `{pair.quiet.name}`, which {held}: "
        f"{number(loud)} against {number(quiet)}"
    )


def _spread(states: Sequence[OutputState], norms: np.ndarray, epochs: np.ndarray) -> str:
    """The gradients of the last epoch that has them."""
    at = int(np.flatnonzero(np.isfinite(norms).all(axis=1))[-1]) if np.isfinite(norms).all(axis=1).any() else -1
    told = ", ".join(f"{number(float(norms[at, state.index]))} of `{state.name}`" for state in states)
    return f"Gradient norms at shared weights after epoch {int(epochs[at])}: {told}."
