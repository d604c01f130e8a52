"""`data` as the user gives it -> arrays, with errors that name the argument."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tb_diagnose.recorder import dataset_copy, measure, memory
from tb_diagnose.recorder.random_state import random_state_kept

DATASET_SAMPLES = 20_000
"""Samples read from a `tf.data.Dataset` for the facts; an endless one must stop somewhere."""

KEY_FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Joins the keys of several arrays: the golden ratio in 64 bits, so that they spread."""


@dataclass(frozen=True)
class Data:
    """Samples in memory.

    Args:
        x: Inputs: one array, or a list, tuple or dict of arrays, all with the same first axis.
        y: Labels, shape `(samples, ...)`; `(samples, 0)` where there are none, or several arrays of them.
        sample_weight: Weights, shape `(samples,)`, or None.
        batch_size: Known only where batches were read, or Keras says it.
        whole: False when there were more samples than were read.
        sample_bytes: Memory that one sample takes inside the model, 0 when unknown.
        dtypes: Data types of the inputs, then of the labels, as they were given: `fit` takes no objects, even where
            they hold numbers.
        form: What they were given as: a `data_form` of `evidence.FACTS`.
        drawn_anew: Whether a shuffle was drawn anew to read them: what `fit` gets stands in another order, and may be
            other samples.
        several: The arrays of labels of a model with several outputs, in the structure in which they were given; None
            where there is one, or none.
        several_weights: Their sample weights: one array, or a structure of them; None where there are none.
    """

    x: Any
    y: np.ndarray
    sample_weight: np.ndarray | None = None
    batch_size: int | None = None
    whole: bool = True
    sample_bytes: int = 0
    dtypes: tuple[str, ...] = ()
    form: str = "arrays"
    drawn_anew: bool = False
    several: Any = None
    several_weights: Any = None

    @property
    def has_labels(self) -> bool:
        """Whether there is one array of labels."""
        return self.y.shape[1:] != (0,)

    @property
    def sample_count(self) -> int:
        return len(self.y)

    @property
    def inputs(self) -> list[np.ndarray]:
        """The input arrays, one for each input of the model."""
        return leaves(self.x)

    @property
    def input_dtypes(self) -> list[str]:
        """Data types of the inputs as they were given."""
        return list(self.dtypes[:-1]) or [str(array.dtype) for array in self.inputs]

    @property
    def label_dtype(self) -> str:
        """Data type of the labels as they were given."""
        return self.dtypes[-1] if self.dtypes else str(self.y.dtype)

    @cached_property
    def input_keys(self) -> np.ndarray:
        """One number a sample, equal for samples of equal inputs, shape `(samples,)`."""
        return keys_of(self.inputs, self.sample_count)

    @cached_property
    def sample_keys(self) -> np.ndarray:
        """The same for inputs and label."""
        return np.asarray(self.input_keys * KEY_FACTOR + measure.sample_keys(self.y))

    def take(self, samples: np.ndarray | slice) -> Data:
        """Some of the samples."""
        weight = None if self.sample_weight is None else self.sample_weight[samples]
        several, several_weights = (
            None if part is None else map_leaves(lambda a: a[samples], part)
            for part in (self.several, self.several_weights)
        )
        return replace(
            self,
            x=map_leaves(lambda a: a[samples], self.x),
            y=self.y[samples],
            sample_weight=weight,
            several=several,
            several_weights=several_weights,
        )


def is_structure(x: Any) -> bool:
    """Whether it is several arrays, and not one that is written as a list of numbers."""
    return isinstance(x, (dict, tuple)) or (
        isinstance(x, list) and any(hasattr(value, "shape") or is_structure(value) for value in x)
    )


def leaves(x: Any) -> list[np.ndarray]:
    """The arrays in an array, list, tuple or dict, at any depth, dict entries in the order of their names; no None."""
    if not isinstance(x, (dict, list, tuple)):
        return [x]
    parts = [x[name] for name in sorted(x)] if isinstance(x, dict) else x
    given = [part for part in parts if part is not None]
    return [leaf for part in given for leaf in (leaves(part) if is_structure(part) else [part])]


def map_leaves(function: Callable[[Any], Any], x: Any) -> Any:
    """The same structure with `function` applied to each array; what is None in it stays so."""
    if not isinstance(x, (dict, list, tuple)):
        return function(x)
    if isinstance(x, dict):
        return {name: _mapped(function, value) for name, value in x.items()}
    values = [_mapped(function, value) for value in x]
    return type(x)(*values) if hasattr(x, "_fields") else type(x)(values)


def _mapped(function: Callable[[Any], Any], value: Any) -> Any:
    if value is None:
        return None
    return map_leaves(function, value) if is_structure(value) else function(value)


def keys_of(arrays: list[np.ndarray], samples: int | None = None) -> np.ndarray:
    """One number a sample, equal for samples that are equal in all arrays, shape `(samples,)`."""
    keys = np.zeros(len(arrays[0]) if samples is None else samples, np.uint64)
    for array in arrays:
        keys = keys * KEY_FACTOR + measure.sample_keys(array)
    return keys


