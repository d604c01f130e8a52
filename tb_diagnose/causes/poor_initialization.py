"""The weights begin where they cannot learn from.

Units of a layer that begin alike, before weights that are all the same too, get the same gradient and stay alike for ever: the layer is one unit
wide. Zeros before a relu pass nothing on in either direction. Weights much larger than the inverse root of their number of inputs multiply what passes through them at every
layer, so that outputs are enormous and units saturate; much smaller ones let it fade. A bias far from
zero decides for every sample alike: at -100 no relu fires.

Not this: biases of zero, an output layer that begins at zero, whose units the labels tell apart; an output bias set to
the mean of the targets; small kernels for large inputs; kernels before a normalization, which takes their size out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree, number

HEALTHY_LARGE, RUINOUS_LARGE = 4.0, 40.0
"""Spread of a kernel over that of He et al. (2015), sqrt(2 / fan-in), the largest in use: at 4 a relu layer multiplies the variance of
its inputs by 16."""
HEALTHY_SMALL, RUINOUS_SMALL = 10.0, 1000.0
"""Spread of Glorot and Bengio (2010), sqrt(2 / (fan-in + fan-out)), or of LeCun (1998), sqrt(1 / fan-in), over that of a kernel. Keras's RandomUniform and
RandomNormal of 0.05 are up to 7 times too small in narrow layers and learn."""
HEALTHY_CHAIN, RUINOUS_CHAIN = 100.0, 1e5
"""The same for the product over all layers, in either direction: what passes through all of them is multiplied by it."""
HEALTHY_BIAS, RUINOUS_BIAS = 4.0, 20.0
"""Mean bias over the spread of what arrives beside it: beyond 4 it decides for 9,999 of 10,000 samples."""
ORDINARY = (0.05, 5.0)
"""Spread of pre-activations that is fine whatever the kernel's: then it was chosen for the size of the inputs."""
BEFORE_NORMALIZATION = 0.3
"""Share of the severity that is left where a normalization follows: the size is taken out, but steps are too long or short for it."""
TOLD_APART = 0.3
"""Severity of units alike that the weights behind them tell apart, and of zeros in front of a sum, which make a block begin as nothing, often on purpose
(Zhang et al., "Fixup", 2019): they get different gradients, and learn."""


@cause(
    title="Poor initialization",
    family="configuration",
    fix='Take `kernel_initializer` and `bias_initializer` away: Keras\'s own, "glorot_uniform" and "zeros", are made for this.',
    brings_about=(
        "vanishing_gradients",
        "exploding_gradients",
        "saturated_activations",
        "dead_relu",
        "constant_prediction",
        "insufficient_capacity",
    ),
    looks_like=(
        "disconnected_gradient",
        "learning_rate_too_high",
        "learning_rate_too_low",
        "optimizer_unsuited",
        "too_few_epochs",
    ),
    sources=(
        "Glorot and Bengio, 'Understanding the difficulty of training deep feedforward neural networks', 2010",
        "He et al., 'Delving Deep into Rectifiers', 2015",
        "Goodfellow et al., 'Deep Learning', 2016, section 8.4: symmetry must be broken",
    ),
)
def poor_initialization(
    initial_weights: list[dict[str, Any] | None],
    layers: list[dict[str, Any]],
    operations: Sequence[str] = (),
    preactivation_std: np.ndarray | None = None,
    epochs: np.ndarray | None = None,
    weight_norm: np.ndarray | None = None,
) -> Answer:
    kernels = [i for i, row in enumerate(initial_weights) if row is not None and i < len(layers)]
    if not kernels:
        return Fine(f"No kernel to look at in {len(layers)} layers.")
    # Weight histograms tell of some layers only: the last of these need not be the output.
    last = max([kernels[-1], *(i for i, row in enumerate(layers) if row.get("initializer") is not None)])
    arriving = _arriving(preactivation_std, epochs)
    found = [
        finding
        for i in kernels
        for finding in (
            _alike(i, kernels, initial_weights, layers, operations, weight_norm),
            _scale(i, kernels, initial_weights, layers, arriving),
            _bias(i, last, initial_weights, layers, arriving),
        )
        if finding is not None
    ]
    chain = _chain(kernels, initial_weights, layers, arriving)
    if chain is not None:
        found.append(chain)
    if any(round(finding.weight, 2) for finding in found):
        return max(found, key=lambda finding: finding.weight)
    ratios = [initial_weights[i]["std"] / _usual(initial_weights[i])[1] for i in kernels]
    return Fine(f"The kernels begin at {min(ratios):.2g} to {max(ratios):.2g} times the spread of He et al.")


