"""How hard each of several outputs pulls at the weights that they share."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.recorder import forward
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.output_losses import OutputLosses


def shared_gradient_norms(model: Any, samples: Data, losses: OutputLosses) -> np.ndarray | None:
    """Norm of the gradient of each output's weighted loss, with respect to the weights that outputs share.

    A step sees the gradient of a batch, which does not vanish where that of all samples does: the norms are root mean
    squares over parts of the samples.

    Args:
        model: A built and compiled Keras model.
        samples: The probe batch.
        losses: Its losses.

    Returns:
        Shape `(output,)`, 0 where outputs share no weights; None on a backend for which nobody has written it yet.
    """
    import keras

    backend = {"tensorflow": _tensorflow}.get(keras.backend.backend())
    if backend is None:
        return None
    squares = np.zeros(len(losses.names))
    for part in forward.parts(samples):
        squares += part.sample_count / samples.sample_count * backend(model, part, losses)
    return np.asarray(np.sqrt(squares))


def _tensorflow(model: Any, samples: Data, losses: OutputLosses) -> np.ndarray:
    """Squared norms of the gradients of one part, shape `(output,)`."""
    import tensorflow as tf

    trainable, other = forward.variables(model)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(trainable)
        output, _ = model.stateless_call(trainable, other, forward.model_input(samples.x), **forward.mode(model, True))
        parts = losses.parts(samples.several, output, samples.several_weights)
        values = [part.loss * weight for part, weight in zip(parts, losses.weights, strict=True)]
    by_output = [tape.gradient(value, trainable) for value in values]
    connected = np.array([[gradient is not None for gradient in gradients] for gradients in by_output])
    shared = connected.sum(axis=0) > 1
    return np.array(
        [sum(_square(g) for g, both in zip(gradients, shared, strict=True) if both) for gradients in by_output]
    )


def _square(gradient: Any) -> float:
    """Squared norm; 0 where no gradient flows."""
    import tensorflow as tf

    if gradient is None:
        return 0.0
    return float(tf.reduce_sum(tf.square(tf.cast(tf.convert_to_tensor(gradient), tf.float64))))
