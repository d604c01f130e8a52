"""A custom `train_step`: what it does is seen while Keras builds it, not taken from what was compiled.

The first step of a `fit` is traced (TensorFlow, JAX) or run (PyTorch, `run_eagerly`). While that lasts, the calls of
the model and of the compiled loss are noted, and what gradients are taken of; nothing is called once more, and nothing
is changed.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from tb_diagnose.recorder import backend, step_graph, step_graph_jax, step_graph_torch
from tb_diagnose.recorder.guard import Guard
from tb_diagnose.recorder.step_graph import Read

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
        guarded: What errors in watching become.
    """

    def __init__(self, model: Any, guarded: Guard) -> None:
        self._model = model
        self._guarded = guarded
        self._ends: list[Callable[[], object]] = []
        self._called = self._compiled_loss_called = False
        self._graphs: list[Any] = []
        self._reads: list[Read] = []
        self._outputs: list[tuple[str, Any]] = []
        self._crosses: bool | None = None
        self._crossings: list[Any] = []

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
            if backend.name() == "torch" and not getattr(model, "jit_compile", False):
                self._shadow_torch_step()
        if backend.name() == "torch":
            self._ends.append(step_graph_torch.watch(self._noted(self._note_torch_losses)))
        elif backend.name() == "jax":
            for optimizer in [part for part in vars(model).values() if hasattr(part, "stateless_apply")]:
                self._shadow(optimizer, "stateless_apply", self._note_jax_gradients, with_arguments=True)

    def end(self) -> dict[str, Any]:
        """To be called after the first step.

        Returns:
            The fact `training_step`.
        """
        for then in reversed(self._ends):
            then()
        self._ends.clear()
        model, graphs, outputs, found = self._model, self._graphs, self._outputs, self._reads
        self._graphs, self._outputs, self._reads, self._crossings = [], [], [], []
        if not self._called:
            return dict(_SEEN.get(model, {"kind": "train_step" if is_own(model) else "fit"}))
        fact: dict[str, Any] = {"kind": "train_step" if is_own(model) else "fit"}
        if is_own(model):
            fact["uses_compiled_loss"] = self._compiled_loss_called
            fact["broadcasts"] = any(step_graph.crosses(graph) for graph in graphs) if graphs else self._crosses
        found += [read for graph in graphs for read in step_graph.reads(graph)]
        if found:
            fact |= _told(found, outputs)
        _SEEN[model] = fact
        return dict(fact)

    def _shadow(self, owner: Any, name: str, note: Callable[..., None], with_arguments: bool = False) -> None:
        # What the user put on the instance stays as it is.
        if name in owner.__dict__:
            return
        function, note = getattr(owner, name), self._noted(note)

        @functools.wraps(function)
        def noted(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if with_arguments:
                note(*args, **kwargs)
            else:
                note(result)
            return result

        owner.__dict__[name] = noted
        self._ends.append(lambda: owner.__dict__.pop(name, None))

    def _shadow_torch_step(self) -> None:
        """Runs the step within a context that sees which tensors it sets beside one another."""
        model = self._model
        if "train_step" in model.__dict__:
            return
        step = model.train_step

        @functools.wraps(step)
        def seen(*args: Any, **kwargs: Any) -> Any:
            context: Any = nullcontext()
            with self._guarded("watching the first step"):
                context, self._crossings = step_graph_torch.crossings([*args, *kwargs.values()])
            with context:
                return step(*args, **kwargs)

        model.__dict__["train_step"] = seen
        self._ends.append(lambda: model.__dict__.pop("train_step", None))

    def _noted(self, note: Callable[..., None]) -> Callable[..., None]:
        """A function that the step calls, and that never ends it."""

        def guarded(*args: Any, **kwargs: Any) -> None:
            with self._guarded("watching the first step"):
                note(*args, **kwargs)

        return guarded

    def _note_call(self, layer: str | None, output: Any) -> None:
        self._called = True
        first = output
        while isinstance(first, (list, tuple, dict)) and first:
            first = next(iter(first.values())) if isinstance(first, dict) else first[0]
        if layer is not None:
            self._outputs.append((layer, first))
        # Only a symbolic tensor of TensorFlow has one.
        graph = None if hasattr(first, "numpy") else getattr(first, "graph", None)
        if hasattr(graph, "get_operations") and all(graph is not other for other in self._graphs):
            self._graphs.append(graph)

    def _note_loss(self, _: Any) -> None:
        self._compiled_loss_called = True

    def _note_torch_losses(self, losses: Any) -> None:
        self._reads += step_graph_torch.reads(losses)
        self._crosses = bool(self._crosses) or step_graph_torch.are_behind(self._crossings, losses)

    def _note_jax_gradients(self, optimizer_variables: Any, grads: Any, *_: Any, **__: Any) -> None:
        self._reads += step_graph_jax.reads(grads)
        self._crosses = bool(self._crosses) or step_graph_jax.crosses(grads)


def _told(found: list[Read], outputs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What the fact says of the cross-entropies: of one that takes an activation's outputs, where there is one."""
    read = next((read for read in found if read.activation), found[0])
    layer = next((name for name, output in outputs if _gave(output, read.logits)), None)
    return {"loss": read.loss, "reads": read.activation, "layer": layer}


def _gave(output: Any, logits: Any) -> bool:
    """Whether the output of a layer is what a cross-entropy takes."""
    return any(each is logits for each in (output, step_graph_jax.plain(output), getattr(output, "grad_fn", None)))
