"""A copy of a `tf.data.Dataset` that shares no state with it, to be read where `fit` cannot be watched."""

from __future__ import annotations

from itertools import chain
from typing import Any

_SKIPPED_OPS = ("CacheDataset", "RepeatDataset")
_SHUFFLE_OPS = ("ShuffleDataset", "ShuffleAndRepeatDataset")
_PYTHON_OPS = {"GeneratorDataset", "PyFunc", "EagerPyFunc"}
"""Operations that run Python code; TensorFlow has another one for functions that are said to keep no state."""
_SEED = 7


def copied(dataset: Any, argument: str) -> Any:
    """A copy whose shuffles have seeds of their own.

    Reading a shuffled Dataset moves its seed generator on, and filling a cache fixes an order: training would then see
    its samples in another one. In the copy each shuffle has a seed of its own, so that what is shuffled apart stays
    apart; a cache is left out, and a repeat too: it would show every sample as a duplicate.

    Args:
        dataset: A Dataset.
        argument: The argument's name, for the error.

    Raises:
        TypeError: Python code makes the samples, and its state cannot be copied.
    """
    graph = _graph(dataset)
    if _runs_python(graph):
        raise TypeError(
            f"`{argument}` is a Dataset whose samples Python code makes. What cannot be read twice without a trace is "
            "not read ahead: fit would miss the samples. Expected: (x, y) arrays of the same samples, or a Dataset "
            "made of arrays. Received: a Dataset with from_generator, py_function or numpy_function in it."
        )
    _leave_out(graph, _SKIPPED_OPS)
    for number, node in enumerate(_shuffle_nodes(graph)):
        # The first version of the op has two seeds and no generator outside of it.
        seed = _constant(graph, f"tb_diagnose/seed_{number}", _SEED + number)
        node.op = "ShuffleDataset"
        del node.input[2:]
        node.input.extend([seed, seed])
    return _made_of(graph, dataset)


def unshuffled(dataset: Any) -> Any | None:
    """A copy without its shuffles: samples as their source has them; None where Python code makes them."""
    graph = _graph(dataset)
    if _runs_python(graph):
        return None
    _leave_out(graph, (*_SKIPPED_OPS, *_SHUFFLE_OPS))
    return _made_of(graph, dataset)


def shuffles(dataset: Any) -> int:
    """Number of shuffles in a Dataset."""
    return len(_shuffle_nodes(_graph(dataset)))


def _shuffle_nodes(graph: Any) -> list[Any]:
    return [node for node in graph.node if node.op.startswith(_SHUFFLE_OPS)]


def _constant(graph: Any, name: str, value: int) -> str:
    import tensorflow as tf

    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = tf.int64.as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, tf.int64))
    return name


def _leave_out(graph: Any, ops: tuple[str, ...]) -> None:
    """Takes operations out, and joins what stands before them with what stands behind them."""
    skipped = {node.name: node.input[0] for node in graph.node if node.op.startswith(ops)}
    for node in graph.node:
        for index, source in enumerate(node.input):
            while source.split(":")[0] in skipped:
                source = skipped[source.split(":")[0]]
            node.input[index] = source
    kept = [node for node in graph.node if node.name not in skipped]
    del graph.node[:]
    graph.node.extend(kept)


def _made_of(graph: Any, dataset: Any) -> Any:
    import tensorflow as tf

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
