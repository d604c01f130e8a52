"""What may be wrong with the activation of the output layer: one function for each check of `output_activation`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import e, exp, inf, log
from typing import Any

from tb_diagnose.causes import Edit, Finding, number
from tb_diagnose.causes._head import Head
from tb_diagnose.causes._wording import plural
from tb_diagnose.evidence.keras_config import CROSSENTROPIES, REGRESSION_LOSSES

SQUASHING = ("sigmoid", "softmax", "hard_sigmoid", "sparsemax")
"""Activations that give values from 0 to 1."""
POSITIVE = ("exponential", "softplus")
"""Activations whose outputs a categorical cross-entropy can read: Keras divides them by their sum."""
SUM_TO_ONE = ("softmax", "sparsemax", "exponential")
"""Activations that give shares of 1 to a categorical cross-entropy: exponentials over their sum are a softmax."""
NEARLY_LINEAR = ("linear", "log_softmax")
"""Activations that give logits: a softmax of a log_softmax is the same softmax."""
BOUNDS = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu": (0.0, inf),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, inf),
    "exponential": (0.0, inf),
}
"""Smallest and largest output of an activation."""
REACH = 0.05
"""Share of the targets' range that may lie outside the output's range: label smoothing and rounding."""
SLOWS = 0.4
"""Harm of outputs that the loss can read, but not as they are meant: sigmoids for one of several classes, a sigmoid or
softmax applied twice, a tanh for a logit. The right answer is still the largest output, and accuracy rises; what is
lost is gradient. (Keras 3.15 on JAX: softmax twice cannot get below ln(K - 1 + e) - 1, 1.461 for ten classes.)"""
LEAKS = 0.3
"""Harm of an activation that bends a logit and passes a gradient on both sides."""
SHARED = 0.6
"""Harm of shares of 1 where several classes are right at once: one of them can still be learned."""


@dataclass(frozen=True)
class Output:
    """The output layer, the loss and the labels.

    Args:
        layer: The layer.
        loss: Name of the loss.
        from_logits: Whether the loss applies a sigmoid or softmax itself.
        label_form: The fact of that name.
        low: Smallest label.
        high: Largest label.
        backend: Keras's backend, None when unknown.
        asked: Whether `from_logits` is what the loss function of a loop was seen to do, and not what it was told.
    """

    layer: Head
    loss: str
    from_logits: bool
    label_form: str | None
    low: float | None
    high: float | None
    backend: str | None
    asked: bool = False

    @property
    def name(self) -> str:
        """Name of the layer with the activation."""
        return self.layer.name

    @property
    def units(self) -> int:
        """Its units."""
        return self.layer.units

    @property
    def activation(self) -> str:
        """Its activation."""
        return str(self.layer.activation)

    @property
    def described(self) -> str:
        """The layer and its loss as a sentence begins."""
        units = plural(self.units, "unit")
        return f"The output layer {self.name} has {units} with activation {self.activation}, before {self.loss}"

    @property
    def fitting(self) -> str:
        """The activation that the loss reads: sigmoid, softmax or linear."""
        if self.from_logits or self.loss not in CROSSENTROPIES:
            return "linear"
        return "sigmoid" if self.loss.startswith("binary") or self.units == 1 else "softmax"

    @property
    def squashed(self) -> bool:
        """Whether the loss applies a sigmoid or softmax to the outputs of one."""
        return self.loss in CROSSENTROPIES and self.from_logits and self.activation in SQUASHING

    def range_outside(self, low: float, high: float) -> float:
        """Share of the labels' range outside `low` to `high`; 0 where the range is not known."""
        if self.low is None or self.high is None:
            return 0.0
        if self.high == self.low:
            return float(not low <= self.low <= high)
        return (max(low - self.low, 0) + max(self.high - high, 0)) / (self.high - self.low)


def over_one_unit(head: Output) -> Finding | None:
    """A softmax over a single unit."""
    if head.activation not in ("softmax", "sparsemax") or head.units != 1:
        return None
    # A categorical loss over one unit is the same for every answer: it gives way as well.
    loss = "binary_crossentropy" if head.loss in CROSSENTROPIES and not head.loss.startswith("binary") else None
    classes = loss is not None or (head.label_form != "continuous" and not head.from_logits)
    return _finding(
        head,
        1.0,
        f". A {head.activation} over 1 unit gives exactly 1 for every sample.",
        "1 unit with sigmoid, or one unit for each class with softmax." if classes else "1 unit with a linear output.",
        "sigmoid" if classes else "linear",
        loss,
    )


def squashed_twice(head: Output) -> Finding | None:
    """A sigmoid or softmax, and `from_logits=True` on top. TensorFlow takes the values from before the first."""
    undone = head.backend == "tensorflow" and head.activation == (
        "sigmoid" if head.loss.startswith("binary") else "softmax"
    )
    if not head.squashed or head.backend is None or (undone and not head.asked):
        return None
    return _finding(
        head,
        SLOWS,
        f", from_logits=True: on {head.backend} the loss applies a second "
        f"{'sigmoid' if head.loss.startswith('binary') else 'softmax'} to values between 0 and 1.",
        "a linear output, as from_logits=True says: values of any size, not from 0 to 1.",
        "linear",
    )


