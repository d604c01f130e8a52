"""Something between a layer and the loss lets no gradient through.

argmax, round, sign, comparisons, casts to integers, numpy calls and `stop_gradient` inside a model have no gradient, or
one of exactly zero. All layers in front of them stay as they were drawn, while those behind learn what they can from
random features. Where the cut is at the output, nothing learns.

Not this: layers frozen on purpose, which ask for no gradient; dead relu units and saturated ones, whose gradient is
zero because of their values; gradients that fade and are small, not zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Finding, Try, cause
from tb_diagnose.causes._cut_gradients import by_gradients, gradients
from tb_diagnose.causes._cut_histograms import by_histograms
from tb_diagnose.causes._tries import without_custom

IN_PROGRAM = "What cuts the gradient off is no layer that a copy could leave out: it is in the program's own code."


@cause(
    title="Gradient cut off",
    family="configuration",
    fix="Take argmax, round, casts and numpy calls out of the model: they belong behind `predict`.",
    brings_about=("vanishing_gradients", "constant_prediction"),
    looks_like=("too_few_epochs", "learning_rate_too_low", "optimizer_unsuited"),
    sets_ceiling=True,
    sources=("https://www.tensorflow.org/guide/autodiff#getting_a_gradient_of_none",),
    either=("gradient_norm", "kernel_unmoved"),
)
def disconnected_gradient(
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    gradient_norm: np.ndarray | None = None,
    disconnected_fraction: np.ndarray | None = None,
    activation_std: np.ndarray | None = None,
    dead_fraction: np.ndarray | None = None,
    saturated_fraction: np.ndarray | None = None,
    initial_weights: list[dict[str, Any] | None] | None = None,
    kernel_unmoved: np.ndarray | None = None,
    bias_unmoved: np.ndarray | None = None,
    operations: Sequence[str] = (),
    model: dict[str, Any] | None = None,
) -> Answer:
    if gradient_norm is None:
        answer = by_histograms(kernel_unmoved, bias_unmoved, layers, epochs, operations)
    else:
        gates = (dead_fraction, saturated_fraction)
        given = gradients(gradient_norm, layers, disconnected_fraction, activation_std, gates, initial_weights or [])
        answer = by_gradients(given, layers, epochs)
    if isinstance(answer, Finding):
        return replace(answer, attempt=without_custom(model, layers) or Try(untold=IN_PROGRAM))
    return answer
