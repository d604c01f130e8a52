"""Which samples of an epoch have come before: earlier in the epoch, or in the first one. From their keys alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_NONE = np.zeros(0, np.uint64)


@dataclass(frozen=True)
class Keys:
    """The samples of one batch, as numbers that are equal for equal samples.

    Args:
        inputs: Of the inputs, shape `(samples,)`.
        pairs: Of inputs and labels together, shape `(samples,)`; None where there are no labels.
    """

    inputs: np.ndarray
    pairs: np.ndarray | None


@dataclass(frozen=True)
class Known:
    """All samples of the first epoch, sorted, each once.

    Args:
        inputs: Keys of the inputs.
        pairs: Keys of inputs and labels; None where there are no labels.
    """

    inputs: np.ndarray
    pairs: np.ndarray | None


def known(batches: Sequence[Keys]) -> Known:
    """The samples of some batches."""
    pairs = [batch.pairs for batch in batches if batch.pairs is not None]
    whole = len(pairs) == len(batches)
    return Known(_unique([batch.inputs for batch in batches]), _unique(pairs) if whole else None)


def repeat_fraction(batches: Sequence[Keys]) -> float | None:
    """Share of the samples whose inputs occurred in an earlier batch; None for fewer than two batches."""
    if len(batches) < 2:
        return None
    number = np.concatenate([np.full(len(batch.inputs), index) for index, batch in enumerate(batches)])
    _, first, of_sample = np.unique(
        np.concatenate([batch.inputs for batch in batches]), return_index=True, return_inverse=True
    )
    return float((number > number[first][of_sample]).mean()) if len(number) else None


def moved_fraction(batches: Sequence[Keys]) -> float | None:
    """Share of the samples that stand at several places of batches, and at each before the same other sample.

    Where a batch is another one that was moved on by less than its length, nearly all do. Samples that are drawn again,
    or are alike by chance, stand before others each time. None for fewer than two batches.
    """
    if len(batches) < 2:
        return None
    sizes = [max(len(batch.inputs) - 1, 0) for batch in batches]
    place = np.concatenate([np.arange(size) for size in sizes])
    _, sample = np.unique(np.concatenate([batch.inputs[:-1] for batch in batches]), return_inverse=True)
    _, behind = np.unique(np.concatenate([batch.inputs[1:] for batch in batches]), return_inverse=True)
    return _share((_least_and_most(sample, behind) == 0) & (_least_and_most(sample, place) > 0))


def _least_and_most(sample: np.ndarray, values: np.ndarray) -> np.ndarray:
    """How far the values of the same sample lie apart, for each value."""
    count = int(sample.max(initial=-1)) + 1
    most, least = np.full(count, -1), np.full(count, len(values) + int(values.max(initial=0)))
    np.maximum.at(most, sample, values)
    np.minimum.at(least, sample, values)
    return np.asarray((most - least)[sample])


def new_input_fraction(batches: Sequence[Keys], first_epoch: Known) -> float | None:
    """Share of the samples whose inputs did not occur in the first epoch; None without samples."""
    inputs = np.concatenate([_NONE, *(batch.inputs for batch in batches)])
    return _share(~np.isin(inputs, first_epoch.inputs))


def label_change_fraction(batches: Sequence[Keys], first_epoch: Known) -> float | None:
    """Of the samples whose inputs occurred in the first epoch, the share with a label that none of them had there."""
    labelled = [batch for batch in batches if batch.pairs is not None]
    if first_epoch.pairs is None or not labelled:
        return None
    inputs = np.concatenate([batch.inputs for batch in labelled])
    pairs = np.concatenate([batch.pairs for batch in labelled if batch.pairs is not None])
    return _share(~np.isin(pairs, first_epoch.pairs)[np.isin(inputs, first_epoch.inputs)])


def _share(holds: np.ndarray) -> float | None:
    return float(holds.mean()) if len(holds) else None


def _unique(keys: list[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate([_NONE, *keys]))
