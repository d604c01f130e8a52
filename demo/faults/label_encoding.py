"""Labels in another notation: from 1, around 0, as bytes, or one-hot where class numbers belong."""

from dataclasses import replace

import numpy as np

from demo.arrays import BINARY, CATEGORICAL, MSE, OWN, SPARSE, out
from demo.labels import class_count, class_numbers, is_regression
from demo.setups import NotApplicable, Setup

LEVELS = ({"form": "signed"}, {"form": "bytes"}, {"form": "swapped"}, {"form": "from_one"})
SHOWN_ON = ("tabular_binary", "digits_cnn")


def inject(setup: Setup, form: str = "from_one") -> Setup:
    """Writes the labels in another notation.

    Args:
        setup: A setup that learns.
        form: "from_one": one more each. "signed": -1 and 1, or class numbers from -1. "bytes": 0 and 255. "swapped":
            one-hot samples in place of class numbers, and the reverse.
    """
    if is_regression(setup):
        raise NotApplicable("amounts have no notation")
    if form == "swapped" and setup.units == 1:
        raise NotApplicable("with one unit there are no one-hot samples")
    if form == "bytes" and setup.units > 1 and setup.y.ndim == 1:
        raise NotApplicable("class numbers of many classes are no bytes of 0 and 255")

    def written(y: np.ndarray) -> np.ndarray:
        if form == "from_one":
            return y + 1
        if form == "signed":
            return y - 1 if setup.units > 1 and y.ndim == 1 else 2 * y - 1
        if form == "bytes":
            return y * 255
        return class_numbers(setup, y) if y.ndim > 1 else np.eye(class_count(setup), dtype="float32")[y]

    return replace(setup, y=written(setup.y), validation=(setup.validation[0], written(setup.validation[1])))


SICK = [
    dict(
        label_form="binary",
        label_dtype="int64",
        label_min=1,
        label_max=2,
        label_unique_count=2,
        loss_function=BINARY,
        output=out(1, "sigmoid"),
    ),
    dict(
        label_form="binary",
        label_dtype="int64",
        label_min=-1,
        label_max=1,
        label_unique_count=2,
        loss_function=BINARY,
        output=out(1, "sigmoid"),
    ),
    dict(
        label_form="integer",
        label_dtype="int64",
        label_min=1,
        label_max=10,
        label_unique_count=10,
        loss_function=SPARSE,
        output=out(10, "softmax"),
    ),
    dict(
        label_form="one_hot",
        label_dtype="float32",
        label_min=0,
        label_max=1,
        label_unique_count=2,
        loss_function=SPARSE,
        output=out(10, "softmax"),
    ),
    dict(
        label_form="integer",
        label_dtype="int64",
        label_min=0,
        label_max=9,
        label_unique_count=10,
        loss_function=CATEGORICAL,
        output=out(10, "softmax"),
    ),
    dict(
        label_form="integer",
        label_dtype="int64",
        label_min=-1,
        label_max=8,
        label_unique_count=10,
        loss_function=SPARSE,
        output=out(10, "softmax"),
    ),
    dict(
        label_form="binary",
        label_dtype="uint8",
        label_min=0,
        label_max=255,
        label_unique_count=2,
        loss_function=SPARSE,
        output=out(2, "softmax"),
    ),
    dict(label_form="continuous", label_dtype="object", label_min=0.0, label_max=1.0, label_unique_count=60),
    dict(label_form="string", label_dtype="<U3", label_unique_count=2),
    dict(  # a comparison of strings that never match
        label_form="binary",
        label_dtype="int64",
        label_min=0,
        label_max=0,
        label_unique_count=1,
        label_counts=[800, 0],
        sample_count=800,
        loss_function=BINARY,
        output=out(1, "sigmoid"),
    ),
    dict(
        label_form="one_hot",
        label_dtype="float32",
        label_min=0,
        label_max=1,
        label_unique_count=2,
        label_counts=[0, 800, 0],
        loss_function=CATEGORICAL,
        output=out(3, "softmax"),
    ),
    dict(  # an integer division
        label_form="continuous",
        label_dtype="float64",
        label_min=0.5,
        label_max=0.5,
        label_unique_count=1,
        loss_function=MSE,
        output=out(1, "linear"),
    ),
    dict(
        label_form="binary",
        label_dtype="int64",
        label_min=1,
        label_max=2,
        label_unique_count=2,
        loss_function=MSE,
        output=out(1, "sigmoid"),
    ),
    dict(
        label_form="binary",
        label_dtype="uint8",
        label_min=0,
        label_max=255,
        label_unique_count=2,
        loss_function={**BINARY, "name": "hinge"},
        output=out(1, "tanh"),
    ),
    dict(
        label_form="multi_label",
        label_dtype="uint8",
        label_min=0,
        label_max=255,
        label_unique_count=2,
        loss_function=BINARY,
        output=out(5, "sigmoid"),
    ),
    dict(
        label_form="integer",
        label_dtype="int64",
        label_min=0,
        label_max=9,
        label_unique_count=10,
        loss_function={**CATEGORICAL, "name": "kl_divergence"},
        output=out(10, "softmax"),
    ),
]
HEALTHY = [
    dict(
        label_form="multi_label",
        label_dtype="float32",
        label_min=0,
        label_max=1,
        label_unique_count=2,
        loss_function=BINARY,
        output=out(5, "sigmoid"),
    ),
    dict(
        label_form="integer",
        label_dtype="int64",
        label_min=0,
        label_max=9,
        label_unique_count=10,
        loss_function=SPARSE,
        output=out(12, "softmax"),
    ),
    dict(
        label_form="continuous",
        label_dtype="float32",
        label_min=0.0,
        label_max=0.9,
        label_unique_count=90,
        loss_function=BINARY,
        output=out(1, "sigmoid"),
    ),
    dict(
        label_form="binary",
        label_dtype="int64",
        label_min=-1,
        label_max=1,
        label_unique_count=2,
        loss_function={"name": "hinge"},
        output=out(1, "tanh"),
    ),
    dict(  # more classes than units: a matter of the output layer
        label_form="integer",
        label_dtype="int64",
        label_min=0,
        label_max=9,
        label_unique_count=10,
        loss_function=SPARSE,
        output=out(9, "softmax"),
    ),
    dict(  # a single unit before a categorical loss: a matter of the loss
        label_form="binary",
        label_dtype="int64",
        label_min=0,
        label_max=1,
        label_unique_count=2,
        loss_function=SPARSE,
        output=out(1, "sigmoid"),
    ),
    dict(  # a loss that may not read its labels at all, such as a triplet loss
        label_form="binary",
        label_dtype="float32",
        label_min=0,
        label_max=0,
        label_unique_count=1,
        loss_function=OWN,
        output=out(64, "linear"),
    ),
    dict(  # pixels that the loss passes over
        label_form="integer",
        label_dtype="uint8",
        label_min=0,
        label_max=255,
        label_unique_count=22,
        loss_function={**SPARSE, "ignore_class": 255},
        output=out(21, "softmax"),
    ),
    dict(
        label_form="binary",
        label_dtype="int64",
        label_min=-1,
        label_max=1,
        label_unique_count=2,
        loss_function=MSE,
        output=out(1, "tanh"),
    ),
    dict(label_form="continuous", label_dtype="float32", label_nonfinite_count=80, loss_function=BINARY),
]
