"""Gradients of the training loss on some samples, in training mode."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.recorder import backend, compiled, objective
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.forward import as_fit, data_loss, model_input, stateless, variables

ROUNDING = 1e-5
"""Share of a loss that two ways of adding it up in float32 may differ by."""
_MADE: weakref.WeakKeyDictionary[Any, tuple[Any, backend.Differentiated | None]] = weakref.WeakKeyDictionary()
"""Of each model what its gradients were made for, and what gives them: a backend may have compiled it."""


@dataclass(frozen=True)
class Taken:
    """One pass in training mode.

    Args:
        gradients: One array a trainable variable, None where no gradient flows.
        data_loss: The loss of the samples.
        penalty: The model's own losses on top of it, NaN where nobody knows whether they count.
        output: What the model gives for the samples.
        other: The variables that are not trained, as the pass would leave them.
    """

    gradients: list[np.ndarray | None]
    data_loss: float
    penalty: float
    output: Any
    other: list[Any]


def gradients(model: Any, samples: Data) -> Taken | None:
    """Gradient of the training loss for each trainable variable, in training mode.

    Args:
        model: A built and compiled Keras model.
        samples: Samples of the probe batch.

    Returns:
        The gradients and the loss that they are of; None where no loss is known, and on a backend without gradients.
    """
    differentiated = _made(model) if objective.has_loss(model) else None
    if differentiated is None:
        return None
    trainable, other = variables(model)
    given = {
        "other": other,
        "metrics": [v.value for v in model.metrics_variables],
        "x": model_input(samples.x),
        "y": as_fit(samples.y),
        "sample_weight": samples.sample_weight,
    }
    with backend.modules_kept(model):
        found = differentiated(trainable, given)
    output, after = found.besides
    (loss,), (by_variable,) = found.losses, found.gradients
    if objective.of(model).loss_fn is not None:
        # Whether the loop adds the model's own losses is not known.
        return Taken(by_variable, loss, float("nan"), output, after)
    without = data_loss(model, samples.y, output, samples.sample_weight)
    return Taken(by_variable, without, _beyond(loss, without), output, after)


def _made(model: Any) -> backend.Differentiated | None:
    made_for = compiled.holds_for(model, gradients=True)
    if model not in _MADE or _MADE[model][0] != made_for:
        _MADE[model] = made_for, backend.differentiated(_training_loss(weakref.ref(model)), made_for is not None)
    return _MADE[model][1]


def _training_loss(of: weakref.ref[Any]) -> backend.Function:
    """The loss that a training lowers, of a model that it does not keep alive."""

    def training_loss(trainable: list[Any], given: Any) -> tuple[list[Any], Any]:
        import keras

        model: Any = of()
        y, used = given["y"], objective.of(model)
        output, other, losses = stateless(model, trainable, given["other"], given["x"], training=True)
        if used.loss_fn is not None:
            loss = objective.loss_of(used.loss_fn, keras.ops.convert_to_tensor(y), output, used.in_shape)
            return [loss], (output, other)
        with _own_losses(model, losses):
            loss, _ = model.stateless_compute_loss(
                trainable,
                other,
                given["metrics"],
                x=None,
                y=y,
                y_pred=output,
                sample_weight=given["sample_weight"],
                training=True,
            )
        return [loss], (output, other)

    return training_loss


@contextmanager
def _own_losses(model: Any, losses: list[Any]) -> Iterator[None]:
    """Within it, the model's own losses are those of a pass; Keras would look for them in the layers."""
    before = model.__dict__.get("_losses_override")
    model.__dict__["_losses_override"] = losses
    try:
        yield
    finally:
        model.__dict__["_losses_override"] = before


def _beyond(loss: float, data_loss: float) -> float:
    """What the loss holds beyond that of the samples; 0 where the difference is only rounding."""
    difference = loss - data_loss
    return 0.0 if abs(difference) <= ROUNDING * max(abs(loss), 1.0) else difference
