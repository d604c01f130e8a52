"""The weights begin where they cannot learn from.

Units of a layer that begin alike, before weights that are all the same too, get the same gradient and stay alike for
ever: the layer is one unit wide. Zeros before a relu pass nothing on in either direction. Weights much larger than the
inverse root of their number of inputs multiply what passes through them at every layer, so that outputs are enormous
and units saturate; much smaller ones let it fade. A bias far from zero decides for every sample alike: at -100 no relu
fires.

Not this: biases of zero, an output layer that begins at zero, whose units the labels tell apart; an output bias set to
the mean of the targets; small kernels for large inputs; kernels before a normalization, which takes their size out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Fine, cause
from tb_diagnose.causes._heaviest import heaviest
from tb_diagnose.causes._initial_alike import alike
from tb_diagnose.causes._initial_bias import biases
from tb_diagnose.causes._initial_chain import chain
from tb_diagnose.causes._initial_names import BY_FAN, initializer_name, named_kernels
from tb_diagnose.causes._initial_scale import scales
from tb_diagnose.causes._initial_weights import Kernel, measured_kernels
from tb_diagnose.causes._wording import plural
from tb_diagnose.evidence.number import number

WORTH_A_WORD = 0.01
"""Weight below which a finding is none."""


@cause(
    title="Poor initialization",
    family="configuration",
    fix="Take `kernel_initializer` and `bias_initializer` away: Keras's defaults, glorot_uniform and zeros, are made "
    "for this.",
    brings_about=(
        "vanishing_gradients",
        "exploding_gradients",
        "saturated_activations",
        "dead_relu",
        "constant_prediction",
        "overfitting",
    ),
    looks_like=("learning_rate_too_high", "learning_rate_too_low", "optimizer_unsuited", "too_few_epochs"),
    sources=(
        "Chizat, Oyallon and Bach, 'On Lazy Training in Differentiable Programming', 2019: large weights memorize",
        "Glorot and Bengio, 'Understanding the difficulty of training deep feedforward neural networks', 2010",
        "He et al., 'Delving Deep into Rectifiers', 2015",
        "Goodfellow et al., 'Deep Learning', 2016, section 8.4: symmetry must be broken",
    ),
)
def poor_initialization(
    layers: list[dict[str, Any]],
    initial_weights: list[dict[str, Any] | None] | None = None,
    model: dict[str, Any] | None = None,
    operations: Sequence[str] = (),
    initial_preactivation_std: np.ndarray | None = None,
    weight_norm: np.ndarray | None = None,
    outputs: Sequence[Mapping[str, Any]] = (),
) -> Answer:
    if initial_weights is None:
        return CouldNotTell(("initial_weights",)) if len(outputs) > 1 else _by_names(layers, model, operations)
    kernels = measured_kernels(initial_weights, layers, initial_preactivation_std, weight_norm)
    if not kernels:
        return DoesNotApply(f"No kernel in {plural(len(layers), 'layer')}.")
    if len(outputs) > 1:
        kernels = _before_outputs(kernels, layers, outputs)
    findings = [*alike(kernels, operations), *scales(kernels), *biases(kernels)]
    if len(outputs) < 2:  # of others no order of calls is one chain
        findings += chain(kernels)
    trouble = heaviest([finding for finding in findings if finding.weight >= WORTH_A_WORD])
    ratios = [kernel.std / kernel.largest_std for kernel in kernels]
    shown = dict.fromkeys(number(ratio, 2) for ratio in (min(ratios), max(ratios)))
    return trouble or Fine(f"The kernels begin at {' to '.join(shown)} times the standard deviation of He et al.")


def _before_outputs(
    kernels: Sequence[Kernel], layers: Sequence[Mapping[str, Any]], outputs: Sequence[Mapping[str, Any]]
) -> list[Kernel]:
    """The kernels of a model with several outputs, of those that give outputs the last one alone; no other where it is
    not known which these are."""
    names = [row["name"] for row in layers]
    heads: set[str] = set()
    for output in outputs:
        head = output.get("output") or {}
        if head.get("name") not in names:
            return [kernels[-1]]
        # An activation may be a layer of its own behind the one with the kernel.
        until = names[: names.index(head["name"]) + 1]
        before = [kernel.name for kernel in kernels if kernel.name in until and kernel.units == head.get("units")]
        heads |= set(before[-1:])
    return [*(kernel for kernel in kernels[:-1] if kernel.name not in heads), kernels[-1]]


def _by_names(layers: list[dict[str, Any]], model: dict[str, Any] | None, operations: Sequence[str]) -> Answer:
    """What the initializers alone tell of weights that were not logged."""
    kernels = named_kernels(layers, model)
    if not kernels:
        return CouldNotTell(("initial_weights",))
    trouble = heaviest([*alike(kernels, operations), *biases(kernels)])
    if trouble is not None:
        return trouble
    names = {initializer_name(row["initializer"]) for row in layers if row.get("initializer") is not None}
    if not names <= set(BY_FAN):
        return CouldNotTell(("initial_weights",))
    return Fine(f"{plural(len(kernels), 'kernel')} drawn by {', '.join(sorted(names))}.")
