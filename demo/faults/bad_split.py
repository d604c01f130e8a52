"""Validation samples that are not a fair sample: the last ones of sorted samples, or training samples once more."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS
from demo.labels import by_label
from demo.setups import Setup

LEVELS = ({"form": "overlap"}, {"form": "sorted"})
SHOWN_ON = ("digits_cnn", "digits_dense")


def inject(setup: Setup, form: str = "sorted") -> Setup:
    """Takes the last fifth of the samples sorted by label for validation, or training samples."""
    if form == "overlap":
        count = len(setup.validation[0])
        return replace(setup, validation=(setup.x[:count], setup.y[:count]))
    x, y = (np.concatenate(pair) for pair in zip((setup.x, setup.y), setup.validation, strict=True))
    order = by_label(setup, y)
    cut = int(0.8 * len(x))
    samples = np.random.default_rng(0).permutation(order[:cut])
    return replace(setup, x=x[samples], y=y[samples], validation=(x[order[cut:]], y[order[cut:]]))


SICK = [
    dict(
        sample_count=1437,
        validation_sample_count=360,
        validation_label_shift=0.98,
        label_counts=[170] * 8 + [77, 0],
        validation_overlap_fraction=0.0,
    ),
    dict(
        sample_count=1437, validation_sample_count=360, validation_overlap_fraction=1.0, natural_duplicate_fraction=0.0
    ),
    dict(  # random labels, memorized, and validated on training samples
        sample_count=1000,
        validation_sample_count=400,
        validation_overlap_fraction=1.0,
        natural_duplicate_fraction=0.0,
        neighbour_skill=0.01,
        ridge_skill=0.0,
        label_counts=[100] * 10,
        probe_val_accuracy=np.array([0.1, 0.9, 1.0, 1.0]),
        epochs=EPOCHS,
    ),
    dict(
        sample_count=1437,
        validation_sample_count=360,
        neighbour_skill=0.9,
        ridge_skill=0.8,
        validation_reference_skill=-0.2,
    ),
    dict(  # validation_split of sorted samples: nothing but accuracy is known of the validation samples
        sample_count=1437,
        label_run_ratio=0.01,
        val_accuracy=np.array([np.nan, 0.0, 0.01, 0.0]),
        probe_accuracy=np.array([0.1, 0.7, 0.8, 0.9]),
        epochs=EPOCHS,
    ),
]
HEALTHY = [
    dict(sample_count=1437),
    dict(
        sample_count=1437,
        validation_sample_count=360,
        validation_label_shift=0.05,
        label_counts=[144] * 10,
        validation_overlap_fraction=0.01,
        neighbour_skill=0.9,
        ridge_skill=0.8,
        validation_reference_skill=0.88,
    ),
    dict(  # few samples differ by chance
        sample_count=40, validation_sample_count=20, validation_label_shift=0.3, label_counts=[4] * 10
    ),
    dict(  # twenty samples tell little of themselves
        sample_count=20,
        validation_sample_count=360,
        validation_label_shift=0.45,
        label_counts=[5, 1, 0, 1, 4, 2, 2, 1, 3, 1],
        neighbour_skill=0.4,
        ridge_skill=0.9,
        neighbour_sample_count=20,
        validation_reference_skill=0.2,
    ),
    dict(  # features of few values repeat by themselves
        sample_count=5000, validation_sample_count=1000, validation_overlap_fraction=0.6, natural_duplicate_fraction=0.7
    ),
    dict(  # rare classes in training, all alike in validation: imbalance
        sample_count=1000, validation_sample_count=400, validation_label_shift=0.4, label_counts=[900, 100]
    ),
]
