"""Gradients of the training loss on some samples: the one place that differs between Keras's backends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.recorder import objective
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.forward import (
    as_fit,
    data_loss,
    mode,
    model_input,
    to_numpy,
    variables,
)

ROUNDING = 1e-5
"""Share of a loss that two ways of adding it up in float32 may differ by."""


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
        The gradients and the loss that they are of; None where no loss is known, and on a backend for which nobody has
        written this function yet.
    """
    import keras

    if not objective.has_loss(model):
        return None
    backend = {"tensorflow": _tensorflow}.get(keras.backend.backend())
    return None if backend is None else backend(model, samples)


def _tensorflow(model: Any, samples: Data) -> Taken:
    import tensorflow as tf

    trainable, other = variables(model)
    used = objective.of(model)
    if used.loss_fn is not None:
        with tf.GradientTape() as tape:
            tape.watch(trainable)
            output, other = model.stateless_call(trainable, other, model_input(samples.x), **mode(model, True))
            loss = objective.loss_of(used.loss_fn, tf.convert_to_tensor(as_fit(samples.y)), output, used.in_shape)
        # Whether the loop adds the model's own losses is not known.
        return Taken(_arrays(tape.gradient(loss, trainable)), float(loss), float("nan"), output, other)
    metrics = [tf.convert_to_tensor(v.value) for v in model.metrics_variables]
    y = samples.y.astype(np.float32) if samples.y.dtype == np.float64 else samples.y
    with tf.GradientTape() as tape:
        tape.watch(trainable)
        output, other = model.stateless_call(trainable, other, model_input(samples.x), **mode(model, True))
        loss, _ = model.stateless_compute_loss(
            trainable, other, metrics, x=None, y=y, y_pred=output, sample_weight=samples.sample_weight, training=True
        )
    by_variable = tape.gradient(loss, trainable)
    without = data_loss(model, samples.y, output, samples.sample_weight)
    return Taken(_arrays(by_variable), without, _beyond(float(loss), without), output, other)


def _arrays(by_variable: list[Any]) -> list[np.ndarray | None]:
    import tensorflow as tf

    return [None if g is None else to_numpy(tf.convert_to_tensor(g)) for g in by_variable]


def _beyond(loss: float, data_loss: float) -> float:
    """What the loss holds beyond that of the samples; 0 where the difference is only rounding."""
    difference = loss - data_loss
    return 0.0 if abs(difference) <= ROUNDING * max(abs(loss), 1.0) else difference
