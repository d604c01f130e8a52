"""A loss for amounts on classes, a loss for another kind of classes, or a cross-entropy on amounts."""

from dataclasses import replace

import numpy as np

from demo.arrays import BINARY, CATEGORICAL, EPOCHS, MSE, OWN, SPARSE, out
from demo.labels import is_regression
from demo.setups import NotApplicable, Setup

LEVELS = ({"form": "squared"}, {"form": "absolute"}, {"form": "entropy"}, {"form": "other"})
SHOWN_ON = ("tabular_binary", "digits_cnn")


def inject(setup: Setup, form: str = "other") -> Setup:
    """Changes the loss.

    Args:
        setup: A setup that learns.
        form: "squared" or "absolute": an error of amounts on classes. "entropy": a binary cross-entropy on class
            numbers of many classes or on amounts, a categorical one on a single unit. "other": what does most harm, an
            error of
            amounts on class numbers of many classes, else as "entropy".
    """
    amounts = is_regression(setup)
    if form == "other":
        form = "squared" if setup.units > 1 and setup.y.ndim == 1 else "entropy"
    if form in ("squared", "absolute"):
        if amounts:
            raise NotApplicable("it fits amounts")
        return replace(setup, loss=f"mean_{form}_error")
    if setup.units > 1 and setup.y.ndim > 1:
        raise NotApplicable("a binary cross-entropy reads samples of zeros and ones, too")
    return replace(setup, loss="binary_crossentropy" if amounts or setup.units > 1 else "categorical_crossentropy")


AWAY = dict(
    loss_function={"name": "difference", "from_logits": False, "custom": True},
    output=out(1, "linear"),
    label_form="continuous",
    label_min=-3.0,
    label_max=4.0,
    perfect_loss=0.0,
    epochs=EPOCHS,
)
ZERO = dict(
    loss_function=SPARSE,
    output=out(4, "softmax"),
    label_form="integer",
    label_unique_count=4,
    label_max=3,
    loss=np.array([np.nan, 0.0, 0.0, 0.0]),
)
HINGE = {"name": "hinge", "from_logits": False, "custom": False}
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
    dict(  # a negative cross-entropy is proof, whatever the labels are
        loss_function=BINARY, output=out(1, "sigmoid"), loss=np.array([np.nan, 0.3, -2.0, -9.0])
    ),
    dict(loss_function=CATEGORICAL, output=out(5, "sigmoid"), label_form="multi_label", label_shape=[5]),
    dict(loss_function=SPARSE, output=out(3, "softmax"), label_form="continuous", label_min=-3.0, label_max=3.0),
    dict(loss_function=MSE, output=out(1, "linear"), label_form="integer", label_unique_count=5, label_max=4),
    dict(loss_function=MSE, output=out(5, "softmax"), label_form="one_hot", label_shape=[5]),
    dict(loss_function=HINGE, output=out(1, "tanh"), label_form="integer", label_unique_count=3, label_max=2),
    dict(  # a custom loss, the mean of plain differences: predictions grow without end
        **AWAY,
        probe_loss=np.array([-0.5, -5.0, -12.0, -20.0]),
        prediction_mean=np.array([[0.5], [5.0], [12.0], [20.0]]),
    ),
    dict(  # all samples have a weight of 0
        **ZERO,
        probe_loss=np.zeros(4),
        probe_accuracy=np.full(4, 0.21),
    ),
]
HEALTHY = [
    dict(  # a loss of 0 that was reached
        **ZERO,
        probe_loss=np.array([1.4, 0.0, 0.0, 0.0]),
        probe_accuracy=np.array([0.2, 1.0, 1.0, 1.0]),
    ),
    dict(  # a custom loss that is lower for other answers than the labels, such as a distance with a margin
        **AWAY,
        probe_loss=np.array([1.0, -0.2, -0.3, -0.3]),
        prediction_mean=np.array([[0.5], [0.1], [0.1], [0.1]]),
    ),
    dict(  # one that starts far away and comes nearer
        **AWAY,
        probe_loss=np.array([90.0, 60.0, 40.0, 20.0]),
        prediction_mean=np.array([[90.0], [60.0], [40.0], [20.0]]),
    ),
    dict(loss_function=BINARY, output=out(1, "sigmoid"), label_form="binary", label_unique_count=2, label_max=1),
    dict(loss_function=BINARY, output=out(64, "sigmoid"), label_form="continuous", label_min=0.0, label_max=1.0),
    dict(loss_function=MSE, output=out(1, "linear"), label_form="continuous", label_min=-3.0, label_max=3.0),
    dict(
        loss_function=BINARY,
        output=out(1, "sigmoid"),
        label_form="binary",
        label_unique_count=2,
        label_max=1,
        label_shape=[12, 12, 1],
    ),
    dict(  # too few outputs for any loss
        loss_function=SPARSE, output=out(1, "softmax"), label_form="integer", label_unique_count=10, label_max=9
    ),
    dict(loss_function=OWN, output=out(1, "sigmoid"), label_form="integer", label_unique_count=5, label_max=4),
    dict(  # labels without a finite number
        loss_function=BINARY, output=out(1, "sigmoid"), label_form="continuous", label_nonfinite_count=40
    ),
    dict(loss_function=HINGE, output=out(1, "tanh"), label_form="binary", label_unique_count=2, label_max=1),
    dict(  # class numbers where one-hot labels belong: a matter of the labels
        loss_function=CATEGORICAL, output=out(5, "softmax"), label_form="integer", label_unique_count=5, label_max=4
    ),
    dict(loss_function={**MSE, "name": "dice"}, output=out(1, "sigmoid"), label_form="binary", label_unique_count=2),
]
