"""Gradients on TensorFlow: compiled where a pass is worth it, eagerly otherwise."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tb_diagnose.recorder.backend import Function, Pass
from tb_diagnose.recorder.compiled import Compiled
from tb_diagnose.recorder.forward import to_numpy


class Differentiated:
    """A function with its gradients.

    Args:
        function: The function.
        compiled: Whether it is traced once, and run as a graph.
    """

    def __init__(self, function: Function, compiled: bool) -> None:
        self._function = function
        self._run = Compiled(self._whole) if compiled else self._whole

    def __call__(self, trainable: list[Any], given: Any) -> Pass:
        """Runs it once."""
        losses, besides, gradients = self._run(trainable, given)
        found = [[None if g is None else to_numpy(g) for g in of_loss] for of_loss in gradients]
        return Pass([float(loss) for loss in losses], besides, found)

    def _whole(self, trainable: list[Any], given: Any) -> Any:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(trainable)
            losses, besides = self._function(trainable, given)
        # The gradient of an Embedding comes as the rows that were used.
        gradients = [
            [None if g is None else tf.convert_to_tensor(g) for g in tape.gradient(loss, trainable)] for loss in losses
        ]
        return losses, besides, gradients
