"""The seam between Keras's backends: compiling, gradients, passes that need none, and what a pass may leave in a model.

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
        function: The function.
        compiled: Whether it is traced, where the backend compiles; False for code that cannot be.

    Returns:
        None on a backend without gradients.
    """
    if name() not in ("tensorflow", "jax", "torch"):
        return None
    made = importlib.import_module(f"tb_diagnose.recorder._{name()}").Differentiated(function, compiled)
    differentiated: Differentiated = made
    return differentiated


def compiles() -> bool:
    """Whether the backend compiles functions here."""
    return name() in ("tensorflow", "jax")


def compiled(function: Callable[..., list[Any]]) -> Callable[..., list[Any]] | None:
    """A function that gives a list of tensors, traced at its first call; None where the backend does not compile."""
    run: Callable[..., list[Any]] | None = None
    if name() == "jax":
        import jax

        run = jax.jit(function)
    elif name() == "tensorflow":
        import tensorflow as tf

        # Parts of the probe batch differ by a sample: the second size is traced for all others, too.
        # TensorFlow counts tracings by code, and warns of five: those of other models are not of the same function.
        run = tf.function(functools.partial(function), autograph=False, reduce_retracing=True)
    return run


def graph() -> Any:
    """The graph that TensorFlow is tracing here; None where it runs eagerly, and on other backends."""
    if name() != "tensorflow":
        return None
    import tensorflow as tf

    return None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()


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

    On PyTorch these are buffers and modes of its own modules; else, tensors that a layer keeps as an attribute: those
    of a pass that is traced are of no use to anybody else.
    """
    kept = {"torch": _torch_modules_kept, "jax": _attributes_kept, "tensorflow": _attributes_kept}.get(name())
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
    before = [dict(vars(layer)) for layer in layers]
    try:
        yield
    finally:
        for layer, attributes in zip(layers, before, strict=True):
            for key, value in list(vars(layer).items()):
                if _is_traced(value) and attributes.get(key) is not value:
                    vars(layer).pop(key)
                    if key in attributes:
                        vars(layer)[key] = attributes[key]


def _is_traced(value: Any) -> bool:
    if name() == "tensorflow":
        return type(value).__name__ == "SymbolicTensor"
    import jax

    return isinstance(value, jax.core.Tracer)


def number(tensor: Any) -> float:
    """A scalar tensor as a number."""
    return float(tensor.detach()) if hasattr(tensor, "detach") else float(tensor)
