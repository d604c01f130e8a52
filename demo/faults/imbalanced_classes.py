"""All but one in a hundred rows of every class but the first are taken out."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS, each
from demo.setups import Setup

LEVELS = ({"ratio": 5.0}, {"ratio": 20.0}, {"ratio": 200.0})
SHOWN_ON = ("digits_cnn", "threshold_logits")


def inject(setup: Setup, ratio: float = 100.0) -> Setup:
    """Keeps all rows of the commonest class, and of the others so many that it has `ratio` times as many as all of them."""
    classes = setup.y.argmax(axis=1) if setup.y.ndim == 2 else setup.y
    common = np.bincount(classes).argmax()
    rare = np.flatnonzero(classes != common)
    kept = max(int((classes == common).sum() / ratio), 2)
    rows = np.sort(np.concatenate([np.flatnonzero(classes == common), rare[:kept]]))
    return replace(setup, x=setup.x[rows], y=setup.y[rows])


SICK = [
    dict(
        label_counts=[950, 50],
        predicted_share=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
]
HEALTHY = [
    dict(
        label_counts=[950, 50],
        predicted_share=each(*[[0.95, 0.05]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
    dict(
        label_counts=[500, 500],
        predicted_share=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
    dict(
        label_counts=[500, 0],
        predicted_share=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
]