def read_data(data: Any, argument: str) -> Data:
    """Checks `data` and brings it into memory.

    Args:
        data: `(x, y)` or `(x, y, sample_weight)` arrays, or a `tf.data.Dataset` of batches of those.
        argument: The argument's name, for errors.

    Raises:
        TypeError: another kind of object, or a Dataset that cannot be read without a trace.
        ValueError: no samples, or arrays of different length.
    """
    if isinstance(data, Data):
        return data
    if is_dataset(data):
        return _read_dataset(data, argument)
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
        raise TypeError(
            f"`{argument}` is not training data. Expected: (x, y) or (x, y, sample_weight) arrays, "
            f"or a tf.data.Dataset. Received: {_describe(data)}."
        )
    x = _inputs(data[0])
    if isinstance(data[1], dict) or (_is_list_of_arrays(data[1]) and len(data[1]) != len(leaves(x)[0])):
        return read_arrays(*data)
    y = plain(data[1])
    weight = plain(data[2]) if len(data) == 3 and data[2] is not None else None
    return _checked(Data(x, y, weight, dtypes=(*_dtypes(data[0]), _dtype(data[1]))), argument)


def read_arrays(x: Any, y: Any = None, sample_weight: Any = None) -> Data:
    """The arrays that `fit` was called with; without labels where there are none, or several arrays of them.

    Raises:
        ValueError: arrays of different length, or without samples.
    """
    inputs = _inputs(x)
    several = isinstance(y, (dict, tuple)) or (_is_list_of_arrays(y) and len(y) != len(leaves(inputs)[0]))
    labels = None if y is None else map_leaves(plain, y) if several else plain(y)
    weight = None if sample_weight is None or several else plain(sample_weight)
    dtypes = () if y is None or several else (*_dtypes(x), _dtype(y))
    data = Data(inputs, single_labels(labels, inputs), single_weight(weight), dtypes=dtypes)
    return _checked(with_several(data, labels, sample_weight), "x")


def single_labels(y: Any, x: Any) -> np.ndarray:
    """The one array of labels; one without columns where there are none, or several, as many rows as inputs."""
    found = [] if y is None else leaves(y)
    return found[0] if len(found) == 1 else np.zeros((len(leaves(x)[0]), 0))


def with_several(data: Data, y: Any, weight: Any) -> Data:
    """The samples with the labels of a model with several outputs; as they are where `y` is not several arrays.

    Args:
        data: The samples.
        y: Labels as they were given.
        weight: Sample weights as they were given, or None.
    """
    if y is None or (len(leaves(y)) < 2 and not _has_none(y)):
        return data
    return replace(data, several=y, several_weights=None if weight is None else map_leaves(plain, weight))


def _has_none(y: Any) -> bool:
    """Whether an output has no labels."""
    parts = list(y.values()) if isinstance(y, dict) else y if isinstance(y, (list, tuple)) else []
    return any(part is None or _has_none(part) for part in parts)


def single_weight(weight: Any) -> np.ndarray | None:
    """The one array of sample weights; None where there is none, or several."""
    found = [] if weight is None else leaves(weight)
    return found[0] if len(found) == 1 else None


def _inputs(x: Any) -> Any:
    return map_leaves(plain, x) if _has_several_inputs(x) else plain(x)


def _has_several_inputs(x: Any) -> bool:
    return isinstance(x, (dict, tuple)) or _is_list_of_arrays(x)


def _dtypes(x: Any) -> list[str]:
    return [_dtype(value) for value in (leaves(x) if _has_several_inputs(x) else [x])]


def _checked(data: Data, argument: str) -> Data:
    arrays = [("x", a) for a in data.inputs] + [("y", data.y)]
    if data.sample_weight is not None:
        arrays.append(("sample_weight", data.sample_weight))
    for name, array in arrays:
        if array.ndim == 0:
            raise ValueError(
                f"`{argument}`: {name} has no samples. Expected: an array. Received: the single value {array!r}."
            )
    lengths = {f"{name} with {len(array)} samples" for name, array in arrays}
    if len({len(array) for _, array in arrays}) > 1:
        raise ValueError(
            f"`{argument}` has arrays of different length. Expected: as many labels as input samples. "
            f"Received: {', '.join(sorted(lengths))}."
        )
    if data.sample_count == 0:
        raise ValueError(f"`{argument}` is empty. Expected: at least one sample. Received: arrays with 0 samples.")
    return data


def plain(value: Any) -> np.ndarray:
    """An array, tensor, column or sparse matrix as numpy's array."""
    value = _dense(value)
    if hasattr(value, "toarray"):
        value = value.toarray()  # scipy
    elif hasattr(value, "detach"):
        value = value.detach().cpu().numpy()  # torch
    elif hasattr(value, "numpy"):
        value = value.numpy()
    array = np.asarray(value)
    # Columns of numbers in an object array (pandas) are numbers; strings stay strings, "1" too.
    if array.dtype == object and all(map(_is_number, array.ravel())):
        return array.astype(np.float64)
    return array


