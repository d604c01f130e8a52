"""Inputs in a unit of their own: ten thousand times as large, or a thousandth."""

from dataclasses import replace

from demo.arrays import LAYERS, each
from demo.labels import takes_ids
from demo.setups import NotApplicable, Setup

LEVELS = ({"factor": 10.0}, {"factor": 1e-3}, {"factor": 100.0}, {"factor": 1_000.0}, {"factor": 10_000.0})
SHOWN_ON = ("threshold_logits", "regression")


def inject(setup: Setup, factor: float = 10_000.0) -> Setup:
    """Multiplies training and validation inputs by `factor`."""
    if takes_ids(setup):
        raise NotApplicable("an id has no size")
    return replace(setup, x=setup.x * factor, validation=(setup.validation[0] * factor, setup.validation[1]))


SICK = [
    dict(input_min=[0], input_max=[99_999], input_mean=[5e4], input_std=[2.9e4], preprocessing=[]),
    dict(
        input_min=[0],
        input_max=[255],
        input_mean=[120],
        input_std=[70],
        preprocessing=[],
        preactivation_std=each([90, 1, 1]),
        layers=LAYERS,
    ),
    dict(
        input_min=[0],
        input_max=[1e-5],
        input_mean=[5e-6],
        input_std=[3e-6],
        preprocessing=[],
        preactivation_std=each([3e-6, 1, 1]),
        layers=LAYERS,
    ),
]
HEALTHY = [
    dict(input_min=[-3], input_max=[3], input_mean=[0], input_std=[1], preprocessing=[]),
    dict(input_min=[0], input_max=[255], input_mean=[120], input_std=[70], preprocessing=["Rescaling"]),
    dict(input_min=[0], input_max=[9000], input_mean=[4000], input_std=[2000], preprocessing=["Embedding"]),
    dict(
        input_min=[0],
        input_max=[1.5],
        input_mean=[0.7],
        input_std=[0.3],
        preprocessing=[],
        preactivation_std=each([0.9, 1, 1]),
        layers=LAYERS,
    ),
]
