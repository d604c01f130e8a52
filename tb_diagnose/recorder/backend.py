"""The seam between Keras's backends: gradients, passes that need none, and what a pass may leave behind in a model.

All else is written with Keras's stateless calls, which are the same everywhere.
"""

from __future__ import annotations

import functools
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
        function: The function. It is traced where the backend compiles, which JAX alone does.
        compiled: False for code that cannot be traced.

    Returns:
        None on a backend without gradients.
    """
    if name() == "jax":
        from tb_diagnose.recorder import _jax

        return _jax.Differentiated(function, compiled)
    if name() not in ("tensorflow", "torch"):
        return None
    return functools.partial(importlib.import_module(f"tb_diagnose.recorder._{name()}").run, function)


def no_gradients() -> AbstractContextManager[Any]:
    """Within it nothing is kept for gradients."""
    if name() != "torch":
        return nullcontext()
    import torch

    context: AbstractContextManager[Any] = torch.no_grad()
    return context


@contextmanager
def modules_kept(model: Any) -> Iterator[None]:
    """What a pass leaves behind in layers as before: stateless calls know of Keras's variables only.

    On PyTorch these are buffers and modes of its own modules; on JAX, tensors that a layer keeps as an attribute: those
    of a pass that is traced are of no use to anybody else.
    """
    kept = {"torch": _torch_modules_kept, "jax": _attributes_kept}.get(name())
    if kept is None:
        yield
        return
    with kept([model, *model._flatten_layers()]):
        yield


@contextmanager
def _torch_modules_kept(layers: list[Any]) -> Iterator[None]:
    # A model does not list its layers as modules of its own.
    modules = {id(module): module for layer in layers for module in layer.modules()}.values()
    buffers = [
        (module, key, buffer, buffer.detach().clone())
        for module in modules
        for key, buffer in module._buffers.items()
        if buffer is not None
    ]
    modes = [(module, module.training) for module in modules]
    try:
        yield
    finally:
        with no_gradients():
            for module, key, buffer, value in buffers:
                buffer.copy_(value)
                module._buffers[key] = buffer
        for module, mode in modes:
            module.training = mode


@contextmanager
def _attributes_kept(layers: list[Any]) -> Iterator[None]:
    import jax

    before = [dict(vars(layer)) for layer in layers]
    try:
        yield
    finally:
        for layer, attributes in zip(layers, before, strict=True):
            for key, value in list(vars(layer).items()):
                if isinstance(value, jax.core.Tracer):
                    vars(layer).pop(key)
                    if key in attributes:
                        vars(layer)[key] = attributes[key]


def number(tensor: Any) -> float:
    """A scalar tensor as a number."""
    return float(tensor.detach()) if hasattr(tensor, "detach") else float(tensor)
