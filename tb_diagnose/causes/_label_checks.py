"""What may be wrong with the form of the labels: one function for each check of `label_encoding`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tb_diagnose.causes import Edit, Finding, number
from tb_diagnose.causes._labels import COLUMNS, NUMBERS
from tb_diagnose.evidence.keras_config import REGRESSION_LOSSES

NUMBERED = "np.unique(y, return_inverse=True)"
ONE_HOT_LOSSES = (
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "kl_divergence",
)
"""Losses that read a column for each class."""
SIDES = ((0.0, 1.0), (-1.0, 1.0))
"""Labels that a hinge loss reads: Keras turns 0 and 1 into -1 and 1."""
BOUNDED = {"sigmoid": (0.0, 1.0), "hard_sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0)}
"""Smallest and largest output of an activation."""
SLOWS = 0.5
"""Harm of two labels beyond both ends of the output: each class still pulls to its own end, if without a limit."""


@dataclass(frozen=True)
class Labels:
    """The labels, and what reads them.

    Args:
        form: The fact `label_form`.
        dtype: Their data type.
        low: Smallest label, None when unknown.
        high: Largest label, None when unknown.
        different: Number of different labels.
        loss: Name of the loss, "" when unknown.
        from_logits: Whether the loss applies a sigmoid or softmax itself.
        units: Units of the output layer.
        activation: Activation of the output layer.
    """

    form: str
    dtype: str
    low: float | None
    high: float | None
    different: int | None
    loss: str
    from_logits: bool
    units: int | None
    activation: str | None

    @property
    def span(self) -> str:
        """The labels as a sentence begins."""
        span = f"Labels of dtype {self.dtype}"
        if self.low is None or self.high is None:
            return span
        return (
            f"{span}, all {number(self.low)}"
            if self.low == self.high
            else f"{span} from {number(self.low)} to {number(self.high)}"
        )

    @property
    def two(self) -> bool:
        """Whether they are numbers of two classes."""
        return self.form in NUMBERS and (self.different or 3) <= 2


def not_numbers(labels: Labels) -> Finding | None:
    """Strings, or numbers kept as Python objects."""
    different = f"{labels.different} different ones" if labels.different is not None else "an unknown number of them"
    if labels.form == "string":
        return _finding(
            f"{labels.span}, {different}: not numbers.",
            "numbers, as every loss reads them.",
            "Number the classes",
            Edit("data", "classes, y", NUMBERED),
        )
    if labels.dtype == "object":
        return _finding(
            f"{labels.span}, {different}: numbers kept as Python objects.",
            "an array of 1 number type, as Keras reads it.",
            "Convert the labels",
            Edit("data", "y", 'y.astype("float32")'),
        )
    return None


def one_value(labels: Labels, counts: Sequence[float] | None, samples: int | None) -> Finding:
    """The same label for all samples: there is nothing to learn but this value."""
    count = samples if samples is not None or counts is None else int(sum(counts))
    value = (
        f"class {next(i for i, n in enumerate(counts or []) if n > 0)}"
        if labels.form == "one_hot"
        else number(labels.low or 0)
    )
    all_of = "all samples" if count is None else f"all {count:,} samples"
    return Finding(
        1.0,
        1.0,
        f"The label of {all_of} is {value}, of dtype {labels.dtype}: the model can learn this 1 value and no other.",
        "labels of at least 2 different values.",
        "Look at the line that makes the labels with `np.unique(y, return_counts=True)`: a comparison of strings that "
        "never match, an integer division such as `y // 255`, or a wrong column gives the same value for every sample.",
        picture="label_counts",
    )


def outside_probabilities(labels: Labels, low: float, high: float) -> Finding | None:
    """Labels beyond 0 and 1 before a loss that reads probabilities, or beyond -1 and 1 before a hinge loss."""
    if labels.loss.startswith(("binary", "hinge", "squared_hinge")) and labels.two:
        sides = SIDES if "hinge" in labels.loss else SIDES[:1]
        if any(least <= low and high <= most for least, most in sides):
            return None
        return _as_zero_and_one(f"{labels.span}, before {labels.loss}.", high)
    of_columns = labels.loss.startswith("binary") or labels.loss in ONE_HOT_LOSSES
    if not of_columns or labels.form not in ("one_hot", "multi_label") or (low >= 0 and high <= 1):
        return None
    return _as_zero_and_one(f"Label columns of {number(low)} and {number(high)}, before {labels.loss}.", high)


def columns_for_sparse(labels: Labels, low: float, high: float) -> Finding | None:
    """Columns before a loss that reads one class number a sample."""
    if not labels.loss.startswith("sparse") or labels.form not in COLUMNS:
        return None
    return _finding(
        f"One-hot labels of {labels.units} columns before {labels.loss}, which reads 1 class number a sample.",
        "class numbers, shape (samples,).",
        "Turn the columns into class numbers",
        Edit("data", "y", "y.argmax(axis=-1)"),
    )


def misnumbered(labels: Labels, low: float, high: float) -> Finding | None:
    """Class numbers that fall outside the outputs although there are outputs enough."""
    units = labels.units or 0
    if not labels.loss.startswith("sparse") or labels.form not in NUMBERS or units < 2:
        return None
    fits_shifted = high - low < units
    enough = fits_shifted or (labels.different is not None and labels.different <= units)
    if low >= 0 and not (high >= units and enough):
        return None
    shifted = Edit("data", "y", f"y {'-' if low > 0 else '+'} {exact(abs(low))}")
    return _finding(
        f"{labels.span}, before {labels.loss} with {units} outputs.",
        f"class numbers from 0 to {units - 1}.",
        "Let the classes begin at 0" if fits_shifted else "Number the classes without gaps",
        shifted if fits_shifted else Edit("data", "classes, y", NUMBERED),
    )


def numbers_for_columns(labels: Labels, low: float, high: float) -> Finding | None:
    """Class numbers before a loss that reads a column for each class."""
    units = labels.units or 0
    if labels.loss not in ONE_HOT_LOSSES or labels.form not in NUMBERS or units < 2:
        return None
    saw = f"Class numbers from {number(low)} to {number(high)} before {labels.loss}, which reads one-hot labels."
    expected = f"one-hot labels of {units} columns."
    if labels.loss == "categorical_crossentropy":
        change = Edit("compile", "loss", _sparse(labels.from_logits))
        return Finding(
            1.0,
            1.0,
            saw,
            expected,
            '`loss="categorical_crossentropy"` -> `loss="sparse_categorical_crossentropy"`.',
            edits=(change,),
        )
    if low < 0 or high >= units:
        return Finding(1.0, 1.0, saw, expected, f"Number the classes from 0 to {units - 1}, and one-hot encode them.")
    encoded = Edit("data", "y", f"np.eye({units})[y.astype(int).ravel()]")
    return _finding(saw, expected, "One-hot encode the labels", encoded)


def out_of_reach(labels: Labels, low: float, high: float) -> Finding | None:
    """Two labels beyond what the output gives, before a regression loss."""
    if labels.loss not in REGRESSION_LOSSES or not labels.two or labels.activation not in BOUNDED:
        return None
    least, most = BOUNDED[labels.activation]
    if least <= low and high <= most:
        return None
    # Where both lie beyond the same end, both classes pull the output to that end.
    same_end = low >= most or high <= least
    saw = f"{labels.span}, before {labels.loss} on outputs from {number(least)} to {number(most)}."
    return _as_zero_and_one(saw, high, 1.0 if same_end else SLOWS)


def exact(label: float) -> str:
    """A label as it must be written to be found: 1234567, not 1.23457e+06."""
    return repr(int(label)) if float(label).is_integer() else repr(float(label))


def _as_zero_and_one(saw: str, high: float, harm: float = 1.0) -> Finding:
    change = Edit("data", "y", f'(y == {exact(high)}).astype("float32")')
    return _finding(saw, "labels 0 and 1.", "Make the labels 0 and 1", change, harm)


def _finding(saw: str, expected: str, advice: str, change: Edit, harm: float = 1.0) -> Finding:
    """The finding whose fix is one line before `fit`."""
    fix = f"{advice}: `{change.argument} = {change.new}`."
    return Finding(harm, 1.0, saw, expected, fix, picture="label_counts", edits=(change,))


def _sparse(from_logits: bool) -> str | dict[str, Any]:
    """The loss that reads class numbers, of outputs that stay what they are."""
    if not from_logits:
        return "sparse_categorical_crossentropy"
    return {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": True}}
