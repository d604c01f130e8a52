"""Units that begin alike, and stay so where what follows does not tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isnan

from tb_diagnose.causes import Edit, Finding, number
from tb_diagnose.causes._initial_weights import Kernel
from tb_diagnose.causes._wording import listed, plural

TOLD_APART = 0.2
"""Harm of units alike that the weights behind them tell apart, and of zeros in front of a sum, which make a block begin
as nothing, often on purpose (Zhang et al., "Fixup", 2019): they get different gradients, and learn."""
SHUT = ("relu", "relu6")
"""Activations that pass nothing on from zeros, in either direction."""


def alike(kernels: Sequence[Kernel], operations: Sequence[str]) -> list[Finding]:
    """A finding for each layer whose units begin alike; of the last one, the labels tell the units apart."""
    names = tuple(kernel.name for kernel in kernels[:-1] if kernel.alike)
    return [_finding(kernel, following, names, operations) for kernel, following in pairwise(kernels) if kernel.alike]


def _finding(kernel: Kernel, following: Kernel, names: tuple[str, ...], operations: Sequence[str]) -> Finding:
    shut = kernel.zeros and kernel.activation in SHUT
    apart = not following.alike and following.std != 0 and not shut
    harmless = apart or (kernel.std == 0 and "Add" in operations)
    units = f"All {plural(kernel.units, 'unit')}" if isinstance(kernel.units, int) else "All units"
    weights = "all 0" if kernel.zeros else f"with a standard deviation of {number(kernel.std)}"
    saw = f"{units} of {kernel.name} begin with the same weights, {weights}"
    saw += "" if harmless else ", and so learn the same"
    saw += f"; this is so in {len(names)} layers." if len(names) > 1 else "."
    usual = (
        f"a standard deviation between {number(kernel.smallest_std, 2)} and {number(kernel.largest_std, 2)}, drawn at "
        "random."
        if kernel.fan_in > 1 and not isnan(kernel.std)
        else "weights that are drawn at random."
    )
    return Finding(
        TOLD_APART if harmless else 1.0,
        1.0,
        saw,
        usual,
        f'Take `kernel_initializer` away in {listed(names)}, or make it "glorot_uniform".',
        layers=names,
        edits=tuple(Edit(name, "kernel_initializer", "glorot_uniform") for name in names),
        picture="initial_weights",
    )
