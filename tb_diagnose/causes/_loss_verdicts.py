"""What is wrong with a loss before labels that it does not fit: one function for each verdict of `loss_mismatch`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, DoesNotApply, Edit, Finding, number
from tb_diagnose.causes._head import head_of
from tb_diagnose.causes._labels import described
from tb_diagnose.causes._wording import plural

READ = ("sigmoid", "softmax")
"""Activations whose outputs a cross-entropy reads as they are."""
SELDOM = 0.4
"""Harm of a regression loss on classes. Hui and Belkin (2021) reach the accuracy of a cross-entropy with a squared
error on most of 28 tasks: it accounts for some of what a run lacks, not for a stall by itself."""
LEARNED = 0.9
"""Accuracy from which a loss of 0 may be what is left."""
PARTLY = 0.6
"""Harm of several classes a sample before a loss that expects one: one class of each sample can still be learned."""


@dataclass(frozen=True)
class Setting:
    """What a loss gets to see.

    Args:
        loss: Name of the loss.
        output: The fact `output`.
        form: The fact `label_form`.
        count: Number of different labels.
        low: Smallest label.
        high: Largest label.
        lowest: Smallest loss of the run.
        layers: The fact `layers`, None where it was not logged.
    """

    loss: str
    output: dict[str, Any]
    form: str | None
    count: int | None
    low: float | None
    high: float | None
    lowest: float | None
    layers: Sequence[dict[str, Any]] | None = None

    @property
    def units(self) -> int:
        """Number of outputs."""
        return int(self.output["units"])

    @property
    def described(self) -> str:
        """Loss, labels and outputs as a sentence begins."""
        labels = "unknown labels" if self.form is None else described(self.form, self.count)
        activation = self.output["activation"]
        return f"{self.loss} on {labels} with {plural(self.units, 'output')}" + (
            f" ({activation})" if activation else ""
        )

    @property
    def classes(self) -> int:
        """Outputs that class numbers up to the largest label need."""
        return int(self.high or 0) + 1


def numbers_as_probabilities(setting: Setting) -> Answer:
    """Class numbers above 1 before a loss that reads two classes."""
    below = (
        f"; it fell to {number(setting.lowest)}, below the 0 that no cross-entropy can pass"
        if setting.lowest is not None and setting.lowest < 0 and "crossentropy" in setting.loss
        else ""
    )
    what = "probabilities" if "crossentropy" in setting.loss else "one of two sides"
    return _finding(
        setting,
        f"class numbers up to {number(setting.high or 0)} read as {what}{below}",
        "class numbers with 1 output for each class, and a loss that never falls below 0.",
        "sparse_categorical_crossentropy",
        "softmax",
        setting.classes,
    )


def number_for_each_output(setting: Setting) -> Answer:
    """One class number, which each of several outputs is compared with."""
    return _finding(
        setting,
        f"each of the {setting.units} outputs is compared with the class number itself",
        "one-hot labels, or a loss that reads class numbers.",
        "sparse_categorical_crossentropy",
        "softmax",
    )


def continuous_targets(setting: Setting) -> Answer:
    """Continuous targets before a loss for classes."""
    span = "" if setting.low is None else f" from {number(setting.low)} to {number(setting.high or 0)}"
    return _finding(
        setting,
        f"the labels are continuous{span}, not classes",
        "mean_squared_error or mean_absolute_error, and a linear output.",
        "mean_squared_error",
        "linear",
    )


def constant_loss(setting: Setting) -> Answer:
    """A categorical loss over a single output."""
    return _finding(
        setting,
        "over a single output the loss is the same for every answer",
        "1 output for each class, or a binary cross-entropy on one output.",
        "binary_crossentropy",
        "sigmoid",
    )


def one_class_expected(setting: Setting) -> Answer:
    """Several classes a sample before a loss that expects one."""
    return _finding(
        setting,
        "several classes a sample, where the loss expects one",
        "binary_crossentropy with sigmoid outputs, one yes or no for each class.",
        "binary_crossentropy",
        "sigmoid",
        harm=PARTLY,
    )


def classes_as_numbers(setting: Setting) -> Answer:
    """Classes on a scale, as if the fifth were five times the first."""
    return _finding(
        setting,
        "class numbers are treated as points on a scale",
        f"{setting.count} outputs with softmax and a categorical cross-entropy.",
        "sparse_categorical_crossentropy",
        "softmax",
        setting.count,
        harm=SELDOM,
    )


def weak_gradient(setting: Setting) -> Answer:
    """A regression loss on classes."""
    better = "binary_crossentropy" if setting.units == 1 else "sparse_categorical_crossentropy"
    better = "categorical_crossentropy" if setting.form == "one_hot" else better
    activation = setting.output["activation"]
    fitting = "sigmoid" if better == "binary_crossentropy" else "softmax"
    return _finding(
        setting,
        "its gradient vanishes where the answer is confidently wrong",
        f"{better}, whose gradient is largest there.",
        better,
        activation if activation in READ and not (activation == "softmax" and setting.units == 1) else fitting,
        harm=SELDOM,
    )


def few_outputs(setting: Setting) -> Answer:
    """More classes than any loss could tell apart with one output."""
    return DoesNotApply(f"{setting.described}: too few outputs for any loss.")


def form_of_labels(setting: Setting) -> Answer:
    """Labels that are to be written in another form."""
    return DoesNotApply(f"{setting.described}: a matter of the form of the labels.")


def below_zero(setting: Setting) -> Answer:
    """A cross-entropy below 0 of labels that were not logged: they are not probabilities."""
    return Finding(
        1.0,
        1.0,
        f"{setting.loss} fell to {number(setting.lowest or 0)}, below the 0 that no cross-entropy of labels from 0 to "
        "1 can pass: the labels are other numbers.",
        "a loss that never falls below 0.",
        "Look at the labels with `np.unique(y)`: number classes 0, 1, 2 ... and take "
        '`loss="sparse_categorical_crossentropy"` for more than two of them, or `loss="mean_squared_error"` for '
        "continuous targets.",
        picture="loss",
    )


def always_zero(name: str, losses: Sequence[np.ndarray | None], accuracy: np.ndarray | None) -> Finding | None:
    """A loss that is 0 whatever the answers are; None where it is not, or where nothing tells that answers are wrong.

    Args:
        name: Name of the loss.
        losses: Series of the loss, each of shape `(epoch,)`, from before training on.
        accuracy: Accuracy on the probe samples, shape `(epoch,)`.
    """
    known = [values[np.isfinite(values)] for values in losses if values is not None]
    right = None if accuracy is None else accuracy[np.isfinite(accuracy)]
    if not known or not all(len(values) > 1 and not values.any() for values in known):
        return None
    if right is None or not len(right) or right.max() > LEARNED:
        return None
    return Finding(
        1.0,
        1.0,
        f"{name} is 0 before training and after every epoch, although at most {right.max():.1%} of the probe samples "
        "are answered rightly: there is nothing to lower.",
        "a loss above 0 as long as answers are wrong.",
        "Look at what takes the samples out of the loss: `sample_weight` or `class_weight` of 0, a mask over all of "
        "them, or a loss that does not depend on the answers.",
        picture="loss",
    )


def _finding(
    setting: Setting,
    trouble: str,
    expected: str,
    loss: str,
    activation: str,
    units: int | None = None,
    harm: float = 1.0,
) -> Finding:
    """The finding whose fix is another loss, with an output that it can read.

    Args:
        setting: What the loss gets to see.
        trouble: What comes of it.
        expected: What fits.
        loss: The loss that fits.
        activation: The activation that the output needs before it.
        units: The number of outputs that it needs, where that is another one.
        harm: See `Finding`.
    """
    now = setting.output["activation"]
    change = head_of(setting.output, setting.layers).change(activation, units)[0]
    layers = [] if units in (None, setting.units) else [change]
    fix = " and ".join([*layers, f'`loss="{setting.loss}"` -> `loss="{loss}"`'])
    if not layers and activation != now:
        outputs = setting.units if units is None else units
        fix += f", with {'a ' if outputs == 1 else ''}{activation} output{'' if outputs == 1 else 's'}"
    return Finding(
        harm,
        1.0,
        f"{setting.described}: {trouble}.",
        expected,
        f"{fix}.",
        picture="loss",
        edits=_edits(setting, loss, activation, units),
    )


def _edits(setting: Setting, loss: str, activation: str, units: int | None) -> tuple[Edit, ...]:
    """Another loss, and an output that it can read; nothing where the labels would have to change, too."""
    largest = {"binary_crossentropy": 1, "sparse_categorical_crossentropy": (units or setting.units) - 1}.get(loss)
    low, high = setting.low or 0, setting.high or 0
    if largest is not None and (low < 0 or high > largest):
        return ()
    now = setting.output["activation"]
    if now is None:
        return ()  # an operation behind the layer makes the output: what to change there is not known
    wider = None if units == setting.units else units
    change = head_of(setting.output, setting.layers).change(activation, wider)[1]
    return (*(edit for edit in change if edit.new != now), Edit("compile", "loss", loss))
