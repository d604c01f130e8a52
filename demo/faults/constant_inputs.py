"""Inputs divided once too often and rounded: few different samples are left, or one."""

from dataclasses import replace

import numpy as np

from demo.labels import takes_ids
from demo.setups import Setup

LEVELS = ({"distinct": 8}, {"distinct": 2}, {"distinct": 1})
SHOWN_ON = ("digits_cnn", "regression")


def inject(setup: Setup, distinct: int = 1) -> Setup:
    """Replaces every input by one of `distinct` values, by the size of its mean."""
    means = setup.x.reshape(len(setup.x), -1).mean(axis=1)
    edges = np.quantile(means, np.arange(1, distinct) / distinct)

    def rounded(x: np.ndarray) -> np.ndarray:
        numbers = np.searchsorted(edges, x.reshape(len(x), -1).mean(axis=1))
        values = numbers if takes_ids(setup) else numbers / max(distinct - 1, 1)
        return np.broadcast_to(values.reshape(-1, *[1] * (x.ndim - 1)), x.shape).astype(x.dtype)

    return replace(setup, x=rounded(setup.x), validation=(rounded(setup.validation[0]), setup.validation[1]))


SICK = [
    dict(distinct_input_count=8, constant_feature_fraction=0.0, sample_count=1600, label_unique_count=1590),
    dict(distinct_input_count=1, constant_feature_fraction=1.0, sample_count=500, conflicting_sample_fraction=1.0),
    dict(distinct_input_count=4, constant_feature_fraction=0.9, sample_count=5000, conflicting_sample_fraction=1.0),
]
HEALTHY = [
    dict(distinct_input_count=64, constant_feature_fraction=0.0, sample_count=5000, label_unique_count=60),
    dict(distinct_input_count=480, constant_feature_fraction=0.1, sample_count=500, conflicting_sample_fraction=0.0),
    dict(
        distinct_input_count=64, constant_feature_fraction=0.0, sample_count=5000, conflicting_sample_fraction=0.0
    ),  # a truth table
]
