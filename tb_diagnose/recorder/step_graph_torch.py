"""What a training step on PyTorch does with the outputs: read from the graph behind the loss that it differentiates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from typing import Any

from tb_diagnose.recorder.data import leaves
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
_KEEPING = "to type float double half bfloat16 int long view reshape flatten squeeze clone detach"
KEEPING = frozenset(_KEEPING.split(" "))
"""Functions that give the values of their first argument."""
_COMPARING = "sub subtract rsub __rsub__ mul multiply mse_loss l1_loss smooth_l1_loss huber_loss"
COMPARING = frozenset(_COMPARING.split(" "))
"""Functions that set outputs beside labels, and broadcast."""


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


def crossings(given: Any) -> tuple[AbstractContextManager[Any], list[Any]]:
    """Notes where values of shape (n,) that a step is given, such as labels, meet others of shape (n, 1).

    Args:
        given: What the step is given.

    Returns:
        The context in which the step is to run, and the operations that were found, filled while it runs.
    """
    from torch.overrides import TorchFunctionMode

    kept = [tensor for tensor in leaves(given) if hasattr(tensor, "grad_fn")]
    found: list[Any] = []

    class Crossings(TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = func(*args, **(kwargs or {}))
            with suppress(Exception):  # the step is the program's
                name = getattr(func, "__name__", "")
                if name in KEEPING and any(args[0] is tensor for tensor in kept):
                    kept.append(result)
                elif name in COMPARING and getattr(result, "grad_fn", None) is not None:
                    one, other = args[:2]
                    if _meets(one, other, kept) or _meets(other, one, kept):
                        found.append(result.grad_fn)
            return result

    return Crossings(), found


def _meets(given: Any, made: Any, kept: list[Any]) -> bool:
    """Whether the first is one of those kept, of shape (n,), and the second was made in the shape (n, 1)."""
    if not any(given is tensor for tensor in kept) or given.ndim != 1 or len(given) == 1:
        return False
    return made.grad_fn is not None and tuple(made.shape) == (len(given), 1)


def are_behind(operations: list[Any], losses: Any) -> bool:
    """Whether losses come from one of the operations."""
    return bool(operations) and any(node in operations for node, _ in _behind(losses))


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
