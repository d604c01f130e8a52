"""Validation rows that are not a fair sample: the last ones of sorted rows, or training rows once more."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS
from demo.labels import by_label
from demo.setups import Setup

LEVELS = ({"form": "overlap"}, {"form": "sorted"})
SHOWN_ON = ("digits_cnn", "digits_dense")


def inject(setup: Setup, form: str = "sorted") -> Setup:
    """Takes the last fifth of the rows sorted by label for validation, or training rows."""
    if form == "overlap":
        count = len(setup.validation[0])
        return replace(setup, validation=(setup.x[:count], setup.y[:count]))
    x, y = (np.concatenate(pair) for pair in zip((setup.x, setup.y), setup.validation))
    order = by_label(setup, y)
    cut = int(0.8 * len(x))
    rows = np.random.default_rng(0).permutation(order[:cut])
    return replace(setup, x=x[rows], y=y[rows], validation=(x[order[cut:]], y[order[cut:]]))


SICK = [
    dict(
        row_count=1437,
        validation_row_count=360,
        validation_label_shift=0.98,
        label_counts=[170] * 8 + [77, 0],
        validation_overlap_fraction=0.0,
    ),
    dict(row_count=1437, validation_row_count=360, validation_overlap_fraction=1.0, natural_duplicate_fraction=0.0),
    dict(
        row_count=1437,
        validation_row_count=360,
        neighbour_skill=0.9,
        ridge_skill=0.8,
        validation_reference_skill=-0.2,
    ),
    dict(  # validation_split of sorted rows: nothing but accuracy is known of the validation rows
        row_count=1437,
        label_run_ratio=0.01,
        val_accuracy=np.array([np.nan, 0.0, 0.01, 0.0]),
        probe_accuracy=np.array([0.1, 0.7, 0.8, 0.9]),
        epochs=EPOCHS,
    ),
]
HEALTHY = [
    dict(row_count=1437),
    dict(
        row_count=1437,
        validation_row_count=360,
        validation_label_shift=0.05,
        label_counts=[144] * 10,
        validation_overlap_fraction=0.01,
        neighbour_skill=0.9,
        ridge_skill=0.8,
        validation_reference_skill=0.88,
    ),
    dict(  # few rows differ by chance
        row_count=40, validation_row_count=20, validation_label_shift=0.3, label_counts=[4] * 10
    ),
    dict(  # twenty rows tell little of themselves
        row_count=20,
        validation_row_count=360,
        validation_label_shift=0.45,
        label_counts=[5, 1, 0, 1, 4, 2, 2, 1, 3, 1],
        neighbour_skill=0.4,
        ridge_skill=0.9,
        neighbour_row_count=20,
        validation_reference_skill=0.2,
    ),
    dict(  # features of few values repeat by themselves
        row_count=5000, validation_row_count=1000, validation_overlap_fraction=0.6, natural_duplicate_fraction=0.7
    ),
    dict(  # rare classes in training, all alike in validation: imbalance
        row_count=1000, validation_row_count=400, validation_label_shift=0.4, label_counts=[900, 100]
    ),
]
