"""A few samples of each class, which are memorized."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS
from demo.setups import NotApplicable, Setup

LEVELS = ({"samples": 200}, {"samples": 60}, {"samples": 20})
SHOWN_ON = ("threshold_logits", "signals_conv")


def inject(setup: Setup, samples: int = 20) -> Setup:
    """Keeps the first `samples` training samples, in smaller batches and more epochs: about as many steps."""
    if samples >= len(setup.x) / 2:
        raise NotApplicable(f"{len(setup.x)} samples are few already")
    steps = setup.epochs * -(-len(setup.x) // setup.batch_size)
    batch_size = min(setup.batch_size, max(samples // 8, 4))
    epochs = min(steps // -(-samples // batch_size), 50)
    return replace(setup, x=setup.x[:samples], y=setup.y[:samples], epochs=epochs, batch_size=batch_size)


SICK = [
    dict(
        sample_count=60,
        label_form="integer",
        label_counts=[6] * 10,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.1, 0.4, 0.5, 0.5]),
        epochs=EPOCHS,
    ),
    dict(
        sample_count=40,
        label_form="continuous",
        input_shape=[[10]],
        skill=np.array([np.nan, 0.3, 0.8, 0.99]),
        probe_val_loss=np.array([1.0, 0.8, 0.7, 0.8]),
        baseline_loss=1.0,
        epochs=EPOCHS,
    ),
    dict(  # 3,000 samples, and all but 40 of them are copies
        sample_count=3000,
        distinct_input_count=40,
        label_form="integer",
        label_counts=[300] * 10,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.1, 0.4, 0.5, 0.5]),
        epochs=EPOCHS,
    ),
]
HEALTHY = [
    dict(
        sample_count=2500,
        label_form="integer",
        label_counts=[250] * 10,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.1, 0.4, 0.5, 0.5]),
        epochs=EPOCHS,
    ),
    dict(  # few, and enough
        sample_count=60,
        label_form="integer",
        label_counts=[20] * 3,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.3, 0.96, 0.97, 0.98]),
        epochs=EPOCHS,
    ),
    dict(  # the training samples are not learned either
        sample_count=60,
        label_form="integer",
        label_counts=[6] * 10,
        skill=np.array([np.nan, 0.0, 0.0, 0.01]),
        probe_val_accuracy=np.array([0.1, 0.1, 0.1, 0.1]),
        epochs=EPOCHS,
    ),
    dict(  # wrong labels
        sample_count=300,
        label_form="integer",
        label_counts=[30] * 10,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.1, 0.4, 0.5, 0.5]),
        epochs=EPOCHS,
        confident_error_fraction=0.4,
    ),
]
