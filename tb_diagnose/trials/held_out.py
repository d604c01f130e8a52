"""Samples that are trained on, and samples that are kept aside to measure skill on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tb_diagnose.recorder.data import Data

FOLDS = 4
"""Where there are no validation samples, one in so many training samples is kept aside, and others for the next seed:
of few samples each such part alone tells too little."""


@dataclass(frozen=True)
class Split:
    """The samples of a trial.

    Args:
        training: What is trained on.
        held: What skill is measured on.
        kept_aside: Whether `held` was taken from the training samples.
        paired: What is trained on with inputs and labels as their source pairs them, where it is not how they came:
            two Datasets that are shuffled apart.
        source: What both parts were taken from, and the same paired, to keep other samples aside for other seeds; None
            where `held` are validation samples.
    """

    training: Data
    held: Data
    kept_aside: bool
    paired: Data | None = None
    source: tuple[Data, Data | None] | None = None

    def of(self, seed: int) -> Split:
        """The samples of the trials of one seed. They are taken when they are needed: each take is a copy."""
        fold = seed % FOLDS
        return self if self.source is None or fold == 0 else _fold(*self.source, fold)

    def part(self, count: int) -> Split:
        """The same with so many of the training samples, drawn by chance, in their order; with all where there are no
        more."""
        if count >= self.training.sample_count:
            return self
        chosen = np.random.default_rng(0).permutation(self.training.sample_count)[:count]
        return replace(self, training=self.training.take(np.sort(chosen)))


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
    return replace(_fold(data, paired, 0), source=(data, paired))


def _fold(data: Data, paired: Data | None, fold: int) -> Split:
    """The training samples with one part of them kept aside."""
    if paired is not None:  # only what is paired rightly can tell who answers rightly
        rightly = _fold(paired, None, fold)
        training = data.take(np.flatnonzero(~np.isin(data.input_keys, rightly.held.input_keys)))
        return replace(rightly, training=training, paired=rightly.training)
    rng = np.random.default_rng(0)
    _, group = np.unique(data.input_keys, return_inverse=True)
    order = rng.permutation(int(group.max()) + 1)
    ends = np.bincount(group)[order].cumsum()  # samples of the groups so far
    part = np.empty(len(order), int)
    part[order] = np.minimum((ends - 1) * FOLDS // data.sample_count, FOLDS - 1)
    aside = part[group] == fold
    if aside.all() or not aside.any():  # inputs that are nearly all the same
        aside = rng.permutation(data.sample_count) * FOLDS // data.sample_count == fold
    held, training = data.take(np.flatnonzero(aside)), data.take(np.flatnonzero(~aside))
    return Split(training, held, True)
