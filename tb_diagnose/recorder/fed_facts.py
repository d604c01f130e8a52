"""What the batches of the first epoch show of themselves, and beside what is said to be fed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from tb_diagnose.recorder import dataset_copy
from tb_diagnose.recorder.batches import Batches
from tb_diagnose.recorder.data import Data, is_dataset, read_data


def fed_facts(batches: Batches, given: Data | None, source: Any) -> dict[str, Any]:
    """The facts of the batches that the first epoch consumed.

    Args:
        batches: The noted batches.
        given: Training samples that the user named; None where only `fit` knows them.
        source: What `fit` was given as `x`.
    """
    facts: dict[str, Any] = {
        "fed_batch_count": batches.batch_count,
        "fed_distinct_batch_count": batches.distinct_batch_count,
        "fed_sample_count": batches.sample_count,
    }
    fed = batches.data()
    if fed is None or not fed.has_labels:
        return facts
    named = given if given is not None else _in_their_order(source)
    if named is None or not named.has_labels:
        return facts
    known = np.isin(fed.input_keys, named.input_keys)
    facts["fed_known_fraction"] = float(known.mean())
    if known.any():
        # An input that occurs with several labels is paired rightly with any of them.
        facts["fed_relabelled_fraction"] = float((~np.isin(fed.sample_keys, named.sample_keys))[known].mean())
    return facts


def _in_their_order(source: Any) -> Data | None:
    """The samples of a Dataset without its shuffles, where it has several: shuffled apart, they are paired anew."""
    if not is_dataset(source) or dataset_copy.shuffles(source) < 2:
        return None
    with suppress(TypeError):
        copy = dataset_copy.unshuffled(source)
        return None if copy is None else read_data(copy, "x")
    return None
