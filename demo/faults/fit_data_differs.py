"""A generator that gives the same batch again and again, or labels that are shuffled apart from the inputs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS
from demo.setups import NotApplicable, Setup, tensorflow

LEVELS = ({"form": "apart", "share": 0.5}, {"form": "first_batch"}, {"form": "apart", "share": 1.0})
SHOWN_ON = ("digits_cnn", "tabular_classes")


def inject(setup: Setup, form: str = "apart", share: float = 1.0) -> Setup:
    """Feeds `fit` with a generator whose position stands still, or a Dataset of which a share is paired anew."""
    if not isinstance(setup.x, np.ndarray) or setup.callbacks:
        raise NotApplicable("The setup is not made of arrays.")
    if form == "first_batch":
        return replace(setup, feed=_first_batch)
    return replace(setup, feed=lambda fed: _apart(fed, share))


def _first_batch(setup: Setup) -> tuple[Any, int]:
    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        while True:
            yield setup.x[: setup.batch_size], setup.y[: setup.batch_size]

    return batches(), -(-len(setup.x) // setup.batch_size)


def _apart(setup: Setup, share: float) -> tuple[Any, int]:
    """Two Datasets, each shuffled on its own, and zipped; a buffer of a share of the samples mixes the pairs less."""
    tf = tensorflow()
    x, y = (tf.data.Dataset.from_tensor_slices(array) for array in (setup.x, setup.y))
    buffer = max(int(share * len(setup.x)), 2)
    pairs = tf.data.Dataset.zip((x.shuffle(buffer), y.shuffle(buffer)))
    return pairs.repeat().batch(setup.batch_size), -(-len(setup.x) // setup.batch_size)


AGAIN = dict(
    data_form="py_dataset",
    epochs=EPOCHS,
    observed_batch_count=30,
    observed_distinct_batch_count=30,
    observed_sample_count=960,
    observed_distinct_input_count=960,
    observed_new_input_fraction=np.array([np.nan, np.nan, 0.0, 0.0]),
)
SICK = [
    dict(data_form="generator", observed_batch_count=28, observed_distinct_batch_count=1, observed_sample_count=1400),
    dict(
        data_form="dataset",
        observed_batch_count=45,
        observed_distinct_batch_count=45,
        observed_sample_count=1438,
        observed_known_fraction=1.0,
        observed_relabelled_fraction=0.9,
    ),
    dict(  # an index that is taken modulo a few batches
        data_form="py_dataset",
        observed_batch_count=60,
        observed_distinct_batch_count=3,
        observed_sample_count=1920,
        observed_distinct_input_count=96,
        validation_sample_count=400,
    ),
    dict(  # an index that is not multiplied by the size of a batch
        data_form="py_dataset",
        observed_batch_count=30,
        observed_distinct_batch_count=30,
        observed_sample_count=960,
        observed_distinct_input_count=61,
        observed_moved_fraction=0.99,
        validation_sample_count=200,
    ),
    dict(  # inputs that are put into another order between epochs, and not their labels
        AGAIN,
        observed_label_change_fraction=np.array([np.nan, np.nan, 0.74, 0.76]),
    ),
]
HEALTHY = [
    dict(data_form="arrays"),
    dict(
        data_form="generator",
        observed_batch_count=28,
        observed_distinct_batch_count=28,
        observed_sample_count=1400,
        observed_distinct_input_count=1400,
        validation_sample_count=360,
    ),
    dict(  # steps that go through small data three times
        data_form="dataset",
        observed_batch_count=90,
        observed_distinct_batch_count=30,
        observed_sample_count=2880,
        observed_distinct_input_count=960,
        validation_sample_count=240,
    ),
    dict(  # data that hold each sample twice, in the same order
        data_form="py_dataset",
        observed_batch_count=31,
        observed_distinct_batch_count=31,
        observed_sample_count=992,
        observed_distinct_input_count=496,
        observed_moved_fraction=1.0,
        validation_sample_count=240,
    ),
    dict(  # few values that a feature can have: the same samples by chance, in any order
        data_form="py_dataset",
        observed_batch_count=30,
        observed_distinct_batch_count=30,
        observed_sample_count=960,
        observed_distinct_input_count=61,
        observed_moved_fraction=0.02,
        validation_sample_count=240,
    ),
    dict(  # sampling with replacement
        data_form="generator",
        observed_batch_count=30,
        observed_distinct_batch_count=30,
        observed_sample_count=960,
        observed_distinct_input_count=600,
        validation_sample_count=240,
    ),
    dict(  # augmented: hardly an input is found again
        data_form="dataset",
        observed_batch_count=30,
        observed_distinct_batch_count=30,
        observed_sample_count=960,
        observed_known_fraction=0.01,
        observed_relabelled_fraction=1.0,
    ),
    dict(
        data_form="dataset",
        observed_batch_count=30,
        observed_distinct_batch_count=30,
        observed_sample_count=960,
        observed_known_fraction=1.0,
        observed_relabelled_fraction=0.0,
    ),
    dict(AGAIN, observed_label_change_fraction=np.zeros(4)),
    dict(  # few different inputs: each stands for many samples
        AGAIN,
        observed_distinct_input_count=40,
        observed_label_change_fraction=np.array([np.nan, np.nan, 0.1, 0.1]),
    ),
    dict(  # mixed anew in each epoch: hardly an input comes again
        AGAIN,
        observed_new_input_fraction=np.array([np.nan, np.nan, 0.99, 1.0]),
        observed_label_change_fraction=np.array([np.nan, np.nan, 1.0, np.nan]),
    ),
]
