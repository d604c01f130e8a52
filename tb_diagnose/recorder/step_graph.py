"""What a training step on TensorFlow does with the outputs: read from its graph, which nothing is run for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BINARY, CATEGORICAL, SPARSE = "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"
CROSSENTROPIES = {
    "SparseSoftmaxCrossEntropyWithLogits": SPARSE,
    "SoftmaxCrossEntropyWithLogits": CATEGORICAL,
}
"""TensorFlow's operations that take logits, by the names of the losses."""
SQUASHING = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
"""Operations that give values from 0 to 1, by the names of the activations."""
SAME_VALUES = frozenset({"Reshape", "Identity", "Cast", "Squeeze", "ExpandDims", "Transpose", "Pack", "EnsureShape"})
"""Operations behind which the values are the same."""
COMPARING = frozenset({"Sub", "SquaredDifference", "Mul"})
"""Operations by which a loss that is written out sets outputs beside labels."""
CHOOSING = frozenset({"Select", "SelectV2"})
GRADIENT = "gradient_tape/"
"""How the names of operations begin that `tf.GradientTape` has made."""


@dataclass(frozen=True)
class Read:
    """A cross-entropy that takes logits, and that the step takes the gradient of.

    Args:
        loss: Name of the loss.
        activation: Activation whose outputs it takes for logits, None where it takes those of none.
        logits: The tensor of these outputs; on PyTorch the operation that gave it.
    """

    loss: str
    activation: str | None
    logits: Any


def reads(graph: Any) -> list[Read]:
    """The cross-entropies of a graph that take logits.

    Args:
        graph: A `tf.Graph` of a whole training step.
    """
    return [
        Read(loss, SQUASHING.get(source.type), source.outputs[0])
        for loss, logits in _crossentropies(graph)
        if (source := _source(logits)) is not None
    ]


def crosses(graph: Any) -> bool:
    """Whether values of shape (n,) that the step was given, such as labels, meet others of shape (n, 1) in its loss.

    The two broadcast to (n, n): each sample is compared with all of the batch.

    Args:
        graph: A `tf.Graph` of a whole training step.
    """
    operations = graph.get_operations()
    # The gradient of an operation has its name, or takes what it takes; of a metric there is none.
    gradients = {op.name.removeprefix(GRADIENT).rpartition("/")[0] for op in operations if op.name.startswith(GRADIENT)}
    return any(
        (_meets(*op.inputs) or _meets(*reversed(op.inputs)))
        and (op.name in gradients or all(map(_in_gradient, op.inputs)))
        for op in operations
        if op.type in COMPARING
    )


def _meets(given: Any, made: Any) -> bool:
    """Whether the first comes from outside in the shape (n,), and the second was made in the shape (n, 1)."""
    if given.shape.rank != 1 or given.shape[0] == 1 or made.shape.rank != 2 or made.shape[1] != 1:
        return False
    return _source(given) is None and _source(made) is not None


def _in_gradient(tensor: Any) -> bool:
    return any(user.name.startswith(GRADIENT) for user in tensor.consumers())


def _crossentropies(graph: Any) -> Iterator[tuple[str, Any]]:
    """Names of losses, and the tensors that they take for logits."""
    for operation in graph.get_operations():
        loss = CROSSENTROPIES.get(operation.type)
        # The second output is the gradient: a metric does not ask for it.
        if loss is not None and operation.outputs[1].consumers():
            yield loss, operation.inputs[0]
        elif operation.type == "Log1p":
            logits = _binary_logits(operation)
            if logits is not None:
                yield BINARY, logits


def _binary_logits(log1p: Any) -> Any:
    """Logits of `tf.nn.sigmoid_cross_entropy_with_logits`, of which log(1 + exp(-|x|)) is a part; None of another."""
    exp = log1p.inputs[0].op
    if exp.type != "Exp" or not _in_gradient(exp.outputs[0]):
        return None
    inner = exp.inputs[0].op
    return inner.inputs[2] if inner.type in CHOOSING and inner.inputs[1].op.type == "Neg" else None


def _source(tensor: Any) -> Any:
    """The operation that made the values of a tensor; None where they come from outside."""
    while tensor.op.type in SAME_VALUES and len(tensor.op.inputs):
        tensor = tensor.op.inputs[0]
    return None if tensor.op.type == "Placeholder" else tensor.op
