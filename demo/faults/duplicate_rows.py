"""One sample in twenty is kept and copied over the others."""

from dataclasses import replace

import numpy as np

from demo.setups import Setup

LEVELS = ({"kept": 0.5}, {"kept": 0.2}, {"kept": 0.05})
SHOWN_ON = ("threshold_logits",)


def inject(setup: Setup, kept: float = 0.05) -> Setup:
    """Fills the training data with copies of the first `kept` share of its samples."""
    few = max(int(kept * len(setup.x)), 2)  # a sample of each of two classes at least
    samples = np.resize(np.arange(few), len(setup.x))
    return replace(setup, x=setup.x[samples], y=setup.y[samples])


SICK = [dict(duplicate_sample_fraction=0.5, natural_duplicate_fraction=0.04, sample_count=10_000)]
HEALTHY = [
    dict(duplicate_sample_fraction=0.5, natural_duplicate_fraction=0.5, sample_count=10_000),
    dict(duplicate_sample_fraction=0.02, natural_duplicate_fraction=0.0, sample_count=10_000),
]
