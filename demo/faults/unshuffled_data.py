"""Samples sorted by label, and a fit that does not shuffle them."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS
from demo.labels import by_label
from demo.setups import Setup

LEVELS = ({"blocks": 8}, {"blocks": 2}, {"blocks": 1})
SHOWN_ON = ("digits_cnn", "tokens_lstm")


def inject(setup: Setup, blocks: int = 1) -> Setup:
    """Sorts the training samples by label within each of `blocks` blocks, and sets `shuffle=False`."""
    parts = np.array_split(np.arange(len(setup.y)), blocks)
    samples = np.concatenate([part[by_label(setup, setup.y[part])] for part in parts])
    return replace(setup, x=setup.x[samples], y=setup.y[samples], shuffle=False)


SICK = [
    dict(
        label_run_ratio=0.01,
        step_loss_autocorrelation=np.array([np.nan, 0.8, 0.7, 0.75]),
        epochs=EPOCHS,
        sample_count=1437,
        data_form="arrays",
    ),
    dict(  # short runs, which the correlation of neighbours does not show
        label_run_ratio=0.01,
        step_loss_autocorrelation=np.array([np.nan, 0.1, 0.0, 0.0]),
        epochs=EPOCHS,
        sample_count=1437,
        loss=np.array([np.nan, 0.6, 0.4, 0.3]),
        probe_training_loss=np.array([1.4, 3.0, 2.0, 1.5]),
        baseline_loss=1.39,
    ),
]
HEALTHY = [
    dict(  # fit shuffles
        label_run_ratio=0.01,
        step_loss_autocorrelation=np.array([np.nan, 0.1, -0.1, 0.05]),
        epochs=EPOCHS,
        sample_count=1437,
    ),
    dict(
        label_run_ratio=1.0,
        step_loss_autocorrelation=np.array([np.nan, 0.8, 0.1, 0.6]),
        epochs=EPOCHS,
        sample_count=1437,
    ),
    dict(label_run_ratio=0.01, step_loss_autocorrelation=np.full(4, np.nan), epochs=EPOCHS, sample_count=100),
    dict(  # `validation_split` takes the last classes: they are no training samples
        label_run_ratio=0.01,
        step_loss_autocorrelation=np.array([np.nan, 0.1, 0.0, 0.0]),
        epochs=EPOCHS,
        sample_count=1437,
        loss=np.array([np.nan, 0.6, 0.4, 0.3]),
        probe_training_loss=np.array([1.4, 3.0, 2.0, 1.5]),
        baseline_loss=1.39,
        val_loss=np.array([np.nan, 5, 6, 7.0]),
    ),
    dict(  # one batch again and again: neighbours are alike in any order
        label_run_ratio=0.24,
        step_loss_autocorrelation=np.array([np.nan, 0.83, 0.8, 0.8]),
        epochs=EPOCHS,
        sample_count=600,
        observed_batch_count=30,
        observed_distinct_batch_count=1,
    ),
    dict(  # a loss that jumps about
        label_run_ratio=0.01,
        step_loss_autocorrelation=np.array([np.nan, 0.1, 0.0, 0.0]),
        epochs=EPOCHS,
        sample_count=1437,
        loss=np.array([np.nan, 1.5, 2.0, 1.4]),
        probe_training_loss=np.array([1.4, 1.2, 3.0, 1.3]),
        baseline_loss=1.39,
    ),
]
