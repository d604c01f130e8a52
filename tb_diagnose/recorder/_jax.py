"""Gradients on JAX: compiled once for each shape of the samples, as a step of the training is."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from tb_diagnose.recorder.backend import Function, Pass
from tb_diagnose.recorder.forward import to_numpy


class Differentiated:
    """A function with its gradients.

    Args:
        function: The function.
        compiled: False for code that needs values, as in a model compiled with `run_eagerly=True`.
    """

    def __init__(self, function: Function, compiled: bool) -> None:
        self._function = function
        self._compiled = compiled
        self._of_shapes: dict[Any, tuple[Any, list[list[bool]] | None]] = {}

    def __call__(self, trainable: list[Any], given: Any) -> Pass:
        """Runs it once."""
        trainable, given = jax.tree.map(jax.numpy.asarray, (trainable, given))
        run, connected = self._made(trainable, given)
        losses, besides, gradients = run(trainable, given)
        found: list[list[np.ndarray | None]] = [[to_numpy(gradient) for gradient in of_loss] for of_loss in gradients]
        if connected is not None:
            found = [
                [g if flows or np.any(g) else None for g, flows in zip(of_loss, row, strict=True)]
                for of_loss, row in zip(found, connected, strict=True)
            ]
        return Pass([float(loss) for loss in losses], besides, found)

    def _made(self, trainable: list[Any], given: Any) -> tuple[Any, list[list[bool]] | None]:
        """What to run, and from which values to which losses a gradient flows; None where that is not known."""
        if not self._compiled:
            return self._whole, None
        leaves, structure = jax.tree.flatten((trainable, given))
        key = structure, tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)
        if key not in self._of_shapes:
            run = jax.jit(self._whole)
            traced = run.trace(trainable, given)
            results = jax.tree.structure(traced.out_info)
            _, _, gradients = jax.tree.unflatten(results, _depends(traced.jaxpr.jaxpr))
            self._of_shapes[key] = run, gradients
        return self._of_shapes[key]

    def _whole(self, trainable: list[Any], given: Any) -> Any:
        losses, besides = self._function(trainable, given)

        def loss_of(values: list[Any], index: int) -> Any:
            return self._function(values, given)[0][index]

        return losses, besides, [jax.grad(loss_of)(trainable, index) for index in range(len(losses))]


def _depends(jaxpr: Any) -> list[bool]:
    """Of each result whether it depends on any argument: a gradient that does not, and is 0, does not flow."""
    known = set(map(id, jaxpr.invars))
    for equation in jaxpr.eqns:
        if any(id(variable) in known for variable in equation.invars):
            known.update(map(id, equation.outvars))
    return [id(variable) in known for variable in jaxpr.outvars]