def _usual(weights: dict[str, Any]) -> tuple[float, float]:
    """The smallest and the largest usual spread of a kernel."""
    fan_in, fan_out = max(weights["fan_in"], 1), max(weights["fan_out"], 1)
    return min(float(np.sqrt(2 / (fan_in + fan_out))), float(np.sqrt(1 / fan_in))), float(np.sqrt(2 / fan_in))


def _arriving(preactivation_std: np.ndarray | None, epochs: np.ndarray | None) -> np.ndarray | None:
    """Spread of the pre-activations before training, shape `(layer,)`; None when it was not measured."""
    if preactivation_std is None or epochs is None or not len(epochs) or epochs[0] != 0:
        return None
    return np.array(preactivation_std, float)[0]


def _normalized(index: int, layers: list[dict[str, Any]]) -> bool:
    """Whether a normalization follows at once."""
    return index + 1 < len(layers) and "Normalization" in (layers[index + 1].get("class") or "")


def _alike(
    index: int,
    kernels: list[int],
    weights: list[dict[str, Any] | None],
    layers: list[dict[str, Any]],
    operations: Sequence[str],
    weight_norm: np.ndarray | None,
) -> Finding | None:
    """Units that begin alike, and stay so where what follows does not tell them apart."""
    if index == kernels[-1] or not weights[index]["alike"]:
        return None
    alike = [layers[i]["name"] for i in kernels[:-1] if weights[i]["alike"]]
    spread, name = weights[index]["std"], layers[index]["name"]
    following = kernels[kernels.index(index) + 1]
    zeros = spread == 0 and (weight_norm is None or not len(weight_norm) or float(weight_norm[0][index]) == 0)
    shut = zeros and _activation(index, following, layers) in ("relu", "relu6")
    apart = weights[following]["std"] > 0 and not shut
    harmless = apart or (spread == 0 and "Add" in operations)
    units = f"All {layers[index]['units']} units" if layers[index]["units"] else "All units"
    return Finding(
        TOLD_APART if harmless else 1.0,
        0.9,
        f"{units} of {name} begin with the same weights, {'all 0' if zeros else f'of spread {number(spread)}'}"
        + (", and so learn the same" if not harmless else "")
        + (f"; in {len(alike)} layers it is so." if len(alike) > 1 else "."),
        f"a spread between {_usual(weights[index])[0]:.2g} and {_usual(weights[index])[1]:.2g}, drawn at random.",
        f'Take `kernel_initializer` away in {", ".join(alike)}, or make it "glorot_uniform".',
        layers=tuple(alike),
        edits=tuple(Edit(each, "kernel_initializer", "glorot_uniform") for each in alike),
        picture="initial_weights",
    )


def _activation(index: int, following: int, layers: list[dict[str, Any]]) -> str | None:
    """The activation of a layer, which may be a layer of its own behind it."""
    return next(
        (row["activation"] for row in layers[index:following] if row["activation"] not in (None, "linear")), None
    )


