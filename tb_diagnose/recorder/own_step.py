"""A custom `train_step`: what it does is seen while Keras builds it, not taken from what was compiled.

The first step of a `fit` is traced (TensorFlow, JAX) or run (PyTorch, `run_eagerly`). While that lasts, the calls of
the model and of the compiled loss are noted; nothing is called once more, and nothing is changed.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any

from tb_diagnose.recorder.step_graph import Read, crosses, reads

_SEEN: weakref.WeakKeyDictionary[Any, dict[str, Any]] = weakref.WeakKeyDictionary()
"""What was seen of a model's step: a second `fit` does not trace it again."""


def is_own(model: Any) -> bool:
    """Whether the model's step is not Keras's."""
    return bool(getattr(type(model), "train_step", None) != _keras_step())


def _keras_step() -> Any:
    import keras

    return getattr(keras.Model, "train_step", None)


class StepWatch:
    """Watches the first step of a model.

    Args:
        model: A compiled Keras model.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._shadowed: list[tuple[Any, str]] = []
        self._called = self._compiled_loss_called = False
        self._graphs: list[Any] = []
        self._outputs: list[tuple[str, Any]] = []

    def begin(self) -> None:
        """To be called before the first step."""
        model = self._model
        self._shadow(model, "call", functools.partial(self._note_call, None))
        if is_own(model):
            for part in model.layers:  # the step may call these, and never the model
                self._shadow(part, "call", functools.partial(self._note_call, part.name))
            self._shadow(model, "compute_loss", self._note_loss)
            for loss in (getattr(model, "_compile_loss", None), model.loss):
                if hasattr(loss, "call"):
                    self._shadow(loss, "call", self._note_loss)

    def end(self) -> dict[str, Any]:
        """To be called after the first step.

        Returns:
            The fact `training_step`.
        """
        for owner, name in reversed(self._shadowed):
            owner.__dict__.pop(name, None)
        self._shadowed.clear()
        model, graphs, outputs = self._model, self._graphs, self._outputs
        self._graphs, self._outputs = [], []
        if not self._called:
            return dict(_SEEN.get(model, {"kind": "train_step" if is_own(model) else "fit"}))
        fact: dict[str, Any] = {"kind": "train_step" if is_own(model) else "fit"}
        if is_own(model):
            fact["uses_compiled_loss"] = self._compiled_loss_called
            fact["broadcasts"] = any(crosses(graph) for graph in graphs) if graphs else None
        found = [read for graph in graphs for read in reads(graph)]
        if found:
            fact |= _told(found, outputs)
        _SEEN[model] = fact
        return dict(fact)

    def _shadow(self, owner: Any, name: str, note: Any) -> None:
        # What the user put on the instance stays as it is.
        if name not in owner.__dict__:
            owner.__dict__[name] = _noting(getattr(owner, name), note)
            self._shadowed.append((owner, name))

    def _note_call(self, layer: str | None, output: Any) -> None:
        self._called = True
        first = output
        while isinstance(first, (list, tuple, dict)) and first:
            first = next(iter(first.values())) if isinstance(first, dict) else first[0]
        # Only a symbolic tensor of TensorFlow has one.
        graph = None if hasattr(first, "numpy") else getattr(first, "graph", None)
        if not hasattr(graph, "get_operations"):
            return
        if all(graph is not other for other in self._graphs):
            self._graphs.append(graph)
        if layer is not None:
            self._outputs.append((layer, first))

    def _note_loss(self, _: Any) -> None:
        self._compiled_loss_called = True


def _noting(function: Any, note: Any) -> Any:
    @functools.wraps(function)
    def noted(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        note(result)
        return result

    return noted


def _told(found: list[Read], outputs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What the fact says of the cross-entropies: of one that takes an activation's outputs, where there is one."""
    read = next((read for read in found if read.activation), found[0])
    layer = next((name for name, output in outputs if output is read.logits), None)
    return {"loss": read.loss, "reads": read.activation, "layer": layer}
