"""A metric that is called accuracy, and is none."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import LOGITS, out
from demo.labels import is_regression
from demo.setups import NotApplicable, Setup

LEVELS = ({"form": "threshold"}, {"form": "other"})
SHOWN_ON = ("regression", "digits_cnn")


def inject(setup: Setup, form: str = "other") -> Setup:
    """Changes the metric: a threshold of 0.99 on probabilities, or an accuracy for another kind of labels."""
    if form == "threshold":
        if setup.units > 1 or is_regression(setup):
            raise NotApplicable("only one unit for two classes has a threshold")

        import keras

        metric: Any = keras.metrics.BinaryAccuracy(threshold=0.99, name="accuracy")
        return replace(setup, metrics=(metric,))
    if is_regression(setup):
        return replace(setup, metrics=("accuracy",))
    several = setup.y.ndim > 1 and bool((setup.y.sum(axis=1) != 1).any())
    if several:
        return replace(setup, metrics=("accuracy",))
    return replace(setup, metrics=("binary_accuracy" if setup.y.ndim > 1 else "categorical_accuracy",))


EPOCHS = np.arange(6)
FIT = dict(
    label_form="binary", compiled_metrics=["accuracy"], epochs=EPOCHS, output=out(1, "sigmoid"), probe_sample_count=300
)


def rising(*values: float) -> np.ndarray:
    return np.array([np.nan, *values])


SICK = [
    dict(
        label_form="continuous",
        compiled_metrics=["accuracy"],
        epochs=EPOCHS,
        output=out(1, "linear"),
        accuracy=rising(0, 0, 0, 0, 0),
    ),
    dict(
        label_form="one_hot",
        compiled_metrics=["binary_accuracy"],
        epochs=EPOCHS,
        output=out(10, "softmax"),
        label_shape=[10],
        accuracy=rising(0.9, 0.91, 0.92, 0.92, 0.92),
        probe_accuracy=rising(0.1, 0.2, 0.3, 0.3, 0.3),
    ),
    dict(
        label_form="multi_label",
        compiled_metrics=["accuracy"],
        epochs=EPOCHS,
        output=out(5, "sigmoid"),
        label_shape=[5],
    ),
    dict(label_form="binary", compiled_metrics=["categorical_accuracy"], epochs=EPOCHS, output=out(1, "sigmoid")),
    dict(label_form="integer", compiled_metrics=["categorical_accuracy"], epochs=EPOCHS, output=out(10, "softmax")),
    dict(
        FIT,
        loss_function=LOGITS,
        val_accuracy=rising(0.5, 0.6, 0.6, 0.6, 0.6),
        probe_val_accuracy=rising(0.6, 0.9, 0.9, 0.9, 0.9),
    ),
    dict(FIT, accuracy=rising(0, 0, 0, 0, 0), probe_accuracy=rising(0.6, 0.9, 0.9, 0.9, 0.9), training_only=[]),
]
HEALTHY = [
    dict(FIT, val_accuracy=rising(0.5, 0.7, 0.8, 0.88, 0.9), probe_val_accuracy=rising(0.5, 0.7, 0.8, 0.9, 0.9)),
    dict(  # a mean over the epoch lags behind
        FIT,
        accuracy=rising(0.5, 0.6, 0.75, 0.85, 0.9),
        probe_accuracy=rising(0.6, 0.7, 0.85, 0.9, 0.92),
        training_only=[],
    ),
    dict(  # training mode against inference mode
        FIT,
        accuracy=rising(0.5, 0.5, 0.6, 0.6, 0.6),
        probe_accuracy=rising(0.6, 0.8, 0.9, 0.9, 0.9),
        training_only=["Dropout"],
    ),
    dict(  # other samples were given for validation: the losses say so
        FIT,
        val_accuracy=rising(0.5, 0.5, 0.5, 0.5, 0.5),
        probe_val_accuracy=rising(0.6, 0.8, 0.9, 0.9, 0.9),
        val_loss=rising(0.9, 0.9, 0.9, 0.9, 0.9),
        probe_val_loss=rising(0.6, 0.4, 0.3, 0.2, 0.2),
    ),
    dict(
        label_form="multi_label",
        compiled_metrics=["binary_accuracy"],
        epochs=EPOCHS,
        output=out(5, "sigmoid"),
        label_shape=[5],
    ),
    dict(label_form="continuous", compiled_metrics=["mean_absolute_error"], epochs=EPOCHS, output=out(1, "linear")),
    dict(
        label_form="one_hot",
        compiled_metrics=["binary_accuracy"],
        epochs=EPOCHS,
        output=out(2, "softmax"),
        label_shape=[2],
    ),
]
