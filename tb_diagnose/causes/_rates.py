"""Learning rates at which optimizers are usually begun."""

from __future__ import annotations

USUAL_RATE = {"sgd": 0.01, "lion": 1e-4}
"""Rates at which the optimizers are usually begun: Keras's defaults, and a tenth of that for Lion, whose every step has
full length (Chen et al., 2023). Where Keras's own default is too small for the optimizer, it is the optimizer that is
unsuited."""
USUAL_RATE_OF_OTHERS = 1e-3
GOOD_RATE = {"adadelta": 1.0, "adagrad": 0.01, "ftrl": 0.01}
"""Rates at which optimizers move that hardly do so at Keras's default: 1 for Adadelta (Zeiler, 2012), 0.01 for Adagrad
and Ftrl, PyTorch's default for the former."""


def usual_rate(optimizer: str) -> float:
    """The rate at which an optimizer is usually begun."""
    return USUAL_RATE.get(optimizer, USUAL_RATE_OF_OTHERS)
