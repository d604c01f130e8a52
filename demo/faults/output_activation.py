"""A relu at the output: half of the answers are stuck at 0."""

from dataclasses import replace

from demo.arrays import BINARY, CATEGORICAL, LOGITS, MSE, OWN, SPARSE, out
from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("digits_cnn", "regression")


def inject(setup: Setup) -> Setup:
    """Needs a setup with a cross-entropy."""
    return replace(setup, activation="relu")


SICK = [
    dict(output=out(1, "relu"), loss_function=BINARY),
    dict(output=out(1, "linear"), loss_function=BINARY),
    dict(output=out(1, "tanh"), loss_function=LOGITS),
    dict(output=out(10, "relu"), loss_function=SPARSE),
    dict(output=out(10, "sigmoid"), loss_function=CATEGORICAL),
    dict(output=out(1, "softmax"), loss_function=BINARY, label_form="binary"),
    dict(output=out(1, "sigmoid"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=50.0),
]
HEALTHY = [
    dict(output=out(1, "linear"), loss_function=LOGITS),
    dict(output=out(1, "sigmoid"), loss_function=BINARY),
    dict(output=out(10, "softmax"), loss_function={**SPARSE, "from_logits": True}),
    dict(output=out(64, "sigmoid"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=1.0),
    dict(output=out(1, "relu"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=50.0),
    dict(output=out(1, "relu"), loss_function=OWN),
]
