"""Gradients on TensorFlow, taken eagerly: a graph would cost more to trace than these few passes take."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tb_diagnose.recorder.backend import Function, Pass
from tb_diagnose.recorder.forward import to_numpy


def run(function: Function, trainable: list[Any], given: Any) -> Pass:
    """Runs a function once, with its gradients."""
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(trainable)
        losses, besides = function(trainable, given)
    # The gradient of an Embedding comes as the rows that were used.
    gradients = [
        [None if g is None else to_numpy(tf.convert_to_tensor(g)) for g in tape.gradient(loss, trainable)]
        for loss in losses
    ]
    return Pass([float(loss) for loss in losses], besides, gradients)