def read_as_logits(output: Mapping[str, Any], step: Mapping[str, Any]) -> Finding:
    """Outputs of a sigmoid or softmax that a custom training step hands to a loss that takes logits.

    Args:
        output: The fact `output`.
        step: The fact `training_step`.
    """
    units, activation, loss = int(output["units"]), str(step["reads"]), str(step["loss"])
    name = step.get("layer") or output["name"]
    second = "sigmoid" if loss.startswith("binary") else "softmax"
    # The answer that is surest: 1 for the right class and 0 for the others.
    floor = log(1 + exp(-1)) if second == "sigmoid" else log(units - 1 + e) - 1
    trouble = (
        f": the training step computes {loss} with logits from the outputs of this {activation}, so a second {second} "
        f"is applied to values between 0 and 1. For a perfect answer the loss would still be {number(floor)}."
    )
    described = f"{plural(units, 'unit')} with activation {activation}"
    by_layer = name == output["name"]
    return Finding(
        SLOWS,
        1.0,
        f"The output layer {name} has {described}{trouble}",
        "a linear output, as a loss that takes logits needs it: values of any size, not from 0 to 1.",
        f'Take the activation off the output layer {name}: `Dense({units}, activation="{activation}")` -> '
        f"`Dense({units})`; or give the loss in the training step probabilities: `keras.losses.{loss}(y, outputs)`.",
        layers=(name,),
        picture="training_step",
        edits=(Edit(name, "activation", "linear"),) if by_layer else (),
    )


def unreadable(head: Output) -> Finding | None:
    """Outputs that a cross-entropy cannot read as probabilities, or as logits."""
    if head.loss not in CROSSENTROPIES or head.squashed:
        return None
    if head.from_logits:
        readable: tuple[str, ...] = NEARLY_LINEAR
    elif head.loss.startswith("binary"):
        readable = SQUASHING
    else:
        readable = (*SQUASHING, *POSITIVE)
    if head.activation in readable:
        return None
    if head.from_logits:
        return _finding(
            head,
            _harm_to_logits(head.activation),
            f", from_logits=True: {_bends(head.activation)}",
            "a linear output, as from_logits=True says: values of any size on both sides of 0.",
            "linear",
        )
    if head.units == 1 and not head.loss.startswith("binary"):
        # A softmax over one unit gives 1 for every sample: with one unit, the loss is another one as well.
        expected, loss = "1 unit with sigmoid, before binary_crossentropy.", "binary_crossentropy"
        return _finding(head, 1.0, f": {_bends(head.activation)}", expected, "sigmoid", loss)
    expected = f"outputs between 0 and 1, as {head.fitting} gives them."
    return _finding(head, 1.0, f": {_bends(head.activation)}", expected, head.fitting)


def shared_among_classes(head: Output) -> Finding | None:
    """Outputs that sum to 1 where they should not, or do not where they should."""
    if head.loss not in CROSSENTROPIES or head.from_logits or head.units < 2:
        return None
    if head.loss.startswith("binary"):
        if head.label_form != "multi_label" or head.activation not in ("softmax", "sparsemax"):
            return None
        trouble = f": the {head.units} outputs sum to 1, where several classes of a sample are right at once."
        return _finding(head, SHARED, trouble, "outputs from 0 to 1, each as sigmoid gives it.", "sigmoid")
    if head.activation in SUM_TO_ONE:
        return None
    trouble = f": the {head.units} outputs do not sum to 1."
    return _finding(head, SLOWS, trouble, "outputs that sum to 1, as softmax gives them.", "softmax")


def out_of_reach(head: Output) -> Finding | None:
    """Regression targets beyond what the activation can give."""
    if head.loss not in REGRESSION_LOSSES or head.label_form != "continuous" or head.activation not in BOUNDS:
        return None
    low, high = BOUNDS[head.activation]
    outside = head.range_outside(low, high)
    if outside <= REACH:
        return None
    reach = f"from {number(low)} to {number(high)}" if high < inf else f"no less than {number(low)}"
    span = f"from {number(head.low or 0)} to {number(head.high or 0)}"
    return _finding(
        head,
        min(2 * outside, 1.0),
        f". It gives {reach}; the targets run {span}, {outside:.0%} of that range outside.",
        "an output that can reach every target.",
        "linear",
    )


def _harm_to_logits(activation: str) -> float:
    """relu, and what has no slope on one side, teaches nothing there."""
    if activation in ("relu", "relu6", "exponential", "softplus"):
        return 1.0
    return SLOWS if activation in ("tanh", "softsign") else LEAKS


def _bends(activation: str) -> str:
    if activation in ("relu", "relu6"):
        return "it gives 0, with gradient 0, wherever its input is negative, and more than 1 elsewhere."
    if activation in ("tanh", "softsign"):
        return "it gives values from -1 to 1 only."
    if activation in POSITIVE:
        return "it gives values above 0 only, and above 1."
    if activation == "log_softmax":
        return "it gives logarithms, no more than 0, which are not probabilities."
    return "it gives values below 0 and above 1, which are not probabilities."


def _finding(
    head: Output, harm: float, trouble: str, expected: str, activation: str, loss: str | None = None
) -> Finding:
    """The finding whose fix is another activation, and another loss where `loss` names one."""
    change, edits = head.layer.change(activation)
    advice = "Take the activation off" if activation == "linear" else "Change the activation of"
    fix = f"{advice} the output layer {head.name}: {change}"
    if loss is not None:
        fix += f', and `loss="{head.loss}"` -> `loss="{loss}"`'
        edits = (*edits, Edit("compile", "loss", loss))
    return Finding(
        harm,
        1.0,
        f"{head.described}{trouble}",
        expected,
        f"{fix}.",
        layers=(head.name,),
        picture="prediction_histogram",
        edits=edits,
    )
