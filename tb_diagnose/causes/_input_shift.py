"""How far validation inputs are from training inputs: `input_shift`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_diagnose.causes._finding import degree
from tb_diagnose.evidence import derived
from tb_diagnose.evidence.number import number, times

HEALTHY_SCALE, RUINOUS_SCALE = 2.0, 8.0
"""Factor between the standard deviations of the two, in the middle of all features. Two halves of one source differ by
a few percent, lightings or sensors by up to two; 0..1 against 0..255 is 255, 0..1 against -1..1 is 2 with a shift."""
HEALTHY_SHIFT, RUINOUS_SHIFT = 1.0, 3.0
"""Distance of the means in standard deviations of the training inputs, in the middle of all features."""
FEWEST = 10
"""Validation samples below which their statistics tell nothing."""
APART = 10.0
"""Factor between the standard deviations that no drawn sample has."""
HALF = 0.5
"""Share of the features whose ranges do not meet, from which the samples cannot be of one source."""


@dataclass(frozen=True)
class InputShift:
    """How far validation inputs are from training inputs, in the middle of all features.

    Args:
        scale: Factor between the standard deviations, from 1 up.
        shift: Distance of the means, in standard deviations of the training inputs.
        certain: Whether no drawn sample can be so.
        saw: Both in words.
        short: The same as one clause.
    """

    scale: float
    shift: float
    certain: bool
    saw: str
    short: str

    @property
    def harm(self) -> float:
        """0 where the two are alike, 1 where they have nothing in common."""
        return max(
            degree(self.scale, HEALTHY_SCALE, RUINOUS_SCALE),
            degree(self.shift, HEALTHY_SHIFT, RUINOUS_SHIFT) if self.shift else 0.0,
        )


@derived
def input_shift(
    input_min: list[float],
    input_max: list[float],
    input_mean: list[float],
    input_std: list[float],
    validation_input_min: list[float],
    validation_input_max: list[float],
    validation_input_mean: list[float],
    validation_input_std: list[float],
    validation_sample_count: int,
) -> InputShift | None:
    """How far validation inputs are from training inputs; None where there is nothing to compare."""
    if len(input_std) != len(validation_input_std) or validation_sample_count < FEWEST:
        return None
    stds = np.array((input_std, validation_input_std), float)
    varies = np.isfinite(stds).all(axis=0) & (stds > 0).all(axis=0)
    if not varies.any():
        return None
    lows, highs, means = (
        np.array(pair, float)[:, varies]
        for pair in (
            (input_min, validation_input_min),
            (input_max, validation_input_max),
            (input_mean, validation_input_mean),
        )
    )
    stds = stds[:, varies]
    ratio = float(np.exp(np.median(np.log(stds[1] / stds[0]))))
    shift = float(np.median(np.abs(means[1] - means[0]) / stds[0]))
    disjoint = (lows[1] > highs[0]) | (highs[1] < lows[0])
    scale = max(ratio, 1 / ratio)
    saw = (
        f"Training inputs run from {number(float(lows[0].min()))} to {number(float(highs[0].max()))}, validation "
        f"inputs from {number(float(lows[1].min()))} to {number(float(highs[1].max()))}; their standard deviation is "
        f"{number(ratio, 2)} times that of training inputs, and their mean is {number(shift, 2)} standard deviations "
        "away"
    )
    short = f"Validation inputs vary {times(ratio, 'much')}, with a mean {number(shift, 2)} standard deviations away"
    return InputShift(scale, shift, scale >= APART or bool(disjoint.mean() > HALF), saw, short)
