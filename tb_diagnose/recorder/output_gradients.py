"""How hard each of several outputs pulls at the weights that they share."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.recorder import backend, compiled, forward, measure, probe
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.output_losses import OutputLosses

Gradients = list[list[np.ndarray | None]]
"""Of the loss of each output, that of each trainable value; None where no gradient flows."""


class SharedGradients:
    """Norm of the gradient of each output's weighted loss, with respect to the weights that outputs share.

    A step sees the gradient of a batch, which does not vanish where that of all samples does: the norms are root mean
    squares over parts of the samples.

    Args:
        model: A built and compiled Keras model.
        losses: Its losses.
        outputs: Outputs that it has; those without a loss are reached by no gradient.
    """

    def __init__(self, model: Any, losses: OutputLosses, outputs: int) -> None:
        of, self._weights = weakref.ref(model), losses.weights
        self._have_losses = len(losses.weights) == outputs

        def weighted(trainable: list[Any], given: Any) -> tuple[list[Any], None]:
            import keras

            output, _, _ = forward.stateless(of(), trainable, given["other"], given["x"], training=True)
            with keras.StatelessScope():  # the losses keep a mean of what they gave
                parts = losses.parts(given["y"], output, given["sample_weight"])
            return [part.loss * weight for part, weight in zip(parts, losses.weights, strict=True)], None

        is_compiled = compiled.holds_for(model, gradients=True) is not None
        self._differentiated = backend.differentiated(weighted, is_compiled)

    def series(self, model: Any, samples: Data, shown: list[tuple[str, Any]]) -> probe.Series:
        """The norms as the model is now, and what all outputs together pull at each layer.

        Args:
            model: The model.
            samples: The probe batch.
            shown: Names and layers of the layer table.

        Returns:
            `output_gradient_norm`, shape `(output,)`, 0 where outputs share no weights, and, where each output has a
            loss, the series of `probe.by_layer`; empty on a backend without gradients.
        """
        if self._differentiated is None:
            return {}
        squares: Any = 0
        whole: list[np.ndarray | None] = [None] * len(model.trainable_variables)
        idle: set[int] = set()
        for part in forward.parts(samples, model):
            share = part.sample_count / samples.sample_count
            by_output = self._by_output(self._differentiated, model, part)
            squares = squares + share * _shared_squares(by_output)
            idle = _idle(by_output, self._weights)
            for gradients in by_output:
                probe.add_gradients(whole, gradients, share)
        of_layers = probe.by_layer(model, whole, shown, idle) if self._have_losses else {}
        return {"output_gradient_norm": np.asarray(np.sqrt(squares)), **of_layers}

    def _by_output(self, differentiated: backend.Differentiated, model: Any, samples: Data) -> Gradients:
        """Gradients of the loss of each output, of each trainable value, on one part."""
        trainable, other = forward.variables(model)
        given = {
            "other": other,
            "x": forward.model_input(samples.x),
            "y": samples.several,
            "sample_weight": samples.several_weights,
        }
        with backend.modules_kept(model):
            return differentiated(trainable, given).gradients


def _idle(by_output: Gradients, weights: Sequence[float]) -> set[int]:
    """Places of the values that are reached by outputs alone whose loss has a weight of 0."""
    reached, counted = set(), set()
    for gradients, weight in zip(by_output, weights, strict=True):
        places = {place for place, gradient in enumerate(gradients) if gradient is not None}
        reached |= places
        counted |= places if weight else set()
    return reached - counted


def _shared_squares(by_output: Gradients) -> np.ndarray:
    """Squared norms of the gradients of what outputs share, shape `(output,)`."""
    connected = np.array([[gradient is not None for gradient in gradients] for gradients in by_output])
    shared = connected.sum(axis=0) > 1
    return np.array(
        [
            sum(measure.squared_norm(g) for g, both in zip(gradients, shared, strict=True) if both and g is not None)
            for gradients in by_output
        ]
    )
