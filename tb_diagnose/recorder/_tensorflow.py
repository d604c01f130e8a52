"""Gradients on TensorFlow, taken eagerly: a graph would cost more to trace than these few passes take."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from tb_diagnose.recorder.backend import Function, Pass


class Differentiated:
    """A function with its gradients.

    Args:
        function: The function.
        compiled: Makes no difference here.
    """

    def __init__(self, function: Function, compiled: bool) -> None:
        self._function = function

    def __call__(self, trainable: list[Any], given: Any) -> Pass:
        """Runs it once."""
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(trainable)
            losses, besides = self._function(trainable, given)
        gradients = [[_array(g) for g in tape.gradient(loss, trainable)] for loss in losses]
        return Pass([float(loss) for loss in losses], besides, gradients)


def _array(gradient: Any) -> np.ndarray | None:
    """That of an Embedding comes as the rows that were used."""
    if gradient is None:
        return None
    return np.asarray(tf.convert_to_tensor(gradient))
