"""An output that is a distance or a similarity, and an accuracy that takes it for a probability."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import BINARY, EPOCHS, OWN
from demo.labels import class_count
from demo.setups import NotApplicable, Setup

LEVELS = ({"form": "similarity"}, {"form": "distance"})
SHOWN_ON = ("tabular_binary", "tokens_lstm")


def contrastive(y: Any, distance: Any) -> Any:
    """Draws the output of class 1 to 0, and that of the others beyond 1 (Hadsell et al., 2006)."""
    from keras import ops

    return ops.mean(y * ops.square(distance) + (1 - y) * ops.square(ops.maximum(1 - distance, 0)))


def margin(y: Any, similarity: Any) -> Any:
    """Draws the output of class 1 beyond 4, and that of the others below 3."""
    from keras import ops

    return ops.mean(
        y * ops.square(ops.maximum(4 - similarity, 0)) + (1 - y) * ops.square(ops.maximum(similarity - 3, 0))
    )


def inject(setup: Setup, form: str = "distance") -> Setup:
    """Makes the single output a distance, small for class 1, or a similarity on a scale of its own."""
    if setup.units > 1 or class_count(setup) != 2:
        raise NotApplicable("only one output for two classes is read by a threshold")
    loss = contrastive if form == "distance" else margin
    return replace(setup, activation="softplus", loss=loss, metrics=("accuracy",))


def rising(*values: float) -> np.ndarray:
    return np.array(values)


SCORED = dict(
    loss_function=OWN,
    label_counts=[500, 500],
    classes=["0", "1"],
    compiled_metrics=["accuracy"],
    label_min=0.0,
    label_max=1.0,
    probe_sample_count=512,
    epochs=EPOCHS,
    probe_loss=rising(0.5, 0.2, 0.1, 0.05),
)
DISTANCE = dict(
    SCORED,
    probe_auc=rising(0.5, 0.2, 0.05, 0.01),
    best_threshold=rising(0.4, 0.5, 0.5, 0.5),
    best_threshold_accuracy=rising(0.52, 0.8, 0.93, 0.97),
)
SIMILARITY = dict(
    SCORED,
    probe_auc=rising(0.5, 0.8, 0.95, 0.99),
    best_threshold=rising(0.8, 0.85, 0.9, 0.9),
    best_threshold_accuracy=rising(0.52, 0.8, 0.9, 0.96),
)
SICK = [
    dict(DISTANCE, accuracy=rising(np.nan, 0.2, 0.08, 0.03), probe_val_auc=rising(0.5, 0.2, 0.06, 0.03)),
    dict(SIMILARITY, accuracy=rising(np.nan, 0.5, 0.5, 0.5)),
    dict(SIMILARITY, accuracy=rising(np.nan, 0.5, 0.5, 0.5), label_min=-1.0, compiled_metrics=["binary_accuracy"]),
]
HEALTHY = [
    dict(DISTANCE, accuracy=rising(np.nan, 0.8, 0.92, 0.97)),  # the metric knows that it is a distance
    dict(SIMILARITY, accuracy=rising(np.nan, 0.8, 0.9, 0.95)),
    dict(  # chance in both
        SCORED,
        probe_auc=rising(0.5, 0.51, 0.53, 0.47),
        best_threshold=rising(0.4, 0.5, 0.5, 0.5),
        best_threshold_accuracy=rising(0.52, 0.53, 0.54, 0.53),
        accuracy=rising(np.nan, 0.5, 0.49, 0.5),
    ),
    dict(  # rare classes and probabilities: none is above 0.5 yet
        SIMILARITY | {"loss_function": BINARY, "label_counts": [950, 50]},
        accuracy=rising(np.nan, 0.95, 0.95, 0.95),
    ),
    dict(  # a rate below zero: the loss rises, and the order is no work of the loss
        DISTANCE | {"probe_loss": rising(0.5, 1.0, 3.0, 9.0)},
        accuracy=rising(np.nan, 0.2, 0.08, 0.03),
    ),
    dict(DISTANCE),  # no accuracy is reported
]
