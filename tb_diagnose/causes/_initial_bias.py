"""Biases that drown what arrives beside them."""

from __future__ import annotations

from collections.abc import Sequence

from tb_diagnose.causes import Edit, Finding, degree, number
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._initial_weights import NORMALIZATIONS_OVER_SAMPLES, Kernel

HEALTHY, RUINOUS = 4.0, 20.0
"""Mean bias over the standard deviation of what arrives beside it: beyond 4 it decides for 9,999 of 10,000 samples."""
OPEN_ABOVE = (None, "linear", "relu", "leaky_relu", "elu", "gelu", "silu", "selu")
"""Activations that pass on what a large positive bias lets through."""
USUAL_ARRIVING = 1.0
"""Standard deviation of pre-activations where it was not measured: what usual kernels make of scaled inputs."""
HALF = 0.5
"""Share of the harm where the layer still learns, if slowly: it is always on, and so linear; or a normalization
subtracts the bias while training, but its moving averages take hundreds of steps to reach it."""


def biases(kernels: Sequence[Kernel]) -> list[Finding]:
    """A finding for each such layer; harmless in the output layer, and before a normalization of each sample."""
    return [finding for kernel in kernels if (finding := _bias(kernel)) is not None]


def _bias(kernel: Kernel) -> Finding | None:
    over_samples = kernel.normalization in NORMALIZATIONS_OVER_SAMPLES
    if not kernel.bias or kernel.is_output or (kernel.normalization and not over_samples):
        return None
    measured = kernel.arriving > 0
    beside = kernel.arriving if measured else USUAL_ARRIVING
    size = degree(abs(kernel.bias) / beside, HEALTHY, RUINOUS)
    if not size:
        return None
    harm = size
    if kernel.bias > 0 and kernel.activation in OPEN_ABOVE:
        harm *= HALF
    if over_samples:
        harm *= HALF
    besides = f", beside pre-activations with a standard deviation of {number(beside)}" if measured else ""
    allowed = (
        "that standard deviation" if measured else "the size of what arrives beside them, which is near 1 as a rule"
    )
    return Finding(
        harm,
        certainty(size),
        f"The biases of {kernel.name} begin at {number(kernel.bias)}{besides}.",
        f"biases of 0, at most {HEALTHY:g} times {allowed}.",
        f'Begin the biases of {kernel.name} at 0: `bias_initializer="zeros"`.',
        layers=(kernel.name,),
        edits=(Edit(kernel.name, "bias_initializer", "zeros"),),
        picture="initial_weights",
    )
