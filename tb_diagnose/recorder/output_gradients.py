"""How hard each of several outputs pulls at the weights that they share."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from tb_diagnose.recorder import backend, compiled, forward, measure
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.output_losses import OutputLosses


class SharedGradients:
    """Norm of the gradient of each output's weighted loss, with respect to the weights that outputs share.

    A step sees the gradient of a batch, which does not vanish where that of all samples does: the norms are root mean
    squares over parts of the samples.

    Args:
        model: A built and compiled Keras model.
        losses: Its losses.
    """

    def __init__(self, model: Any, losses: OutputLosses) -> None:
        of = weakref.ref(model)

        def weighted(trainable: list[Any], given: Any) -> tuple[list[Any], None]:
            import keras

            output, _, _ = forward.stateless(of(), trainable, given["other"], given["x"], training=True)
            with keras.StatelessScope():  # the losses keep a mean of what they gave
                parts = losses.parts(given["y"], output, given["sample_weight"])
            return [part.loss * weight for part, weight in zip(parts, losses.weights, strict=True)], None

        is_compiled = compiled.holds_for(model, gradients=True) is not None
        self._differentiated = backend.differentiated(weighted, is_compiled)

    def norms(self, model: Any, samples: Data) -> np.ndarray | None:
        """The norms as the model is now.

        Args:
            model: The model.
            samples: The probe batch.

        Returns:
            Shape `(output,)`, 0 where outputs share no weights; None on a backend without gradients.
        """
        if self._differentiated is None:
            return None
        squares: Any = 0
        for part in forward.parts(samples, model):
            squares = squares + part.sample_count / samples.sample_count * self._squares(
                self._differentiated, model, part
            )
        return np.asarray(np.sqrt(squares))

    def _squares(self, differentiated: backend.Differentiated, model: Any, samples: Data) -> np.ndarray:
        """Squared norms of the gradients of one part, shape `(output,)`."""
        trainable, other = forward.variables(model)
        given = {
            "other": other,
            "x": forward.model_input(samples.x),
            "y": samples.several,
            "sample_weight": samples.several_weights,
        }
        with backend.modules_kept(model):
            by_output = differentiated(trainable, given).gradients
        connected = np.array([[gradient is not None for gradient in gradients] for gradients in by_output])
        shared = connected.sum(axis=0) > 1
        return np.array(
            [
                sum(
                    measure.squared_norm(g) for g, both in zip(gradients, shared, strict=True) if both and g is not None
                )
                for gradients in by_output
            ]
        )
