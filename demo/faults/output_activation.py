"""An activation at the output that the loss cannot read."""

from dataclasses import replace

from demo.arrays import BINARY, CATEGORICAL, LOGITS, MSE, OWN, SPARSE, out
from demo.labels import is_regression
from demo.setups import NotApplicable, Setup

LEVELS = ({"activation": "linear"}, {"activation": "tanh"}, {"activation": "softmax"}, {"activation": "relu"})
SHOWN_ON = ("digits_cnn", "regression")


def inject(setup: Setup, activation: str = "relu") -> Setup:
    """Gives the output layer another activation."""
    if activation == (setup.activation or "linear"):
        raise NotApplicable("it is the activation of this setup")
    if activation == "softmax" and (setup.units > 1 or is_regression(setup)):
        raise NotApplicable("softmax fits several classes, and is shown on one unit only")
    return replace(setup, activation=activation)


SICK = [
    dict(output=out(1, "relu"), loss_function=BINARY),
    dict(output=out(1, "linear"), loss_function=BINARY),
    dict(output=out(1, "tanh"), loss_function=LOGITS),
    dict(output=out(10, "relu"), loss_function=SPARSE),
    dict(output=out(10, "tanh"), loss_function=CATEGORICAL, label_form="one_hot", label_shape=[10]),
    dict(output=out(10, "sigmoid"), loss_function=CATEGORICAL),
    dict(output=out(1, "softmax"), loss_function=BINARY, label_form="binary"),
    dict(output=out(1, "softmax"), loss_function=CATEGORICAL, label_form="binary"),
    dict(output=out(1, "linear"), loss_function=CATEGORICAL, label_form="binary"),
    dict(output=out(1, "sigmoid"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=50.0),
    dict(output=out(1, "softmax"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=1.0),
    dict(output=out(10, "linear"), loss_function=CATEGORICAL, label_form="one_hot", label_shape=[10]),
    dict(output=out(10, "sigmoid"), loss_function=SPARSE, label_form="integer", label_unique_count=10),
    dict(output=out(10, "log_softmax"), loss_function=SPARSE, label_form="integer", label_unique_count=10),
    dict(  # a second softmax
        output=out(10, "softmax"), loss_function={**SPARSE, "from_logits": True}, environment={"backend": "jax"}
    ),
    dict(output=out(1, "sigmoid"), loss_function=LOGITS, environment={"backend": "torch"}),
    dict(output=out(5, "softmax"), loss_function=BINARY, label_form="multi_label", label_shape=[5]),
]
HEALTHY = [
    dict(output=out(1, "linear"), loss_function=LOGITS),
    dict(output=out(1, "sigmoid"), loss_function=BINARY),
    dict(  # Keras undoes it on TensorFlow
        output=out(10, "softmax"),
        loss_function={**SPARSE, "from_logits": True},
        environment={"backend": "tensorflow"},
    ),
    dict(output=out(10, "linear"), loss_function={**SPARSE, "from_logits": True}),
    dict(output=out(10, "exponential"), loss_function=CATEGORICAL),  # divided by their sum, they are a softmax
    dict(output=out(64, "sigmoid"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=1.0),
    dict(output=out(1, "relu"), loss_function=MSE, label_form="continuous", label_min=0.0, label_max=50.0),
    dict(output=out(1, "relu"), loss_function=OWN),
    dict(  # ten classes on one unit: a matter of its units
        output=out(1, "softmax"),
        loss_function=SPARSE,
        label_form="integer",
        label_unique_count=10,
        label_min=0,
        label_max=9,
    ),
    dict(  # amounts before a cross-entropy: a matter of the loss
        output=out(1, "linear"), loss_function=BINARY, label_form="continuous", label_min=-3.0, label_max=3.0
    ),
]
