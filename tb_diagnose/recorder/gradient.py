"""Gradients of the training loss on some rows: the one place that differs between Keras's backends."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.forward import mode, model_input, to_numpy, variables


def gradients(model: Any, rows: Data) -> list[np.ndarray | None] | None:
    """Gradient of the training loss for each trainable variable, in training mode.

    Args:
        model: A built and compiled Keras model.
        rows: Rows of the probe batch.

    Returns:
        One array a trainable variable, None where no gradient flows; or None on a backend
        for which nobody has written this function yet.
    """
    import keras

    backend = {"tensorflow": _tensorflow}.get(keras.backend.backend())
    return None if backend is None else backend(model, rows)


def _tensorflow(model: Any, rows: Data) -> list[np.ndarray | None]:
    import tensorflow as tf

    trainable, other = variables(model)
    metrics = [tf.convert_to_tensor(v.value) for v in model.metrics_variables]
    y = rows.y.astype(np.float32) if rows.y.dtype == np.float64 else rows.y
    with tf.GradientTape() as tape:
        tape.watch(trainable)
        output, other = model.stateless_call(trainable, other, model_input(rows.x), **mode(model, True))
        loss, _ = model.stateless_compute_loss(
            trainable, other, metrics, x=None, y=y, y_pred=output, sample_weight=rows.sample_weight, training=True
        )
    found = tape.gradient(loss, trainable)
    return [None if g is None else to_numpy(tf.convert_to_tensor(g)) for g in found]
