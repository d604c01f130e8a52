"""The inputs are so large, or so small, that the first layer cannot work with them.

Weights start for inputs of about unit size. Inputs in the thousands give pre-activations in the
thousands: relu units are driven dead by the first steps, sigmoid and tanh units sit where they are
flat, the first losses are enormous, and the rate that suits the biases does not suit the kernels. Inputs of a
thousandth are too faint to move anything. What counts is not the range as such but what arrives: the
size of the first layer's pre-activations.

Not this: a Normalization, Rescaling or BatchNormalization layer in front, ids into an Embedding, and
inputs such as 0..255 that learn anyway (then it is a note).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree, number

HEALTHY, RUINOUS = 5.0, 50.0
"""Standard deviation of the first layer's pre-activations before training, over samples and units. Standardized inputs give about 1
with Glorot or He weights (Glorot and Bengio, 2010; He et al., 2015), by construction; sigmoid and tanh are
flat beyond 5, and 50 is ten times that."""
HEALTHY_SMALL, RUINOUS_SMALL = 5e-3, 5e-4
"""The same for inputs that are too small: biases, which begin at 0 and move by the learning rate (1e-3 by
default), outgrow a pre-activation of this size within a few steps."""
USUAL = 3.0
"""Factor within which first weights are usual: He's are up to 1.4 times Glorot's, and small kernels vary."""
SCALING_LAYERS = (
    "Normalization",
    "Rescaling",
    "BatchNormalization",
    "LayerNormalization",
    "GroupNormalization",
    "UnitNormalization",
    "Embedding",
    "Hashing",
    "CategoryEncoding",
    "Discretization",
)


@cause(
    title="Unscaled inputs",
    family="data",
    fix="Scale the inputs to mean 0 and spread 1 with a `keras.layers.Normalization()` layer, or divide them by their largest value.",
    brings_about=("dead_relu", "saturated_activations", "exploding_gradients", "vanishing_gradients"),
    looks_like=("learning_rate_too_high", "learning_rate_too_low"),
    sources=(
        "LeCun et al., 'Efficient BackProp', 1998, section 4.3",
        "https://geeksmental.com/question/why-does-accuracy-remain-the-same: inputs up to 99,999",
    ),
)
def unscaled_inputs(
    input_min: list[float],
    input_max: list[float],
    input_mean: list[float],
    input_std: list[float],
    preprocessing: list[str],
    preactivation_std: np.ndarray | None = None,
    layers: list[dict[str, Any]] | None = None,
    epochs: np.ndarray | None = None,
    initial_weights: list[dict[str, Any] | None] | None = None,
) -> Answer:
    size = float(np.sqrt(np.mean(np.square(input_mean) + np.square(input_std))))
    low, high = min(input_min), max(input_max)
    span = f"Inputs run from {number(low)} to {number(high)}"
    scaled = [name for name in preprocessing if name in SCALING_LAYERS]
    if scaled:
        return Fine(f"{span}, behind a layer of class {scaled[0]}.")
    # Weights that have been trained say nothing of the inputs any more: only the state before training counts.
    untrained = epochs is not None and len(epochs) and epochs[0] == 0
    arriving, layer = _arriving(preactivation_std if untrained else None, layers)
    # What unusual first weights add to it is another cause's finding.
    arriving = None if arriving is None else arriving / _unusual(initial_weights)
    value = size if arriving is None else arriving
    where = (
        ""
        if arriving is None
        else f"; before training the pre-activations of the first layer, {layer}, have a spread of {number(arriving)}"
        + (", with weights of usual size" if _unusual(initial_weights) != 1 else "")
    )
    large = degree(value, HEALTHY, RUINOUS)
    small = degree(value, HEALTHY_SMALL, RUINOUS_SMALL) if value > 0 else 0.0
    if not large and not small:
        return Fine(f"{span}{where}.")
    return Finding(
        max(large, small),
        0.9,
        f"{span}{where}.",
        f"a spread of about 1, between {HEALTHY_SMALL:g} and {HEALTHY:g}, which inputs of mean 0 and spread 1 give.",
        **_change(np.asarray(input_max), np.asarray(input_min), low, high),
        layers=(layer,) if layer else (),
        picture="input_max",
    )


def _arriving(
    preactivation_std: np.ndarray | None, layers: list[dict[str, Any]] | None
) -> tuple[float | None, str | None]:
    """Spread of the first kernel layer's pre-activations at the first record, and the layer's name."""
    if preactivation_std is None or layers is None:
        return None, None
    for index, row in enumerate(layers):
        if row["initializer"] is not None:
            value = float(preactivation_std[0][index])
            return (value, row["name"]) if np.isfinite(value) else (None, row["name"])
    return None, None


def _unusual(initial_weights: list[dict[str, Any] | None] | None) -> float:
    """Spread of the first kernel over the one that Glorot and Bengio (2010) give it; 1 where it is about usual."""
    first = next((row for row in initial_weights or [] if row is not None), None)
    if first is None or not first["std"] > 0:
        return 1.0
    ratio = first["std"] * np.sqrt((first["fan_in"] + first["fan_out"]) / 2)
    return float(ratio) if ratio > USUAL or ratio < 1 / USUAL else 1.0


def _change(highs: np.ndarray, lows: np.ndarray, low: float, high: float) -> dict[str, Any]:
    reach = np.maximum(np.abs(highs), np.abs(lows))
    alike = reach.min() > 0 and reach.max() / reach.min() < 10
    largest = max(abs(low), abs(high))
    if alike or len(reach) == 1:
        code = f"x / {largest:.6g}"
        fix = f"Divide the inputs by their largest value, at training and at prediction: `x = {code}`."
        return {"fix": fix, "edits": (Edit("data", "x", code),)}
    return {
        "fix": "Scale each feature to mean 0 and spread 1: put a `keras.layers.Normalization()` first in the model and "
        "call its `adapt(x)` before training."
    }
