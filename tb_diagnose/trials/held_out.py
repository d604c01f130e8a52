"""Samples that are trained on, and samples that are kept aside to measure skill on."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        paired: What is trained on with inputs and labels as their source pairs them, where it is not how they came:
            two Datasets that are shuffled apart.
    """

    training: Data
    held: Data
    kept_aside: bool
    paired: Data | None = None


def split(data: Data, validation: Data | None, paired: Data | None = None) -> Split:
    """Validation samples where there are any; otherwise a part of the training samples, which stay in their order.

    Samples with equal inputs stay together: a copy of a training sample tells nothing of new ones.

    Args:
        data: Training samples.
        validation: Validation samples, or None.
        paired: The training samples as their source pairs inputs and labels, where it is not how they came.
    """
    if validation is not None:
        return Split(data, validation, False, paired)
    if paired is not None:  # only what is paired rightly can tell who answers rightly
        rightly = split(paired, None)
        training = data.take(np.flatnonzero(~np.isin(data.input_keys, rightly.held.input_keys)))
        return replace(rightly, training=training, paired=rightly.training)
    rng = np.random.default_rng(0)
    _, group = np.unique(data.input_keys, return_inverse=True)
    order = rng.permutation(int(group.max()) + 1)
    sizes = np.bincount(group)[order].cumsum()
    aside = np.isin(group, order[: int(np.searchsorted(sizes, SHARE * data.sample_count)) + 1])
    if aside.all():  # inputs that are all the same
        aside = rng.random(data.sample_count) < SHARE
    held, training = data.take(np.flatnonzero(aside)), data.take(np.flatnonzero(~aside))
    return Split(training, held, True)
