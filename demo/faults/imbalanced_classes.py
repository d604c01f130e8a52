"""Most samples of every class but the commonest are taken out."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS, each
from demo.labels import class_numbers
from demo.setups import Setup

LEVELS = ({"ratio": 5.0}, {"ratio": 20.0}, {"ratio": 200.0})
SHOWN_ON = ("digits_cnn", "threshold_logits")


def inject(setup: Setup, ratio: float = 200.0) -> Setup:
    """Keeps all samples of the commonest class, and of the others so many that it has `ratio` times as many as all of them."""
    classes = class_numbers(setup, setup.y)
    common = np.bincount(classes).argmax()
    rare = np.flatnonzero(classes != common)
    kept = max(int((classes == common).sum() / ratio), 2)
    samples = np.sort(np.concatenate([np.flatnonzero(classes == common), rare[:kept]]))
    return replace(setup, x=setup.x[samples], y=setup.y[samples])


SICK = [
    dict(
        label_counts=[950, 50],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
    dict(  # the rare samples are learned by heart, which even validation samples show
        label_counts=[950, 50],
        predicted_fraction=each(*[[0.95, 0.05]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
        validation_label_shift=0.46,
        probe_accuracy=np.array([0.95, 0.97, 0.99, 1.0]),
        probe_val_accuracy=np.array([0.5, 0.55, 0.6, 0.6]),
    ),
]
HEALTHY = [
    dict(  # twenty samples
        label_counts=[5, 1, 2, 1, 3, 2, 2, 1, 1, 2],
        predicted_fraction=each(*[[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]] * 4),
        classes=[str(i) for i in range(10)],
        label_form="integer",
        epochs=EPOCHS,
    ),
    dict(
        label_counts=[950, 50],
        predicted_fraction=each(*[[0.95, 0.05]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
    dict(
        label_counts=[500, 500],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
    dict(
        label_counts=[500, 0],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
]
