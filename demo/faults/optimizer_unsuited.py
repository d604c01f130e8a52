"""An optimizer whose steps are tiny at the rate that Keras gives it."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each
from demo.setups import NotApplicable, Setup

LEVELS = ({"optimizer": "sgd"}, {"optimizer": "adagrad"}, {"optimizer": "adadelta"})
SHOWN_ON = ("digits_cnn", "regression")
DEFAULT_RATES = {"sgd": 0.01, "adagrad": 0.001, "adadelta": 0.001}


def inject(setup: Setup, optimizer: str = "adadelta") -> Setup:
    """Trains with `optimizer` at Keras's default rate."""
    if setup.optimizer == optimizer:
        raise NotApplicable(f"it trains with {optimizer} already, at a rate that was chosen for it")
    return replace(setup, optimizer=optimizer, learning_rate=DEFAULT_RATES[optimizer], optimizer_options={})


SIZED = [{**row, "parameters": 100} for row in LAYERS]  # a step of Adam has a norm of about 0.01
NORMS = each(*[[1, 1, 1]] * 4)
SICK = [
    dict(
        optimizer={"name": name, "config": {}},
        update_ratio=each([np.nan] * 3, *[[1e-5, 1e-5, ratio]] * 3),
        weight_norm=NORMS,
        gradient_norm=NORMS,
        layers=SIZED,
        learning_rate=np.full(4, rate),
        epochs=EPOCHS,
    )
    for name, rate, ratio in (
        ("adadelta", 1e-3, 1e-5),
        ("adagrad", 1e-3, 4e-4),
        ("sgd", 0.01, 3e-4),
        ("sgd", 0.01, 5e-3),
    )
]
SICK += [
    dict(
        optimizer={"name": "adadelta", "config": {}}, layers=SIZED, learning_rate=np.full(4, 1e-3), epochs=EPOCHS
    )  # known without a single step measured
]
HEALTHY = [
    dict(
        optimizer={"name": name, "config": {}},
        update_ratio=each([np.nan] * 3, [1e-5, 1e-5, first], *[[1e-5, 1e-5, ratio]] * 2),
        weight_norm=NORMS,
        gradient_norm=gradient * NORMS,
        layers=SIZED,
        learning_rate=np.full(4, rate),
        epochs=EPOCHS,
    )
    for name, rate, first, ratio, gradient in (
        ("sgd", 0.01, 1.2e-2, 1.2e-2, 1),  # steps as long as Adam's
        ("sgd", 1e-4, 1e-5, 1e-5, 1),  # the rate is what is small
        ("sgd", 0.01, 1e-2, 1e-6, 1),  # arrived, or all units dead
        ("sgd", 0.01, 1e-9, 1e-9, 1e-8),  # no gradient
        ("adam", 1e-3, 1e-4, 1e-4, 1),
    )
]
HEALTHY += [
    dict(
        optimizer={"name": "adagrad", "config": {}},
        update_ratio=each([np.nan] * 3, *[[1e-2, 1e-2, 1.2e-2]] * 3),
        weight_norm=NORMS,
        layers=SIZED,
        learning_rate=np.full(4, 1e-3),
        epochs=EPOCHS,
        iterations=np.linspace(0, 10_000, 4),
    ),  # steps enough
]
