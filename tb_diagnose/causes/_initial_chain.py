"""All kernels a little too large, or a little too small: the product is what passes through."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, prod

from tb_diagnose.causes import Edit, Finding, degree, number
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._initial_scale import ORDINARY
from tb_diagnose.causes._initial_weights import Kernel
from tb_diagnose.causes._wording import listed

HEALTHY, RUINOUS = 100.0, 1e5
"""Product over all layers of how far each kernel is outside the usual range, in either direction: what passes through
all of them is multiplied by it."""


def chain(kernels: Sequence[Kernel]) -> list[Finding]:
    """A finding where the product is far from 1, unless what arrives at the last layer is of an ordinary size."""
    inside = [kernel for kernel in kernels if not kernel.normalization and kernel.std > 0]
    large = prod(max(kernel.std / kernel.largest_std, 1.0) for kernel in inside)
    small = prod(max(kernel.smallest_std / kernel.std, 1.0) for kernel in inside if kernel is not kernels[-1])
    size = degree(max(large, small), HEALTHY, RUINOUS)
    arriving = kernels[-1].arriving
    if not size or ORDINARY[0] <= arriving <= ORDINARY[1]:
        return []
    names = tuple(kernel.name for kernel in inside)
    way, factor = ("large", large) if large >= small else ("small", small)
    saw = (
        f"The {len(names)} kernels from {names[0]} to {names[-1]} begin too {way}: by a factor of {number(factor)} all "
        "together"
    )
    if isfinite(arriving):
        saw += f"; the last pre-activations have a standard deviation of {number(arriving)}"
    return [
        Finding(
            size,
            certainty(size),
            f"{saw}.",
            f"less than {HEALTHY:g}, with standard deviations between those of Glorot and He.",
            f'Take `kernel_initializer` away in {listed(names)}, or make it "glorot_uniform".',
            layers=names,
            edits=tuple(Edit(name, "kernel_initializer", "glorot_uniform") for name in names),
            picture="initial_weights",
        )
    ]
