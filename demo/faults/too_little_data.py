"""A few rows of each class, learned by heart."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS
from demo.setups import NotApplicable, Setup

LEVELS = ({"rows": 200}, {"rows": 60}, {"rows": 20})
SHOWN_ON = ("threshold_logits", "signals_conv")


def inject(setup: Setup, rows: int = 20) -> Setup:
    """Keeps the first `rows` training rows, and takes smaller batches and more epochs, so that there are about as many steps."""
    if rows >= len(setup.x) / 2:
        raise NotApplicable(f"{len(setup.x)} rows are few already")
    steps = setup.epochs * -(-len(setup.x) // setup.batch_size)
    batch_size = min(setup.batch_size, max(rows // 8, 4))
    epochs = min(steps // -(-rows // batch_size), 50)
    return replace(setup, x=setup.x[:rows], y=setup.y[:rows], epochs=epochs, batch_size=batch_size)


SICK = [
    dict(
        row_count=60,
        label_form="integer",
        label_counts=[6] * 10,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.1, 0.4, 0.5, 0.5]),
        epochs=EPOCHS,
    ),
    dict(
        row_count=40,
        label_form="continuous",
        input_shape=[[10]],
        skill=np.array([np.nan, 0.3, 0.8, 0.99]),
        probe_val_loss=np.array([1.0, 0.8, 0.7, 0.8]),
        baseline_loss=1.0,
        epochs=EPOCHS,
    ),
]
HEALTHY = [
    dict(
        row_count=2500,
        label_form="integer",
        label_counts=[250] * 10,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.1, 0.4, 0.5, 0.5]),
        epochs=EPOCHS,
    ),
    dict(  # few, and enough
        row_count=60,
        label_form="integer",
        label_counts=[20] * 3,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.3, 0.4, 0.9, 0.97]),
        epochs=EPOCHS,
    ),
    dict(  # the training rows are not learned either
        row_count=60,
        label_form="integer",
        label_counts=[6] * 10,
        skill=np.array([np.nan, 0.0, 0.0, 0.01]),
        probe_val_accuracy=np.array([0.1, 0.1, 0.1, 0.1]),
        epochs=EPOCHS,
    ),
    dict(  # wrong labels
        row_count=300,
        label_form="integer",
        label_counts=[30] * 10,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.1, 0.4, 0.5, 0.5]),
        epochs=EPOCHS,
        confident_error_fraction=0.4,
    ),
]
