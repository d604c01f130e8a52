"""Gradients clipped to a small share of their length."""

from dataclasses import replace

import numpy as np

from demo.arrays import LAYERS, each
from demo.setups import NotApplicable, Setup

LEVELS = ({"clipnorm": 1e-2}, {"clipnorm": 1e-3}, {"clipnorm": 1e-4})
SHOWN_ON = ("digits_dense", "threshold_logits")


def inject(setup: Setup, clipnorm: float = 1e-4) -> Setup:
    """Clips the gradient of each weight to a norm of `clipnorm`."""
    if setup.optimizer != "sgd":
        raise NotApplicable(f"{setup.optimizer} scales small gradients up again")
    return replace(setup, optimizer_options={**setup.optimizer_options, "clipnorm": clipnorm})


def clipped(name="sgd", gradient=0.5, steps=1000, **config):
    return dict(
        optimizer={"name": name, "config": config},
        layers=[{**row, "parameters": 100} for row in LAYERS],
        learning_rate=np.full(4, 0.1),
        gradient_norm=each(*[[gradient] * 3] * 4),
        weight_norm=each(*[[4, 4, 2]] * 4),
        epochs=np.arange(4),
        iterations=np.linspace(0, steps, 4),
    )


SICK = [
    clipped(clipnorm=1e-3),
    clipped(global_clipnorm=1e-3),
    clipped(clipvalue=1e-4),
    clipped(clipnorm=1e-3, momentum=0.9, steps=100),
    clipped("adagrad", clipnorm=1e-3),
]
HEALTHY = [
    clipped(clipnorm=None),
    clipped(clipnorm=1.0),
    clipped("adam", clipnorm=1e-3),  # scales small gradients up again
    clipped(clipnorm=1e-3, gradient=1e-3),  # nothing is cut
    clipped(clipnorm=1e-2, steps=100_000),  # small steps, but so many that they lead anywhere
]
