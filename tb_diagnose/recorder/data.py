"""`data` as the user gives it -> arrays, with errors that name the argument."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from tb_diagnose.recorder import measure
from tb_diagnose.recorder.random_state import random_state_kept

DATASET_SAMPLES = 20_000
"""Samples read from a `tf.data.Dataset` for the facts; an endless one must stop somewhere."""
DATASET_BYTES = 512 * 2**20

_KEY_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Data:
    """Samples in memory.

    Args:
        x: Inputs: one array, or a list, tuple or dict of arrays, all with the same first axis.
        y: Labels, shape `(samples, ...)`.
        sample_weight: Weights, shape `(samples,)`, or None.
        batch_size: Known only for a Dataset.
        whole: False when a Dataset had more samples than were read.
        sample_bytes: Memory that one sample takes inside the model, 0 when unknown.
        dtypes: Data types of the inputs, then of the labels, as they were given: `fit` takes no objects, even where
            they hold numbers.
    """

    x: Any
    y: np.ndarray
    sample_weight: np.ndarray | None = None
    batch_size: int | None = None
    whole: bool = True
    sample_bytes: int = 0
    dtypes: tuple[str, ...] = ()

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
        keys = np.zeros(self.sample_count, np.uint64)
        for array in self.inputs:
            keys = keys * _KEY_FACTOR + measure.sample_keys(array)
        return keys

    @cached_property
    def sample_keys(self) -> np.ndarray:
        """The same for inputs and label."""
        return np.asarray(self.input_keys * _KEY_FACTOR + measure.sample_keys(self.y))

    def take(self, samples: np.ndarray) -> Data:
        """Some of the samples."""
        weight = None if self.sample_weight is None else self.sample_weight[samples]
        return Data(
            map_leaves(lambda a: a[samples], self.x),
            self.y[samples],
            weight,
            self.batch_size,
            self.whole,
            self.sample_bytes,
            self.dtypes,
        )


def leaves(x: Any) -> list[np.ndarray]:
    """The arrays in an array, list, tuple or dict, dict entries in the order of their names."""
    if isinstance(x, dict):
        return [x[name] for name in sorted(x)]
    return list(x) if isinstance(x, (list, tuple)) else [x]


def map_leaves(function: Callable[[np.ndarray], Any], x: Any) -> Any:
    """The same structure with `function` applied to each array."""
    if isinstance(x, dict):
        return {name: function(array) for name, array in x.items()}
    return type(x)(function(array) for array in x) if isinstance(x, (list, tuple)) else function(x)


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
    if _is_dataset(data):
        return _read_dataset(data, argument)
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
        raise TypeError(
            f"`{argument}` is not training data. Expected: (x, y) or (x, y, sample_weight) arrays, "
            f"or a tf.data.Dataset. Received: {_describe(data)}."
        )
    several = isinstance(data[0], (dict, tuple)) or _is_list_of_arrays(data[0])
    x = map_leaves(_array, data[0]) if several else _array(data[0])
    if isinstance(data[1], dict) or (_is_list_of_arrays(data[1]) and len(data[1]) != len(leaves(x)[0])):
        raise TypeError(
            f"`{argument}` has several arrays of labels. Expected: one array; models with several outputs are not "
            f"measured yet. Received: {_describe(data[1])}."
        )
    y = _array(data[1])
    weight = _array(data[2]) if len(data) == 3 and data[2] is not None else None
    dtypes = tuple(_dtype(value) for value in [*(leaves(data[0]) if several else [data[0]]), data[1]])
    return _checked(Data(x, y, weight, dtypes=dtypes), argument)


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


def _array(value: Any) -> np.ndarray:
    if hasattr(value, "numpy"):
        value = value.numpy()
    array = np.asarray(value)
    # Columns of numbers in an object array (pandas) are numbers; strings stay strings, "1" too.
    if array.dtype == object and all(map(_is_number, array.ravel())):
        return array.astype(np.float64)
    return array


def _is_number(value: Any) -> bool:
    return isinstance(value, (numbers.Real, np.generic)) and not isinstance(value, (str, bytes))


def _dtype(value: Any) -> str:
    return str(np.asarray(value.numpy() if hasattr(value, "numpy") else value).dtype)


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


def _is_dataset(data: Any) -> bool:
    return any(cls.__name__ == "DatasetV2" for cls in type(data).__mro__)


def _read_dataset(dataset: Any, argument: str) -> Data:
    """Samples of a Dataset, without touching the order that training will see."""
    with random_state_kept():
        return _checked(_collect(_own_copy(dataset, argument), argument), argument)


def _collect(dataset: Any, argument: str) -> Data:
    batches: list[Any] = []
    samples = size = 0
    whole = True
    for batch in dataset:
        if not isinstance(batch, (tuple, list)) or len(batch) not in (2, 3):
            raise TypeError(
                f"`{argument}` is a Dataset without labels. Expected: elements (x, y) or (x, y, sample_weight). "
                f"Received: elements that are {_describe(batch)}."
            )
        batch = [map_leaves(_array, part) if isinstance(part, (dict, tuple, list)) else _array(part) for part in batch]
        if batch[1].ndim == 0:
            raise ValueError(
                f"`{argument}` is a Dataset of single samples. Expected: batches, as fit() takes them. "
                "Received: a label without a batch axis; call .batch(32) on it."
            )
        if samples >= DATASET_SAMPLES or size >= DATASET_BYTES:
            whole = False
            break
        batches.append(batch)
        samples += len(batch[1])
        size += sum(a.nbytes for part in batch for a in leaves(part))
    if not batches:
        raise ValueError(f"`{argument}` is empty. Expected: at least one sample. Received: a Dataset without elements.")
    x = _concatenate([batch[0] for batch in batches])
    weight = np.concatenate([batch[2] for batch in batches]) if len(batches[0]) == 3 else None
    return Data(x, np.concatenate([batch[1] for batch in batches]), weight, len(batches[0][1]), whole)


def _concatenate(parts: list[Any]) -> Any:
    first = parts[0]
    if isinstance(first, dict):
        return {name: np.concatenate([part[name] for part in parts]) for name in first}
    if isinstance(first, (list, tuple)):
        return type(first)(np.concatenate(column) for column in zip(*parts, strict=True))
    return np.concatenate(parts)


_SKIPPED_OPS = ("CacheDataset", "RepeatDataset")
_PYTHON_OPS = {"GeneratorDataset", "PyFunc", "EagerPyFunc"}
"""Operations that run Python code; TensorFlow has another one for functions that are said to keep no state."""


def _own_copy(dataset: Any, argument: str) -> Any:
    """A copy of the Dataset that shares no state with it.

    Reading a shuffled Dataset moves its seed generator on, and filling a cache fixes an order: training would then see
    its samples in another one. In the copy a shuffle has a seed of its own, a cache is left out, and a repeat too: it
    would show every sample as a duplicate.

    Raises:
        TypeError: Python code makes the samples, and its state cannot be copied.
    """
    import tensorflow as tf

    graph = _graph(dataset)
    if _runs_python(graph):
        raise TypeError(
            f"`{argument}` is a Dataset whose samples Python code makes. What cannot be read twice without a trace is "
            "not read ahead: fit would miss the samples. Expected: (x, y) arrays of the same samples, or a Dataset "
            "made of arrays. Received: a Dataset with from_generator, py_function or numpy_function in it."
        )
    seed = graph.node.add(name="tb_diagnose/seed", op="Const")
    seed.attr["dtype"].type = tf.int64.as_datatype_enum
    seed.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(7, tf.int64))
    skipped = {node.name: node.input[0] for node in graph.node if node.op.startswith(_SKIPPED_OPS)}
    for node in graph.node:
        for index, source in enumerate(node.input):
            while source.split(":")[0] in skipped:
                source = skipped[source.split(":")[0]]
            node.input[index] = source
        if node.op.startswith(("ShuffleDataset", "ShuffleAndRepeatDataset")):
            # The first version of the op has two seeds and no generator outside of it.
            node.op = "ShuffleDataset"
            del node.input[2:]
            node.input.extend([seed.name, seed.name])
    kept = [node for node in graph.node if node.name not in skipped]
    del graph.node[:]
    graph.node.extend(kept)
    copy = tf.raw_ops.DatasetFromGraph(graph_def=graph.SerializeToString())
    return tf.data.experimental.from_variant(copy, dataset.element_spec)


def _graph(dataset: Any) -> Any:
    """What a Dataset does, as TensorFlow's graph."""
    import tensorflow as tf

    serialized = tf.raw_ops.DatasetToGraphV2(
        input_dataset=tf.data.experimental.to_variant(dataset), external_state_policy=1, strip_device_assignment=True
    )
    graph = tf.compat.v1.GraphDef()
    graph.ParseFromString(serialized.numpy())
    return graph


def _runs_python(graph: Any) -> bool:
    """Whether a graph, or a function that it calls, runs Python code that may keep a state."""
    functions = (function.node_def for function in graph.library.function)
    return any(node.op in _PYTHON_OPS for node in chain(graph.node, *functions))
