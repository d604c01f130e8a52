"""Samples that are trained on, and samples that are kept aside to measure skill on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_diagnose.recorder.data import Data

SHARE = 0.25
"""Share of the training samples that is kept aside where there are no validation samples."""


@dataclass(frozen=True)
class Split:
    """The samples of a trial.

    Args:
        training: What is trained on.
        held: What skill is measured on.
        kept_aside: Whether `held` was taken from the training samples.
    """

    training: Data
    held: Data
    kept_aside: bool


def split(data: Data, validation: Data | None) -> Split:
    """Validation samples where there are any; otherwise a part of the training samples, which stay in their order.

    Samples with equal inputs stay together: a copy of a training sample tells nothing of new ones.
    """
    if validation is not None:
        return Split(data, validation, False)
    rng = np.random.default_rng(0)
    _, group = np.unique(data.input_keys, return_inverse=True)
    order = rng.permutation(int(group.max()) + 1)
    sizes = np.bincount(group)[order].cumsum()
    aside = np.isin(group, order[: int(np.searchsorted(sizes, SHARE * data.sample_count)) + 1])
    if aside.all():  # inputs that are all the same
        aside = rng.random(data.sample_count) < SHARE
    held, training = data.take(np.flatnonzero(aside)), data.take(np.flatnonzero(~aside))
    return Split(training, held, True)
