"""What the kernels and biases of a model begin with, for the checks of `poor_initialization`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived

NORMALIZATIONS_OVER_SAMPLES = ("BatchNormalization",)
"""Normalizations that subtract the same mean from all samples; the others subtract each sample's own."""


@dataclass(frozen=True)
class Kernel:
    """A layer with a kernel before the first step.

    Args:
        name: Name of the layer.
        units: Its units, None when unknown.
        std: Standard deviation of the kernel, NaN when unknown.
        fan_in: Inputs of a unit.
        fan_out: Outputs that an input reaches.
        alike: Whether all units begin with the same weights.
        zeros: Whether all weights begin at 0.
        bias: Mean bias, None when unknown or without any.
        activation: What its outputs pass through before the next kernel.
        normalization: Class of a normalization that follows at once, "" for none.
        arriving: Standard deviation of its pre-activations, NaN when it was not measured.
        is_output: Whether it is the last kernel of the model.
        growth: Norm of the layer's weights at the end over that before the first step, NaN when unknown.
    """

    name: str
    units: int | None
    std: float
    fan_in: int
    fan_out: int
    alike: bool
    zeros: bool
    bias: float | None
    activation: str | None
    normalization: str
    arriving: float
    is_output: bool
    growth: float = float("nan")

    @property
    def smallest_std(self) -> float:
        """The smallest usual standard deviation: of Glorot and Bengio (2010), or of LeCun (1998)."""
        fan_in, fan_out = max(self.fan_in, 1), max(self.fan_out, 1)
        return min(float(np.sqrt(2 / (fan_in + fan_out))), float(np.sqrt(1 / fan_in)))

    @property
    def largest_std(self) -> float:
        """The largest usual standard deviation: of He et al. (2015)."""
        return float(np.sqrt(2 / max(self.fan_in, 1)))


@derived
def initial_preactivation_std(preactivation_std: np.ndarray, epochs: np.ndarray) -> np.ndarray | None:
    """Standard deviation of what goes into each layer's activation function before the first step, shape `(layer,)`."""
    if not len(epochs) or epochs[0] != 0:
        return None
    return np.asarray(preactivation_std[0], float)


def measured_kernels(
    initial_weights: Sequence[dict[str, Any] | None],
    layers: Sequence[dict[str, Any]],
    arriving: np.ndarray | None,
    weight_norm: np.ndarray | None,
) -> list[Kernel]:
    """The kernels that were measured before the first step, in the order of the layers."""
    rows = [(i, row) for i, row in enumerate(initial_weights) if row is not None and i < len(layers)]
    if not rows:
        return []
    # Weight histograms tell of some layers only: the last of these need not be the output.
    last = max([rows[-1][0], *(i for i, row in enumerate(layers) if row.get("initializer") is not None)])
    following = [*(i for i, _ in rows[1:]), len(layers)]
    return [
        Kernel(
            name=layers[i]["name"],
            units=layers[i]["units"],
            std=float(row["std"]),
            fan_in=int(row["fan_in"]),
            fan_out=int(row["fan_out"]),
            alike=bool(row["alike"]),
            zeros=row["std"] == 0 and (weight_norm is None or not len(weight_norm) or float(weight_norm[0][i]) == 0),
            bias=row["bias"],
            activation=activation_behind(layers[i:end]),
            normalization=normalization_behind(layers, i),
            arriving=float(arriving[i]) if arriving is not None else float("nan"),
            is_output=i == last,
            growth=_growth(weight_norm, i),
        )
        for (i, row), end in zip(rows, following, strict=True)
    ]


def _growth(weight_norm: np.ndarray | None, index: int) -> float:
    """Norm of a layer's weights at the end over that before the first step; NaN where it is not known."""
    if weight_norm is None or len(weight_norm) < 2 or not weight_norm[0][index] > 0:
        return float("nan")
    return float(weight_norm[-1][index] / weight_norm[0][index])


def activation_behind(layers: Sequence[dict[str, Any]]) -> str | None:
    """The activation of the first of these layers, which may be a layer of its own behind it."""
    return next((row["activation"] for row in layers if row["activation"] not in (None, "linear")), None)


def normalization_behind(layers: Sequence[dict[str, Any]], index: int) -> str:
    """Class of a normalization that follows a layer at once, "" for none."""
    kind = (layers[index + 1].get("class") or "") if index + 1 < len(layers) else ""
    return kind if "Normalization" in kind else ""
