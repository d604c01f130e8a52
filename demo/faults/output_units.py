"""Fewer output units than classes."""

from dataclasses import replace

from demo.arrays import BINARY, CATEGORICAL, MSE, OWN, SPARSE, out
from demo.labels import is_regression
from demo.setups import NotApplicable, Setup

LEVELS = ({"units": 0.9}, {"units": 0.5}, {"units": 0.0})
SHOWN_ON = ("digits_cnn", "digits_dense")


def inject(setup: Setup, units: float = 0.0) -> Setup:
    """Keeps that share of the output units, and at least one."""
    if is_regression(setup) or setup.units == 1:
        raise NotApplicable("it has one output unit, and needs no more")
    return replace(setup, units=max(int(units * setup.units), 1))


DIGITS = dict(label_form="integer", label_unique_count=10, label_min=0, label_max=9)
SICK = [
    dict(output=out(9, "softmax"), loss_function=SPARSE, **DIGITS),
    dict(output=out(1, "softmax"), loss_function=SPARSE, **DIGITS),
    dict(output=out(1, "sigmoid"), loss_function=BINARY, **DIGITS),
    dict(output=out(1, "sigmoid"), loss_function=MSE, **DIGITS),
    dict(
        output=out(9, "softmax"),
        loss_function=SPARSE,
        label_form="integer",
        label_unique_count=10,
        label_min=1,
        label_max=10,
    ),
    dict(output=out(5, "softmax"), loss_function=CATEGORICAL, label_form="one_hot", label_shape=[10]),
    dict(output=out(12, "softmax"), loss_function=CATEGORICAL, label_form="one_hot", label_shape=[10]),
    dict(output=out(1, "linear"), loss_function=MSE, label_form="one_hot", label_shape=[10]),
    dict(output=out(4, "sigmoid"), loss_function=BINARY, label_form="multi_label", label_shape=[5]),
]
HEALTHY = [
    dict(output=out(10, "softmax"), loss_function=SPARSE, **DIGITS),
    dict(output=out(1000, "softmax"), loss_function=SPARSE, **DIGITS),  # too many are harmless
    dict(  # labels from 1 are a matter of the labels
        output=out(10, "softmax"),
        loss_function=SPARSE,
        label_form="integer",
        label_unique_count=10,
        label_min=1,
        label_max=10,
    ),
    dict(
        output=out(2, "softmax"),
        loss_function=SPARSE,
        label_form="binary",
        label_unique_count=2,
        label_min=0,
        label_max=255,
    ),
    dict(  # a categorical loss on a single unit and two classes is a matter of the loss
        output=out(1, "sigmoid"),
        loss_function=SPARSE,
        label_form="binary",
        label_unique_count=2,
        label_min=0,
        label_max=1,
    ),
    dict(
        output=out(1, "sigmoid"),
        loss_function=BINARY,
        label_form="binary",
        label_unique_count=2,
        label_min=1,
        label_max=2,
    ),
    dict(output=out(5, "sigmoid"), loss_function=BINARY, label_form="multi_label", label_shape=[5]),
    dict(output=out(1, "linear"), loss_function=MSE, label_form="continuous"),
    dict(output=out(9, "softmax"), loss_function=OWN, **DIGITS),
    dict(  # pixels that the loss passes over
        output=out(21, "softmax"),
        loss_function={**SPARSE, "ignore_class": 255},
        label_form="integer",
        label_unique_count=22,
        label_min=0,
        label_max=255,
    ),
]
