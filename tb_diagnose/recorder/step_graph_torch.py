"""What a training step on PyTorch does with the outputs: read from the graph behind the loss that it differentiates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tb_diagnose.recorder.step_graph import BINARY, CATEGORICAL, SPARSE, Read

CROSSENTROPIES = {
    "LogSoftmaxBackward": CATEGORICAL,
    "LogsumexpBackward": CATEGORICAL,
    "BinaryCrossEntropyWithLogitsBackward": BINARY,
    "LogSigmoidBackward": BINARY,
    "SoftplusBackward": BINARY,
}
"""Operations that take logits, by the names of the losses that they are a part of."""
OF_CLASSES = "NllLossBackward"
"""Takes the logarithms of a softmax and the number of a class."""
SQUASHING = {"SoftmaxBackward": "softmax", "SigmoidBackward": "sigmoid"}
PARAMETER = "AccumulateGrad"
_SAME = "View ReshapeAlias UnsafeView Squeeze Unsqueeze Transpose Permute T Clone Alias ToCopy Neg"
SAME_VALUES = frozenset(f"{name}Backward" for name in _SAME.split(" "))
"""Operations behind which the values are the same; but for Neg: the log of 1 - sigmoid(x) is that of sigmoid(-x)."""


def watch(note: Callable[[Any], None]) -> Callable[[], None]:
    """Calls `note` with each tensor whose gradient is about to be taken.

    Returns:
        What ends it.
    """
    import torch

    kept = {name: getattr(torch.autograd, name) for name in ("backward", "grad")}

    def noting(original: Callable[..., Any]) -> Callable[..., Any]:
        def noted(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            note(tensors)
            return original(tensors, *args, **kwargs)

        return noted

    for name, original in kept.items():
        setattr(torch.autograd, name, noting(original))

    def end() -> None:
        for name, original in kept.items():
            setattr(torch.autograd, name, original)

    return end


def reads(losses: Any) -> list[Read]:
    """The cross-entropies that take logits, among all that losses come from.

    Args:
        losses: A tensor, or several.
    """
    found = []
    for node, is_of_classes in _behind(losses):
        loss = CROSSENTROPIES.get(_name(node))
        source = None if loss is None else _source(node)
        if loss is not None and source is not None:
            named = SPARSE if loss == CATEGORICAL and is_of_classes else loss
            found.append(Read(named, SQUASHING.get(_name(source)), source))
    return found


def _behind(tensors: Any) -> Iterator[tuple[Any, bool]]:
    """All operations that tensors come from, each once, and whether what follows reads the number of a class."""
    several = tensors if isinstance(tensors, (list, tuple)) else [tensors]
    ahead = [(tensor.grad_fn, False) for tensor in several if getattr(tensor, "grad_fn", None) is not None]
    seen: set[Any] = set()
    while ahead:
        node, is_of_classes = ahead.pop()
        if node not in seen:
            seen.add(node)
            before = [other for other, _ in node.next_functions if other is not None]
            ahead.extend((other, _name(node) == OF_CLASSES) for other in before)
            yield node, is_of_classes


def _name(node: Any) -> str:
    """Name of an operation, without the number of its form."""
    return str(node.name()).rpartition("::")[2].rstrip("0123456789")


def _source(node: Any) -> Any:
    """The operation that made the values that a node takes; None where they come from outside."""
    while True:
        node = next((other for other, _ in node.next_functions), None)
        if node is None or _name(node) not in SAME_VALUES:
            return None if node is None or _name(node) == PARAMETER else node
