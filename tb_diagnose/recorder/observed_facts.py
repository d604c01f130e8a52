"""What the batches of the first epoch show of themselves, and beside what is said to be fed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from tb_diagnose.recorder import dataset_copy
from tb_diagnose.recorder.batches import Batches
from tb_diagnose.recorder.data import Data, is_dataset, read_data


def observed_facts(batches: Batches, fed: Data | None, given: Data | None, source: Any) -> dict[str, Any]:
    """The facts of the batches that the first epoch consumed.

    Args:
        batches: The noted batches.
        fed: Their samples, as far as they were kept.
        given: Training samples that the user named; None where only `fit` knows them.
        source: What `fit` was given as `x`.
    """
    facts: dict[str, Any] = {
        "observed_batch_count": batches.batch_count,
        "observed_distinct_batch_count": batches.distinct_batch_count,
        "observed_sample_count": batches.sample_count,
        "observed_distinct_input_count": batches.distinct_input_count,
        "observed_moved_fraction": batches.moved_fraction,
    }
    named = None if fed is None else given if given is not None else _in_their_order(source)
    if fed is None or named is None or not _alike(fed, named):
        return facts
    (inputs, samples), (named_inputs, named_samples) = _keys(fed), _keys(named)
    known = np.isin(inputs, named_inputs)
    facts["observed_known_fraction"] = float(known.mean())
    if known.any():
        # An input that occurs with several labels is paired rightly with any of them.
        facts["observed_relabelled_fraction"] = float((~np.isin(samples, named_samples))[known].mean())
    return facts


def _alike(one: Data, other: Data) -> bool:
    """Whether samples and labels of the two can be the same: numbers, as many a sample."""
    pairs = [*zip([*one.inputs, one.y], [*other.inputs, other.y], strict=False)]
    same = len(one.inputs) == len(other.inputs) and one.has_labels and other.has_labels
    return same and all(
        a.size // len(a) == b.size // len(b) and a.dtype.kind in "biuf" and b.dtype.kind in "biuf" for a, b in pairs
    )


def _keys(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Keys of inputs and of samples that do not depend on the data type: a pipeline casts, and that changes no sample.

    Returns:
        Two arrays of shape `(samples,)`.
    """
    x = [array.astype(np.float32) for array in data.inputs]
    cast = Data(x, data.y.astype(np.float32))
    return cast.input_keys, cast.sample_keys


def _in_their_order(source: Any) -> Data | None:
    """The samples of a Dataset without its shuffles, where it has several: shuffled apart, they are paired anew."""
    if not is_dataset(source) or dataset_copy.shuffles(source) < 2:
        return None
    with suppress(TypeError):
        copy = dataset_copy.unshuffled(source)
        return None if copy is None else read_data(copy, "x")
    return None
