"""What a training step on JAX does with the outputs: read from its trace, backwards from the gradients.

JAX has no public name for the equations behind a tracer. Where it keeps them elsewhere, nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tb_diagnose.recorder.step_graph import BINARY, CATEGORICAL, Read

CROSSENTROPIES = {
    "log_softmax": CATEGORICAL,
    "logsumexp": CATEGORICAL,
    "log_sigmoid": BINARY,
    "softplus": BINARY,
}
"""Functions of `jax.nn` that take logits, by the names of the losses that they are a part of."""
SQUASHING = {"softmax": "softmax", "_softmax": "softmax", "sigmoid": "sigmoid"}
SAME_VALUES = frozenset(
    {"reshape", "copy", "convert_element_type", "squeeze", "expand_dims", "transpose", "broadcast_in_dim", "neg"}
)
"""Operations behind which the values are the same; but for `neg`: the log of 1 - sigmoid(x) is that of sigmoid(-x)."""
COMPARING = frozenset({"sub", "mul"})
"""Operations by which a loss that is written out sets outputs beside labels."""


def reads(gradients: Any) -> list[Read]:
    """The cross-entropies that take logits, among all that gradients come from.

    Args:
        gradients: Tensors of a step while it is traced.
    """
    found = []
    for equation in _behind(gradients):
        loss = CROSSENTROPIES.get(_name(equation))
        source = _source(equation.in_tracers[0]) if loss is not None and equation.in_tracers else None
        if loss is not None and source is not None:
            found.append(Read(loss, _activation(source), source))
    return found


def crosses(gradients: Any) -> bool:
    """Whether values of shape (n,) that the step was given, such as labels, meet others of shape (n, 1) in its loss.

    Args:
        gradients: Tensors of a step while it is traced.
    """
    return any(
        _meets(given, made)
        for equation in _behind(gradients)
        if _name(equation) in COMPARING and len(equation.in_tracers) == 2
        for given, made in (equation.in_tracers, reversed(equation.in_tracers))
    )


def _meets(given: Any, made: Any) -> bool:
    """Whether the first comes from outside in the shape (n,), and the second was made in the shape (n, 1).

    A product itself is not behind its gradient. There, what is given meets the gradient of the mean or the sum of all
    n x n products: one number in the shape (n, n).
    """
    count = given.aval.shape[-1] if given.aval.shape else 1
    if count == 1 or given.aval.shape != (1, count) or _source(given) is not None:
        return False
    inner = _equation(given)
    while inner is not None and _name(inner) in SAME_VALUES:
        given = inner.in_tracers[0]
        inner = _equation(given)
    if given.aval.shape != (count,):
        return False
    if made.aval.shape == (count, 1):
        return _source(made) is not None
    spread = _equation(made)
    is_spread = spread is not None and _name(spread) == "broadcast_in_dim" and not spread.in_tracers[0].aval.shape
    return made.aval.shape == (count, count) and is_spread


def plain(tensor: Any) -> Any:
    """A tensor without the wrappers of differentiation."""
    while hasattr(tensor, "primal"):
        tensor = tensor.primal
    return tensor


def _behind(tensors: Any) -> Iterator[Any]:
    """All equations that tensors come from, each once."""
    import jax

    ahead = [plain(tensor) for tensor in jax.tree.leaves(tensors)]
    seen: set[int] = set()
    while ahead:
        equation = _equation(ahead.pop())
        if equation is not None and id(equation) not in seen:
            seen.add(id(equation))
            ahead.extend(equation.in_tracers)
            yield equation


def _equation(tensor: Any) -> Any:
    """The equation that gave a tensor; None where it comes from outside."""
    equation = getattr(tensor, "parent", None)
    return equation if hasattr(equation, "in_tracers") and hasattr(equation, "primitive") else None


def _name(equation: Any) -> str:
    """What is called: an operation, or a function that was compiled by itself."""
    named = equation.params.get("name")
    return named if isinstance(named, str) else str(equation.primitive)


def _source(tensor: Any) -> Any:
    """The tensor whose values these are; None where they come from outside."""
    equation = _equation(tensor)
    while equation is not None and _name(equation) in SAME_VALUES:
        tensor = equation.in_tracers[0]
        equation = _equation(tensor)
    return None if equation is None else tensor


def _activation(tensor: Any) -> str | None:
    """The activation that gave a tensor; None for another operation."""
    equation = _equation(tensor)
    name = _name(equation)
    if name == "logistic":
        return "sigmoid"
    if name == "div":
        above, below = (_equation(part) for part in equation.in_tracers)
        # Differentiated, a softmax is there as exp(x) / sum(exp(x)).
        while below is not None and _name(below) in SAME_VALUES:
            below = _equation(below.in_tracers[0])
        is_softmax = above is not None and below is not None and (_name(above), _name(below)) == ("exp", "reduce_sum")
        return "softmax" if is_softmax and _equation(below.in_tracers[0]) is above else None
    return SQUASHING.get(name)