def _dense(value: Any) -> Any:
    """A ragged or sparse tensor filled up with zeros; anything else as it is."""
    if type(value).__name__ == "SparseTensor":
        import tensorflow as tf

        return tf.sparse.to_dense(value)
    return value.to_tensor() if type(value).__name__ == "RaggedTensor" else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (numbers.Real, np.generic)) and not isinstance(value, (str, bytes))


def _dtype(value: Any) -> str:
    own = getattr(value, "dtype", None)
    return str(own) if isinstance(own, np.dtype) else str(np.asarray(plain(value) if own is not None else value).dtype)


def _is_list_of_arrays(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(hasattr(v, "shape") and len(v.shape) > 0 for v in value)


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"one array of shape {value.shape}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return (
        f"{value!r} of type {type(value).__name__}"
        if isinstance(value, (str, int, float))
        else f"a {type(value).__name__}"
    )


def is_dataset(data: Any) -> bool:
    """Whether it is a `tf.data.Dataset`, asked without TensorFlow."""
    return any(cls.__name__ == "DatasetV2" for cls in type(data).__mro__)


def is_stream(data: Any) -> bool:
    """Whether it makes batches one after the other: a Dataset, a generator, a PyDataset, a DataLoader."""
    if isinstance(data, (tuple, list, dict, str, bytes)) or hasattr(data, "shape"):
        return False
    return any(hasattr(data, name) for name in ("element_spec", "__next__", "__getitem__", "__iter__"))


def _read_dataset(dataset: Any, argument: str) -> Data:
    """Samples of a Dataset, without touching the order that training will see."""
    with random_state_kept():
        copy = dataset_copy.copied(dataset, argument)
        drawn_anew = dataset_copy.shuffles(dataset) > 0
        return replace(_checked(_collect(copy, argument), argument), form="dataset", drawn_anew=drawn_anew)


def _collect(dataset: Any, argument: str) -> Data:
    parts: tuple[list[Any], ...] = ([], [], [])
    batch_size, samples, size = None, 0, 0
    whole = True
    for batch in dataset:
        if not isinstance(batch, (tuple, list)) or len(batch) not in (2, 3):
            raise TypeError(
                f"`{argument}` is a Dataset without labels. Expected: elements (x, y) or (x, y, sample_weight). "
                f"Received: elements that are {_describe(batch)}."
            )
        batch = [map_leaves(plain, part) if isinstance(part, (dict, tuple, list)) else plain(part) for part in batch]
        if batch[1].ndim == 0:
            raise ValueError(
                f"`{argument}` is a Dataset of single samples. Expected: batches, as fit() takes them. "
                "Received: a label without a batch axis; call .batch(32) on it."
            )
        size += sum(a.nbytes for part in batch for a in leaves(part))
        if samples and (samples >= DATASET_SAMPLES or not memory.may_keep(samples + len(batch[1]), size)):
            whole = False
            break
        for part, found in zip(parts, batch, strict=False):
            part.append(found)
        samples += len(batch[1])
        batch_size = batch_size or len(batch[1])
    if not samples:
        raise ValueError(f"`{argument}` is empty. Expected: at least one sample. Received: a Dataset without elements.")
    x, y, weight = parts
    return Data(concatenated(x), concatenated(y), concatenated(weight) if weight else None, batch_size, whole)


def concatenated(parts: list[Any]) -> Any:
    """Structures of arrays, one behind the other; `parts` is emptied on the way, so that no sample is there twice.

    Sequences of different length are filled up with zeros.
    """
    structure = parts[0]
    columns = list(zip(*(leaves(part) for part in parts), strict=True))
    parts.clear()
    joined = []
    while columns:
        joined.append(_joined(list(columns.pop(0))))
    order = iter(joined)
    return _filled(structure, order)


def _joined(arrays: list[np.ndarray]) -> np.ndarray:
    lengths = {array.shape[1] for array in arrays if array.ndim > 1}
    shape = (max(lengths), *arrays[0].shape[2:]) if lengths else ()
    dtype = np.result_type(*{array.dtype for array in arrays})
    # Where strings are filled up, it is with empty ones.
    filling: Any = "" if dtype.kind in "OSU" else 0
    whole = (
        np.full((sum(map(len, arrays)), *shape), filling, dtype)
        if len(lengths) > 1
        else np.empty((sum(map(len, arrays)), *shape), dtype)
    )
    first = 0
    while arrays:
        array = arrays.pop(0)
        part = whole[first : first + len(array)]
        (part[:, : array.shape[1]] if array.ndim > 1 else part)[...] = array
        first += len(array)
    return whole


def _filled(structure: Any, values: Iterator[np.ndarray]) -> Any:
    """A structure with other arrays, given in the order of `leaves`."""
    if not isinstance(structure, (dict, list, tuple)):
        return next(values)
    if isinstance(structure, dict):
        found = {name: _filled(structure[name], values) for name in sorted(structure)}
        return {name: found[name] for name in structure}
    parts = [_filled(part, values) for part in structure]
    return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
