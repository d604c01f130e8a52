"""What a training really lowers, and the optimizer that does it.

Of a `fit` that is what was compiled. In a custom loop both belong to the loop: `log` is told of them, and what
was compiled, if anything was, is not used.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tb_diagnose.evidence import keras_config
from tb_diagnose.recorder import torch_optimizer

LossFunction = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Objective:
    """What a loop uses.

    Args:
        loss_fn: `loss_fn(y_true, y_pred)`, None where that is the compiled loss, if there is one.
        optimizer: A Keras or torch optimizer, None where that is the compiled one, if there is one.
        in_shape: Whether labels are to be given to it in the shape of the outputs: by itself it compares each output
            with each label, and nothing that is measured with that tells how far the run has come.
    """

    loss_fn: LossFunction | None = None
    optimizer: Any = None
    in_shape: bool = False


COMPILED = Objective()
_OF_LOOPS: weakref.WeakKeyDictionary[Any, Objective] = weakref.WeakKeyDictionary()


def use(model: Any, objective: Objective) -> None:
    """Says what a loop trains a model with, from now on."""
    _OF_LOOPS[model] = objective


def of(model: Any) -> Objective:
    """What a model is trained with."""
    return _OF_LOOPS.get(model, COMPILED)


def optimizer_of(model: Any) -> Any:
    """The optimizer that moves the weights of a model; None where none is known."""
    own = of(model).optimizer
    return getattr(model, "optimizer", None) if own is None else own


def has_loss(model: Any) -> bool:
    """Whether a loss of the answers is known: a model may be compiled without one, for a custom step."""
    return of(model).loss_fn is not None or is_compiled_with_loss(model)


def is_compiled_with_loss(model: Any) -> bool:
    """Whether there is a compiled loss."""
    compiled = getattr(model, "compiled", False)
    losses = (getattr(model, name, None) for name in ("loss", "_compile_loss"))
    return bool(compiled) and any(loss is not None for loss in losses)


def loss_of(loss_fn: LossFunction, y: Any, output: Any, in_shape: bool = False) -> Any:
    """The loss that a loop's function gives, as one tensor: a mean where it gives one for each sample."""
    import keras

    y = keras.ops.reshape(y, output.shape) if in_shape else y
    value = keras.ops.convert_to_tensor(loss_fn(y, output))
    return keras.ops.mean(value) if len(value.shape) else value


def facts(model: Any) -> dict[str, Any]:
    """The facts `loss_function` and `optimizer` of a loop, as far as it was told of them."""
    import keras

    objective = of(model)
    found: dict[str, dict[str, Any] | None] = {}
    if objective.loss_fn is not None:
        found["loss_function"] = _loss_fact(objective.loss_fn)
    if torch_optimizer.is_one(objective.optimizer):
        found["optimizer"] = torch_optimizer.fact(objective.optimizer)
    elif objective.optimizer is not None:
        serialized = keras.saving.serialize_keras_object(objective.optimizer)
        found["optimizer"] = keras_config.optimizer({"optimizer": serialized})
    return {name: value for name, value in found.items() if value is not None}


def _loss_fact(loss_fn: LossFunction) -> dict[str, Any]:
    """The fact `loss_function` of one of Keras's losses, or of a function of the user's."""
    import keras

    if isinstance(loss_fn, keras.losses.Loss):
        known = keras_config.loss_function({"loss": keras.saving.serialize_keras_object(loss_fn)})
        if known is not None:
            return known
    name = getattr(loss_fn, "__name__", type(loss_fn).__name__)
    ours = str(getattr(loss_fn, "__module__", "")).split(".")[0] == "keras"
    known = keras_config.loss_function({"loss": name}) if ours else None
    # A function of the user's may be called like one of Keras's and do something else.
    return known or {"name": name, "from_logits": False, "custom": True}
