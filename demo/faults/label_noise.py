"""Part of the training labels are wrong."""

from dataclasses import replace

import numpy as np

from demo.labels import class_count, class_numbers, like
from demo.setups import NotApplicable, Setup

LEVELS = ({"share": 0.1}, {"share": 0.2}, {"share": 0.4}, {"share": 0.6})
SHOWN_ON = ("digits_cnn",)


def inject(setup: Setup, share: float = 0.6) -> Setup:
    """Replaces `share` of the training labels by random other classes; validation stays true."""
    classes, count = class_numbers(setup, setup.y), class_count(setup)
    if share >= 1 - 1 / count:
        raise NotApplicable(f"with {share:.0%} of {count} classes replaced no label is left that says anything")
    rng = np.random.default_rng(0)
    samples = rng.permutation(len(classes))[: int(share * len(classes))]
    wrong = classes.copy()
    wrong[samples] = (classes[samples] + rng.integers(1, count, len(samples))) % count
    return replace(setup, y=like(wrong, setup.y))


SICK = [
    dict(confident_error_fraction=0.4, neighbour_skill=0.4, ridge_skill=0.3, neighbour_sample_count=1000),
    dict(
        confident_error_fraction=0.38,
        neighbour_skill=0.5,
        ridge_skill=0.4,
        neighbour_sample_count=1000,
        baseline_accuracy=0.1,
        probe_accuracy=np.array([0.1, 0.5, 0.58, 0.6]),
    ),
    dict(
        confident_error_fraction=0.0, neighbour_skill=0.4, neighbour_sample_count=1000, conflicting_sample_fraction=0.8
    ),
    dict(  # neighbours know nothing, but the model is better on validation samples than on those that it was trained on
        confident_error_fraction=0.7,
        neighbour_skill=0.0,
        neighbour_sample_count=1000,
        probe_accuracy=np.array([0.25, 0.3, 0.4, 0.4]),
        probe_val_accuracy=np.array([0.25, 0.4, 0.6, 0.7]),
        validation_sample_count=400,
        validation_label_shift=0.05,
    ),
]
HEALTHY = [
    dict(  # inputs that were spoiled: the model is right more often than such labels would allow
        confident_error_fraction=0.68,
        neighbour_skill=0.2,
        ridge_skill=0.22,
        neighbour_sample_count=1000,
        baseline_accuracy=0.1,
        probe_accuracy=np.array([0.1, 0.7, 0.7, 0.7]),
        probe_val_accuracy=np.array([0.1, 0.69, 0.7, 0.69]),
        validation_sample_count=360,
        validation_label_shift=0.05,
        validation_reference_skill=0.2,
    ),
    dict(confident_error_fraction=0.02, neighbour_skill=0.9, ridge_skill=0.8, neighbour_sample_count=1000),
    dict(
        confident_error_fraction=0.05,
        neighbour_skill=0.8,
        neighbour_sample_count=1000,
        conflicting_sample_fraction=0.02,
    ),
    dict(  # the model itself proves that the labels can be told
        confident_error_fraction=0.3,
        neighbour_skill=0.3,
        ridge_skill=0.1,
        neighbour_sample_count=1000,
        probe_accuracy=np.array([0.5, 0.8, 0.9, 0.95]),
        probe_val_accuracy=np.array([0.5, 0.8, 0.9, 0.9]),
    ),
]
