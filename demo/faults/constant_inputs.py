"""Inputs divided once too often and rounded to integers: all zeros."""

from dataclasses import replace

import numpy as np

from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("digits_cnn", "regression")


def inject(setup: Setup) -> Setup:
    """Replaces every input by 0."""
    return replace(
        setup, x=np.zeros_like(setup.x), validation=(np.zeros_like(setup.validation[0]), setup.validation[1])
    )


SICK = [
    dict(distinct_input_count=1, constant_feature_fraction=1.0, row_count=500, conflicting_row_fraction=1.0),
    dict(distinct_input_count=4, constant_feature_fraction=0.9, row_count=5000, conflicting_row_fraction=1.0),
]
HEALTHY = [
    dict(distinct_input_count=480, constant_feature_fraction=0.1, row_count=500, conflicting_row_fraction=0.0),
    dict(
        distinct_input_count=64, constant_feature_fraction=0.0, row_count=5000, conflicting_row_fraction=0.0
    ),  # a truth table
]
