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


def form_of(adapter: Any) -> str:
    """The `data_form` of what an adapter wraps."""
    return next((FORMS[cls.__name__] for cls in type(adapter).__mro__ if cls.__name__ in FORMS), "custom")


def observe(adapter: Any, batches: Batches) -> Callable[[], None]:
    """Notes every batch that Keras takes from an adapter.

    Returns:
        A function that ends it and leaves the adapter as it was.
    """
    shadowed = {
        "get_tf_dataset": _dataset,
        "get_jax_iterator": _iterator,
        "get_numpy_iterator": _iterator,
        "get_torch_dataloader": _Loader,
    }
    for name, wrap in shadowed.items():
        get = getattr(adapter, name)
        adapter.__dict__[name] = _wrapping(get, wrap, batches)

    def end() -> None:
        batches.close()
        for name in shadowed:
            adapter.__dict__.pop(name, None)

    return end


def _wrapping(get: Any, wrap: Any, batches: Batches) -> Any:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return wrap(get(*args, **kwargs), batches)

    return wrapped


def _iterator(source: Any, batches: Batches) -> Iterator[Any]:
    for element in source:
        batches.note(element)
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

    plain = (tf.TensorSpec, tf.SparseTensorSpec, tf.RaggedTensorSpec)
    spec = getattr(dataset, "element_spec", None)
    if not isinstance(dataset, tf.data.Dataset) or tf.distribute.has_strategy():
        return dataset
    if not all(isinstance(part, plain) for part in tf.nest.flatten(spec)):
        return dataset
    # The pipeline is built once for all epochs: a variable tells it when nothing is to be noted any more.
    with tf.device("CPU:0"):
        is_open = tf.Variable(True, trainable=False, name="tb_diagnose_is_open")
    batches.on_close.append(lambda: is_open.assign(False))

    def note(*flat: Any) -> np.bool_:
        batches.note(tf.nest.pack_sequence_as(spec, list(flat)))
        return np.True_

    def passing(_: Any, element: Any) -> Any:
        flat = tf.nest.flatten(element)
        noted = tf.cond(is_open, lambda: tf.numpy_function(note, [_dense(t) for t in flat], tf.bool), lambda: False)
        with tf.control_dependencies([noted]):
            return tf.nest.map_structure(tf.identity, element, expand_composites=True)

    # Numbered first: `map` hands on a pair then, and the element as it is in it, whatever its structure.
    return dataset.enumerate().map(passing)


def _dense(tensor: Any) -> Any:
    """A sparse or ragged tensor filled up with zeros."""
    import tensorflow as tf

    if isinstance(tensor, tf.SparseTensor):
        return tf.sparse.to_dense(tensor)
    return tensor.to_tensor() if isinstance(tensor, tf.RaggedTensor) else tensor
