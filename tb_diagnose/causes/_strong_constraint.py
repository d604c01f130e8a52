"""A constraint that holds kernels so small that little passes through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Finding, degree, number
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._heaviest import Trouble
from tb_diagnose.causes._loss_levels import Levels
from tb_diagnose.causes._strong_penalty import GONE, LEARNED, SHRUNK
from tb_diagnose.causes._wording import listed
from tb_diagnose.evidence.keras_config import constrained_layers

USUAL = 3
"""Norm up to which `MaxNorm` is used as a rule: 3 to 4 (Srivastava et al., 2014, appendix A.2)."""


def strong_constraint(
    levels: Levels,
    layers: Sequence[dict[str, Any]],
    weight_norm: np.ndarray | None,
    model: dict[str, Any] | None,
) -> Trouble:
    """The layer whose kernel a constraint has made smallest against what it began with."""
    if weight_norm is None or len(weight_norm) < 2 or levels.skill >= LEARNED:
        return None
    held = constrained_layers(model)
    columns = [index for index, row in enumerate(layers) if row["name"] in held and weight_norm[0, index] > 0]
    after = np.asarray(weight_norm, float)[1:, columns]
    if not np.isfinite(after).any():
        return None
    shares = np.nanmax(after, axis=0) / weight_norm[0, columns]
    worst = int(np.nanargmin(shares))
    size = degree(float(shares[worst]), SHRUNK, GONE)
    if not size:
        return None
    name = layers[columns[worst]]["name"]
    small = tuple(str(layers[index]["name"]) for index, share in zip(columns, shares, strict=True) if share < SHRUNK)
    return Finding(
        size,
        certainty(size),
        f"A constraint holds the kernel of {name} small: its norm is {number(float(weight_norm[0, columns[worst]]))} "
        f"before training, and at most {number(float(np.nanmax(after[:, worst])))} after any epoch.",
        f"kernels that keep at least {SHRUNK:.0%} of their norm.",
        f"Take `kernel_constraint` away in {listed(small)}, or let it hold norms of {USUAL} to {USUAL + 1}: "
        f"`keras.constraints.MaxNorm({USUAL})`.",
        since=1,
        layers=small,
        picture="weight_norm",
    )
