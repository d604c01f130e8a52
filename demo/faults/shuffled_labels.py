"""The labels belong to other samples: y was shuffled and x was not."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS
from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("digits_cnn", "tabular_binary")


def inject(setup: Setup) -> Setup:
    """Permutes the training labels; validation stays true."""
    return replace(setup, y=setup.y[np.random.default_rng(0).permutation(len(setup.y))])


SICK = [
    dict(
        neighbour_skill=-0.01,
        ridge_skill=0.0,
        neighbour_sample_count=1000,
        label_form="integer",
        label_counts=[100] * 10,
    ),
    dict(  # memorized, and worth nothing on other samples
        neighbour_skill=-0.02,
        ridge_skill=0.03,
        neighbour_sample_count=900,
        label_form="binary",
        label_counts=[450, 450],
        operations=["LSTM", "Dense"],
        skill=np.array([np.nan, 0.1, 0.5, 0.9]),
        probe_val_accuracy=np.array([0.5, 0.51, 0.5, 0.49]),
        epochs=EPOCHS,
        validation_sample_count=400,
    ),
    dict(neighbour_skill=-0.22, ridge_skill=-0.01, neighbour_sample_count=1000, label_form="continuous"),
    dict(  # validation samples are training samples, and were memorized with them
        neighbour_skill=-0.01,
        ridge_skill=0.0,
        neighbour_sample_count=1000,
        label_form="integer",
        label_counts=[100] * 10,
        validation_overlap_fraction=1.0,
        natural_duplicate_fraction=0.0,
        baseline_accuracy=0.1,
        skill=np.array([np.nan, 0.3, 0.8, 1.0]),
        probe_val_accuracy=np.array([0.1, 0.5, 1.0, 1.0]),
        validation_sample_count=400,
    ),
    dict(  # few labels are set, and nothing ranks the samples by them
        neighbour_skill=-0.005,
        ridge_skill=0.0,
        neighbour_auc=0.501,
        ridge_auc=0.0,
        auc_error=0.013,
        neighbour_sample_count=1000,
        label_form="multi_label",
        label_mean=0.02,
    ),
    dict(  # a network that is not trained ranks validation samples, whose labels are right, by the luck of its draw
        neighbour_skill=0.01,
        ridge_skill=0.0,
        neighbour_auc=0.51,
        ridge_auc=0.5,
        auc_error=0.015,
        neighbour_sample_count=1000,
        label_form="binary",
        label_counts=[500, 500],
        probe_val_auc=np.full(4, 0.6),
        epochs=EPOCHS,
        validation_sample_count=400,
    ),
    dict(  # batches of x[i] and y[j], drawn with replacement: the same input comes again with another label
        neighbour_skill=0.0,
        ridge_skill=0.0,
        neighbour_sample_count=1000,
        label_form="integer",
        label_counts=[480, 480, 480, 480],
        conflicting_sample_fraction=0.52,
        distinct_input_count=1234,
        sample_count=1920,
    ),
]
HEALTHY = [
    dict(
        neighbour_skill=0.9, ridge_skill=0.8, neighbour_sample_count=1000, label_form="integer", label_counts=[100] * 10
    ),
    dict(
        neighbour_skill=0.0, ridge_skill=0.4, neighbour_sample_count=1000, label_form="integer", label_counts=[100] * 10
    ),
    dict(  # hard for neighbours, and the model learns it
        neighbour_skill=0.0,
        ridge_skill=0.0,
        neighbour_sample_count=1000,
        label_form="binary",
        label_counts=[500, 500],
        probe_val_accuracy=np.array([0.5, 0.6, 0.7, 0.8]),
        epochs=EPOCHS,
        validation_sample_count=400,
    ),
    dict(  # inputs that are all alike are another cause
        neighbour_skill=0.0,
        ridge_skill=0.0,
        neighbour_sample_count=1000,
        label_form="binary",
        label_counts=[500, 500],
        conflicting_sample_fraction=1.0,
    ),
    dict(  # rare classes: the vote is always the common one, but the common one is voted for too often to be chance
        neighbour_skill=0.0,
        ridge_skill=0.0,
        neighbour_accuracy=0.9,
        neighbour_sample_count=1000,
        label_form="binary",
        label_counts=[900, 100],
        confident_error_fraction=0.01,
    ),
    dict(neighbour_skill=0.05, ridge_skill=0.0, neighbour_sample_count=1000, label_form="continuous"),
    dict(  # few labels are set: an answer of none is right in 98 %, and what is known shows in the ranking alone
        neighbour_skill=-0.002,
        ridge_skill=0.0,
        neighbour_auc=0.639,
        ridge_auc=0.959,
        auc_error=0.015,
        neighbour_sample_count=1000,
        label_form="multi_label",
        label_mean=0.02,
    ),
    dict(  # the same, and only the model knows
        neighbour_skill=-0.002,
        ridge_skill=0.0,
        neighbour_auc=0.51,
        ridge_auc=0.5,
        auc_error=0.015,
        neighbour_sample_count=1000,
        label_form="multi_label",
        label_mean=0.02,
        probe_val_auc=np.array([0.5, 0.7, 0.8, 0.8]),
        epochs=EPOCHS,
        validation_sample_count=400,
    ),
    dict(  # one class is rare
        neighbour_skill=0.0,
        ridge_skill=0.0,
        neighbour_auc=0.6,
        ridge_auc=0.9,
        auc_error=0.04,
        neighbour_sample_count=1000,
        label_form="binary",
        label_counts=[950, 50],
    ),
]
