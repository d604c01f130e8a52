"""The seam between Keras's backends: gradients, passes that need none, and what a pass may leave behind in a model.

All else is written with Keras's stateless calls, which are the same everywhere.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Function = Callable[[list[Any], Any], tuple[list[Any], Any]]
"""Of trainable values and all else that it needs: losses, each a scalar tensor, and what is wanted besides."""


@dataclass(frozen=True)
class Pass:
    """What a function gave.

    Args:
        losses: Its losses.
        besides: What it gave besides, as tensors.
        gradients: Of each loss, that of each trainable value; None where no gradient flows.
    """

    losses: list[float]
    besides: Any
    gradients: list[list[np.ndarray | None]]


class Differentiated(Protocol):
    """A function with its gradients."""

    def __call__(self, trainable: list[Any], given: Any) -> Pass:
        """Runs it once.

        Args:
            trainable: Tensors.
            given: All else: lists, tuples and dicts of tensors, arrays and None.
        """


def name() -> str:
    """Keras's backend."""
    import keras

    return str(keras.backend.backend())


def differentiated(function: Function, compiled: bool = True) -> Differentiated | None:
    """A function with its gradients.

    Args:
        function: The function. It is traced where the backend compiles.
        compiled: False for code that cannot be traced.

    Returns:
        None on a backend without gradients.
    """
    modules = {name: f"tb_diagnose.recorder._{name}" for name in ("tensorflow", "jax", "torch")}
    if name() not in modules:
        return None
    made: Differentiated = importlib.import_module(modules[name()]).Differentiated(function, compiled)
    return made


def no_gradients() -> AbstractContextManager[Any]:
    """Within it nothing is kept for gradients."""
    if name() != "torch":
        return nullcontext()
    import torch

    context: AbstractContextManager[Any] = torch.no_grad()
    return context


@contextmanager
def modules_kept(model: Any) -> Iterator[None]:
    """Buffers and modes of torch's own modules in a model as before: stateless calls know of Keras's variables only."""
    if name() != "torch":
        yield
        return
    # A model does not list its layers as modules of its own.
    inside = {id(module): module for layer in (model, *model._flatten_layers()) for module in layer.modules()}
    buffers = [(b, b.detach().clone()) for module in inside.values() for b in module.buffers(recurse=False)]
    modes = [(module, module.training) for module in inside.values()]
    try:
        yield
    finally:
        import torch

        with torch.no_grad():
            for buffer, value in buffers:
                buffer.copy_(value)
        for module, mode in modes:
            module.training = mode


def number(tensor: Any) -> float:
    """A scalar tensor as a number."""
    return float(tensor.detach()) if hasattr(tensor, "detach") else float(tensor)
