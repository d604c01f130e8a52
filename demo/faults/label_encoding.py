"""Class numbers that begin at 1."""

from dataclasses import replace

from demo.arrays import BINARY, CATEGORICAL, SPARSE, out
from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("tabular_binary", "digits_cnn")


def inject(setup: Setup) -> Setup:
    """Adds 1 to the labels."""
    return replace(setup, y=setup.y + 1, validation=(setup.validation[0], setup.validation[1] + 1))


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
    dict(label_form="string", label_dtype="<U3", label_unique_count=2),
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
]
