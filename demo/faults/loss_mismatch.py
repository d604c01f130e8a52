"""A loss for amounts on classes, or a cross-entropy on amounts."""

from dataclasses import replace

import numpy as np

from demo.arrays import BINARY, CATEGORICAL, MSE, OWN, out
from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("tabular_binary", "digits_cnn")


def inject(setup: Setup) -> Setup:
    """Class numbers get a squared error over all outputs; a single output gets a categorical cross-entropy."""
    return replace(setup, loss="mean_squared_error" if setup.units > 1 else "categorical_crossentropy")


SICK = [
    dict(
        loss_function=BINARY,
        output=out(1, "sigmoid"),
        label_form="integer",
        label_unique_count=5,
        label_max=4,
        loss=np.array([0.1, -7.0]),
    ),
    dict(loss_function=CATEGORICAL, output=out(1, "sigmoid"), label_form="binary", label_unique_count=2, label_max=1),
    dict(loss_function=BINARY, output=out(2, "softmax"), label_form="binary", label_unique_count=2, label_max=1),
    dict(loss_function=MSE, output=out(5, "softmax"), label_form="integer", label_unique_count=5, label_max=4),
    dict(loss_function=MSE, output=out(1, "sigmoid"), label_form="binary", label_unique_count=2, label_max=1),
    dict(loss_function=BINARY, output=out(1, "sigmoid"), label_form="continuous", label_min=-3.0, label_max=3.0),
]
HEALTHY = [
    dict(loss_function=BINARY, output=out(1, "sigmoid"), label_form="binary", label_unique_count=2, label_max=1),
    dict(loss_function=BINARY, output=out(64, "sigmoid"), label_form="continuous", label_min=0.0, label_max=1.0),
    dict(loss_function=MSE, output=out(1, "linear"), label_form="continuous"),
    dict(
        loss_function=BINARY,
        output=out(1, "sigmoid"),
        label_form="binary",
        label_unique_count=2,
        label_max=1,
        label_shape=[12, 12, 1],
    ),
    dict(loss_function=OWN, output=out(1, "sigmoid"), label_form="integer", label_unique_count=5, label_max=4),
]