def _scale(
    index: int,
    kernels: list[int],
    weights: list[dict[str, Any] | None],
    layers: list[dict[str, Any]],
    arriving: np.ndarray | None,
) -> Finding | None:
    """One kernel far outside the usual range, unless what comes of it is of an ordinary size."""
    spread = weights[index]["std"]
    low, high = _usual(weights[index])
    large = degree(spread / high, HEALTHY_LARGE, RUINOUS_LARGE)
    small = degree(low / spread, HEALTHY_SMALL, RUINOUS_SMALL) if spread > 0 else 0.0
    if index == kernels[-1]:
        small = 0.0
    size = max(large, small)
    if not size:
        return None
    name = layers[index]["name"]
    before = f"The kernel of {name} begins with a spread of {number(spread)}, for {weights[index]['fan_in']:,} inputs"
    if arriving is not None and np.isfinite(arriving[index]):
        if index == kernels[0] and ORDINARY[0] <= arriving[index] <= ORDINARY[1]:
            return None
        before += f"; its pre-activations have one of {number(float(arriving[index]))}"
    if _normalized(index, layers):
        size *= BEFORE_NORMALIZATION
    return Finding(
        size,
        0.9,
        f"{before}.",
        f"a spread between {low:.2g} (Glorot) and {high:.2g} (He).",
        f'Take `kernel_initializer` away in {name}, or make it "glorot_uniform".',
        layers=(name,),
        edits=(Edit(name, "kernel_initializer", "glorot_uniform"),),
        picture="initial_weights",
    )


def _chain(
    kernels: list[int], weights: list[dict[str, Any] | None], layers: list[dict[str, Any]], arriving: np.ndarray | None
) -> Finding | None:
    """All kernels a little too large, or too small: the product is what passes through."""
    inside = [i for i in kernels if not _normalized(i, layers) and weights[i]["std"] > 0]
    large = [max(weights[i]["std"] / _usual(weights[i])[1], 1.0) for i in inside]
    small = [max(_usual(weights[i])[0] / weights[i]["std"], 1.0) for i in inside if i != kernels[-1]]
    product = max(float(np.prod(large)), float(np.prod(small)))
    size = degree(product, HEALTHY_CHAIN, RUINOUS_CHAIN)
    if not size:
        return None
    last = arriving[kernels[-1]] if arriving is not None else np.nan
    if ORDINARY[0] <= last <= ORDINARY[1]:
        return None
    way = "large" if float(np.prod(large)) == product else "small"
    names = tuple(layers[i]["name"] for i in inside)
    return Finding(
        size,
        0.9,
        f"The {len(names)} kernels from {names[0]} to {names[-1]} begin too {way}: by a factor of {number(product)} all together"
        + (f"; the last pre-activations have a spread of {number(float(last))}." if np.isfinite(last) else "."),
        f"less than {HEALTHY_CHAIN:g}, with spreads between those of Glorot and He.",
        f'Take `kernel_initializer` away in {", ".join(names)}, or make it "glorot_uniform".',
        layers=names,
        edits=tuple(Edit(each, "kernel_initializer", "glorot_uniform") for each in names),
        picture="initial_weights",
    )


def _bias(
    index: int,
    last: int,
    weights: list[dict[str, Any] | None],
    layers: list[dict[str, Any]],
    arriving: np.ndarray | None,
) -> Finding | None:
    """A bias that drowns what arrives beside it; harmless in the output layer, and in front of a normalization of the row."""
    bias = weights[index]["bias"]
    batch = _normalized(index, layers) and layers[index + 1].get("class") == "BatchNormalization"
    if not bias or index == last or (_normalized(index, layers) and not batch):
        return None
    measured = arriving is not None and arriving[index] > 0
    beside = float(arriving[index]) if measured else 1.0  # type: ignore[index]
    size = degree(abs(bias) / beside, HEALTHY_BIAS, RUINOUS_BIAS)
    if bias > 0 and layers[index]["activation"] in (
        None,
        "linear",
        "relu",
        "leaky_relu",
        "elu",
        "gelu",
        "silu",
        "selu",
    ):
        size /= 2  # such a unit is always on, and its layer linear: it learns, if slowly
    if batch:
        size /= 2  # training subtracts it, but the moving averages take hundreds of steps to reach it
    if not size:
        return None
    name = layers[index]["name"]
    return Finding(
        size,
        0.9,
        f"The biases of {name} begin at {number(bias)}"
        + (f", beside pre-activations of spread {number(beside)}." if measured else "."),
        f"biases of 0, at most {HEALTHY_BIAS:g} times "
        + ("that spread." if measured else "the spread of what comes in beside them, which is near 1 as a rule."),
        f'`bias_initializer` -> "zeros" in {name}.',
        layers=(name,),
        edits=(Edit(name, "bias_initializer", "zeros"),),
        picture="initial_weights",
    )
