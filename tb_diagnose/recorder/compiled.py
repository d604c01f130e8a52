"""Passes compiled once for a model, where that pays: run eagerly, a recurrent layer takes a call for each step, and
each of many layers some calls.

A backend compiles functions of tensors. What goes beyond these is brought through here: the structure of a result,
that one tensor stands at several places of it, and what Keras has attached to a tensor.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tb_diagnose.recorder import backend, objective

ATTACHED = ("_keras_mask", "_keras_logits")
"""What Keras's losses look for at an output."""

DEEP = 25
"""Layers from which tracing pays on TensorFlow: what it takes of a chain of convolutions with BatchNormalization is
made up for after five epochs with 25 layers, and with 65 or 165 after two to four. Of six layers it is after fifty."""


class Compiled:
    """A function of structures of tensors, compiled at its first call, and run as it is where that fails.

    Args:
        function: The function; it is traced once or twice, as the sizes of batches differ.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._form: tuple[Any, list[tuple[int, str, int]]] | None = None
        self._run: Callable[..., list[Any]] | None = backend.compiled(self._flat)

    def __call__(self, *given: Any) -> Any:
        """Runs it."""
        if self._run is not None:
            try:
                return self._whole(self._run(*given))
            except Exception:  # noqa: BLE001 - code that needs values, say
                self._run = None
        return self._function(*given)

    def _flat(self, *given: Any) -> list[Any]:
        """The tensors of a result, each once; where they stand is noted while the function is traced."""
        import keras
        from keras.src.backend.common.tensor_attributes import get_tensor_attr

        tensors: list[Any] = []
        places: dict[int, int] = {}

        def place(tensor: Any) -> int | None:
            if tensor is None:
                return None
            if id(tensor) not in places:
                places[id(tensor)] = len(tensors)
                tensors.append(tensor)
            return places[id(tensor)]

        structure = keras.tree.map_structure(place, self._function(*given))
        attached = [
            (index, name, int(place(value) or 0))
            for index, tensor in enumerate(list(tensors))
            for name in ATTACHED
            if (value := get_tensor_attr(tensor, name)) is not None
        ]
        form = structure, attached
        if self._form not in (None, form):
            raise ValueError("the form of the result depends on the size of the batch")
        self._form = form
        return tensors

    def _whole(self, tensors: list[Any]) -> Any:
        import keras
        from keras.src.backend.common.tensor_attributes import set_tensor_attr

        assert self._form is not None
        structure, attached = self._form
        for index, name, value in attached:
            set_tensor_attr(tensors[index], name, tensors[value])
        return keras.tree.map_structure(lambda place: None if place is None else tensors[place], structure)


def pays(model: Any) -> bool:
    """Whether a pass through a model takes so much longer eagerly that tracing it pays: it has recurrent layers, or
    many."""
    import keras

    if not backend.compiles():
        return False
    layers = list(model._flatten_layers())
    is_deep = backend.name() == "tensorflow" and len(layers) >= DEEP
    return is_deep or any(isinstance(layer, keras.layers.RNN) for layer in layers)


def holds_for(model: Any, gradients: bool = False) -> tuple[Any, ...] | None:
    """What a compiled pass of a model holds for; None where it runs eagerly: it does not pay, or must not be compiled.

    Code of a custom loop may run eagerly, and change what it reads from epoch to epoch: of Keras's own code that is
    settings.

    Args:
        model: The model.
        gradients: Whether the pass is one with its gradients: on JAX these are traced in any case.
    """
    if getattr(model, "run_eagerly", False) or not (pays(model) or gradients and backend.name() == "jax"):
        return None
    used, loss = objective.of(model), getattr(model, "_compile_loss", None)
    settings = None if used.loss_fn is None else settings_of(model, used.loss_fn)
    if used.loss_fn is not None and settings is None:
        return None
    # A loss may hold its model: it is not kept alive here.
    of_loss = None if loss is None else weakref.ref(loss)
    return used.loss_fn, used.in_shape, of_loss, [id(v) for v in model.trainable_variables], settings


def settings_of(model: Any, loss_fn: Any) -> str | None:
    """All settings of a model and a loss that Keras's own code alone makes up; None where there is other code."""
    import keras

    if not isinstance(loss_fn, keras.losses.Loss):
        return None
    parts = [model, *model._flatten_layers(), loss_fn, *filter(None, [getattr(loss_fn, "fn", None)])]
    if not all(str(getattr(part, "__module__", "")).startswith("keras.") for part in parts):
        return None
    with suppress(Exception):  # a layer with a function of the user's, say
        return str((model.get_config(), loss_fn.get_config()))
    return None
