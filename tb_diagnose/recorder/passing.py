"""Lets the batches of a Keras data adapter be noted on their way into the step: one seam for each backend.

A `tf.data.Dataset` gets a step of its own behind it, which hands on each element as it is. Python iterators and a torch
DataLoader are looped over as before. What the step consumes, its order and all random states stay the same to the
last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tb_diagnose.recorder.batches import Batches

FORMS = {
    "ArrayDataAdapter": "arrays",
    "TFDatasetAdapter": "dataset",
    "PyDatasetAdapter": "py_dataset",
    "TorchDataLoaderAdapter": "data_loader",
    "GeneratorDataAdapter": "generator",
    "GrainDatasetAdapter": "grain",
}
"""What Keras's adapters stand for, as `data_form` says it."""


class MovedError(Exception):
    """Keras hands out its batches in a way that is not known here."""


def form_of(adapter: Any) -> str:
    """The `data_form` of what an adapter wraps."""
    return next((FORMS[cls.__name__] for cls in type(adapter).__mro__ if cls.__name__ in FORMS), "custom")


def is_distributed(model: Any) -> bool:
    """Whether TensorFlow spreads a model over devices: its batches are parted behind the Dataset."""
    strategy = getattr(model, "distribute_strategy", None)
    return getattr(strategy, "num_replicas_in_sync", 1) > 1


def observe(adapter: Any, batches: Batches) -> Callable[[], None]:
    """Notes every batch that Keras takes from an adapter.

    Returns:
        A function that ends it and leaves the adapter as it was.

    Raises:
        MovedError: the adapter has another way of handing out batches.
    """
    seams = {
        "get_tf_dataset": _dataset,
        "get_jax_iterator": _iterator,
        "get_numpy_iterator": _iterator,
        "get_torch_dataloader": _Loader,
    }
    here = {name: wrap for name, wrap in seams.items() if hasattr(adapter, name)}
    if _seam() not in here:
        raise MovedError(f"{type(adapter).__name__} has no {_seam()}")
    for name, wrap in here.items():
        adapter.__dict__[name] = _wrapping(getattr(adapter, name), wrap, batches)

    def end() -> None:
        batches.close()
        for name in here:
            adapter.__dict__.pop(name, None)

    return end


def _seam() -> str:
    """The method by which this backend takes its batches."""
    import keras

    of_backend = {"tensorflow": "get_tf_dataset", "jax": "get_jax_iterator", "torch": "get_torch_dataloader"}
    return of_backend.get(keras.backend.backend(), "get_numpy_iterator")


def _wrapping(get: Any, wrap: Any, batches: Batches) -> Any:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        source = get(*args, **kwargs)
        try:
            return wrap(source, batches)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on, and is told of it
            batches.error = error
            return source

    return wrapped


def _iterator(source: Any, batches: Batches) -> Iterator[Any]:
    batches.is_watched = True
    return _noting(iter(source), batches)  # begun now: a DataLoader draws a number then


def _noting(source: Iterator[Any], batches: Batches) -> Iterator[Any]:
    for index, element in enumerate(source):
        try:
            if batches.wants(index):
                batches.note(element)
        except Exception as error:  # noqa: BLE001 - as above
            batches.error = error
        yield element


class _Loader:
    """A torch DataLoader whose batches are noted as they are taken; all else is the loader's own."""

    def __init__(self, loader: Any, batches: Batches) -> None:
        self._loader = loader
        self._batches = batches

    def __iter__(self) -> Iterator[Any]:
        return _iterator(self._loader, self._batches)

    def __len__(self) -> int:
        return len(self._loader)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


def _dataset(dataset: Any, batches: Batches) -> Any:
    """The Dataset with a step behind it that notes elements; itself where that cannot be done without a trace."""
    import tensorflow as tf

    spec = getattr(dataset, "element_spec", None)
    if not isinstance(dataset, tf.data.Dataset) or tf.distribute.has_strategy():
        return dataset
    parts = tf.nest.flatten(spec)
    if not all(
        isinstance(part, (tf.TensorSpec, tf.SparseTensorSpec, tf.RaggedTensorSpec, tf.OptionalSpec)) for part in parts
    ):
        return dataset
    plain = [not isinstance(part, tf.OptionalSpec) for part in parts]  # Keras makes optional what is None
    # The pipeline is built once for all epochs: a variable tells it which batches are to be noted.
    with tf.device("CPU:0"):
        pace = tf.Variable(batches.pace, trainable=False, dtype=tf.int64, name="tb_diagnose_pace")
    batches.on_pace.append(pace.assign)
    batches.is_watched = True

    def note(*flat: Any) -> np.bool_:
        values = iter(flat)
        batches.note(tf.nest.pack_sequence_as(spec, [next(values) if is_plain else None for is_plain in plain]))
        return np.True_

    def passing(index: Any, element: Any) -> Any:
        flat = [part for part, is_plain in zip(tf.nest.flatten(element), plain, strict=True) if is_plain]
        every = pace.read_value()
        wanted = (every > 0) & (tf.math.floormod(index, tf.maximum(every, 1)) == 0)
        noted = tf.cond(wanted, lambda: tf.numpy_function(note, [_dense(t) for t in flat], tf.bool), lambda: False)
        with tf.control_dependencies([noted]):
            return tf.nest.map_structure(tf.identity, element, expand_composites=True)

    # Numbered first: `map` hands on a pair then, and the element as it is in it, whatever its structure. There is no
    # Python in it to convert, and to look for some takes a second.
    return dataset.enumerate().map(tf.autograph.experimental.do_not_convert(passing))


def _dense(tensor: Any) -> Any:
    """A sparse or ragged tensor filled up with zeros."""
    import tensorflow as tf

    if isinstance(tensor, tf.SparseTensor):
        return tf.sparse.to_dense(tensor)
    return tensor.to_tensor() if isinstance(tensor, tf.RaggedTensor) else tensor
