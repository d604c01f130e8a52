"""What arrives at the first layer with a kernel, before training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived

USUAL = 3.0
"""Factor within which first weights are usual: He's are up to 1.4 times Glorot's, and small kernels vary."""


@dataclass(frozen=True)
class FirstLayer:
    """The first layer with a kernel, before training.

    Args:
        name: Its name.
        preactivation_std: Standard deviation of its pre-activations over samples and units.
        kernel_ratio: Standard deviation of its kernel over the one that Glorot and Bengio (2010) give it; 1 where that
            is about usual, or unknown.
    """

    name: str
    preactivation_std: float
    kernel_ratio: float

    @property
    def from_inputs(self) -> float:
        """The standard deviation that a usual kernel would give: what the inputs do to it."""
        return self.preactivation_std / self.kernel_ratio


@derived
def first_layer(
    preactivation_std: np.ndarray,
    layers: Sequence[dict[str, Any]],
    epochs: np.ndarray,
    initial_weights: Sequence[dict[str, Any] | None] | None = None,
) -> FirstLayer | None:
    """What arrives at the first layer with a kernel before training; None where it was not measured.

    Weights that have been trained say nothing of the inputs any more.
    """
    index = next((i for i, row in enumerate(layers) if row.get("initializer") is not None), None)
    if index is None or not len(epochs) or epochs[0] != 0 or not np.isfinite(preactivation_std[0][index]):
        return None
    first = next((row for row in initial_weights or () if row is not None), None)
    if first is not None and first["std"] == 0:
        return None  # equal weights hide what the inputs would do to others
    return FirstLayer(layers[index]["name"], float(preactivation_std[0][index]), _kernel_ratio(first))


def _kernel_ratio(first: dict[str, Any] | None) -> float:
    if first is None or not first["std"] > 0:
        return 1.0
    ratio = float(first["std"] * np.sqrt((first["fan_in"] + first["fan_out"]) / 2))
    return ratio if ratio > USUAL or ratio < 1 / USUAL else 1.0
