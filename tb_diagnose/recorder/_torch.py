"""Gradients on PyTorch: what the parameters have gathered themselves is not touched."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tb_diagnose.recorder.backend import Function, Pass
from tb_diagnose.recorder.forward import to_numpy


class Differentiated:
    """A function with its gradients.

    Args:
        function: The function.
        compiled: Makes no difference: nothing is compiled here.
    """

    def __init__(self, function: Function, compiled: bool) -> None:
        self._function = function

    def __call__(self, trainable: list[Any], given: Any) -> Pass:
        """Runs it once."""
        # A torch module inside the model uses its own parameters, whatever a stateless call is given.
        leaves = [
            value if value.requires_grad or not value.is_floating_point() else value.detach().requires_grad_()
            for value in trainable
        ]
        with torch.enable_grad():
            losses, besides = self._function(leaves, given)
        gradients = [_gradients(loss, leaves) for loss in losses]
        return Pass([float(loss.detach()) for loss in losses], besides, gradients)


def _gradients(loss: Any, leaves: list[Any]) -> list[np.ndarray | None]:
    places = [place for place, leaf in enumerate(leaves) if leaf.requires_grad]
    found: list[np.ndarray | None] = [None] * len(leaves)
    if not loss.requires_grad or not places:
        return found
    taken = torch.autograd.grad(loss, [leaves[place] for place in places], retain_graph=True, allow_unused=True)
    for place, gradient in zip(places, taken, strict=True):
        found[place] = None if gradient is None else to_numpy(gradient.to_dense() if gradient.is_sparse else gradient)
    return found
