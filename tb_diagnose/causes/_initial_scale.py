"""One kernel far outside the usual range, unless what comes of it is of an ordinary size."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from tb_diagnose.causes import Edit, Finding, degree, number
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._initial_weights import Kernel
from tb_diagnose.causes._wording import plural

HEALTHY_LARGE, RUINOUS_LARGE = 4.0, 40.0
"""Standard deviation of a kernel over that of He et al. (2015), sqrt(2 / fan-in), the largest in use: at 4 a relu layer
multiplies the variance of its inputs by 16."""
HEALTHY_SMALL, RUINOUS_SMALL = 10.0, 1000.0
"""Standard deviation of Glorot and Bengio (2010), sqrt(2 / (fan-in + fan-out)), or of LeCun (1998), sqrt(1 / fan-in),
over that of a kernel. Keras's RandomUniform and RandomNormal of 0.05 are up to 7 times too small in narrow layers and
learn."""
ORDINARY = (0.05, 5.0)
"""Standard deviations of pre-activations that are fine whatever the kernel's: then it was chosen for the size of the
inputs."""
LEFT_BEHIND = 0.8
"""Certainty at most where a kernel that began too small has grown to a usual size: it cost epochs, and holds nothing
back any more."""
BEFORE_NORMALIZATION = 0.3
"""Share of the harm that is left where a normalization follows: the size is taken out, but steps are too long or short
for it."""


def scales(kernels: Sequence[Kernel]) -> list[Finding]:
    """A finding for each kernel that is much too large or too small."""
    return [finding for kernel in kernels if (finding := _scale(kernel, kernels[0], kernels[-1])) is not None]


def _scale(kernel: Kernel, first: Kernel, last: Kernel) -> Finding | None:
    large = degree(kernel.std / kernel.largest_std, HEALTHY_LARGE, RUINOUS_LARGE)
    small = 0.0
    if kernel is not last and kernel.std > 0:
        small = degree(kernel.smallest_std / kernel.std, HEALTHY_SMALL, RUINOUS_SMALL)
    size = max(large, small)
    if not size or (kernel is first and ORDINARY[0] <= kernel.arriving <= ORDINARY[1]):
        return None
    inputs = plural(kernel.fan_in, "input")
    saw = f"The kernel of {kernel.name} begins with a standard deviation of {number(kernel.std)}, for {inputs}"
    if isfinite(kernel.arriving):
        saw += f"; its pre-activations have one of {number(kernel.arriving)}"
    sure = certainty(size)
    if small >= large and kernel.std * kernel.growth >= kernel.smallest_std / HEALTHY_SMALL:
        sure = min(sure, LEFT_BEHIND)
        saw += f"; its weights have grown to {number(kernel.growth, 2)} times that"
    return Finding(
        size * (BEFORE_NORMALIZATION if kernel.normalization else 1.0),
        sure,
        f"{saw}.",
        f"a standard deviation between {number(kernel.smallest_std, 2)} (Glorot) and {number(kernel.largest_std, 2)} "
        "(He).",
        f'Take `kernel_initializer` away in {kernel.name}, or make it "glorot_uniform".',
        layers=(kernel.name,),
        edits=(Edit(kernel.name, "kernel_initializer", "glorot_uniform"),),
        picture="initial_weights",
    )
