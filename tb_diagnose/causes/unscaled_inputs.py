"""The inputs are so large, or so small, that the first layer cannot work with them.

Weights start for inputs of about unit size. Inputs in the thousands give pre-activations in the thousands: relu units
are driven dead by the first steps, sigmoid and tanh units sit where they are flat, the first losses are enormous, and
the learning rate that suits the biases does not suit the kernels. Inputs of a thousandth are too faint to move
anything. What counts is not the range as such but what arrives: the size of the first layer's pre-activations.

Not this: a Normalization, Rescaling or BatchNormalization layer in front, ids into an Embedding, and inputs such as
0 to 255 that learn anyway (then it is a note).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, Try, cause, degree, number
from tb_diagnose.causes._batches import ARRAYS
from tb_diagnose.causes._first_layer import FirstLayer
from tb_diagnose.causes._wording import capitalized
from tb_diagnose.status.skill import reference_skill

HEALTHY, RUINOUS = 5.0, 50.0
"""Standard deviation of the first layer's pre-activations before training, over samples and units. Standardized inputs
give about 1 with Glorot or He weights (Glorot and Bengio, 2010; He et al., 2015), by construction; sigmoid and tanh are
flat beyond 5, and 50 is ten times that."""
HEALTHY_SMALL, RUINOUS_SMALL = 5e-3, 5e-4
"""The same for inputs that are too small: biases, which begin at 0 and move by the learning rate (1e-3 by default),
outgrow a pre-activation of this size within a few steps."""
MEASURED, BY_SIZE = 0.9, 0.7
"""Certainty where the pre-activations were measured, and where only the size of the inputs is known."""
LEARNED_ANYWAY = 0.1
"""Least share of the harm that is left where the run has learned from these inputs all that they tell: worth a note."""
WHITE, BRIGHT = 255.0, 128.0
"""The brightest pixel of an image of bytes, and one that some image has."""
ALIKE = "it scales validation and prediction inputs alike, and is saved with the model."
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
    fix="Scale the inputs to mean 0 and standard deviation 1: put a `keras.layers.Normalization()` first in the model "
    "and call its `adapt(x)` before fit.",
    brings_about=("dead_relu", "saturated_activations", "exploding_gradients", "vanishing_gradients"),
    looks_like=("learning_rate_too_high",),
    sources=(
        "LeCun et al., 'Efficient BackProp', 1998, section 4.3",
        "https://keras.io/api/layers/preprocessing_layers/numerical/normalization/",
        "https://geeksmental.com/question/why-does-accuracy-remain-the-same: inputs up to 99,999",
    ),
)
def unscaled_inputs(
    input_min: list[float],
    input_max: list[float],
    input_mean: list[float],
    input_std: list[float],
    preprocessing: list[str],
    first_layer: FirstLayer | None = None,
    input_shape: list[list[int]] | None = None,
    skill: np.ndarray | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    data_form: str | None = None,
) -> Answer:
    span = f"Inputs run from {number(min(input_min))} to {number(max(input_max))}"
    scaled = [name for name in preprocessing if name in SCALING_LAYERS]
    if scaled:
        return Fine(f"{span}, in front of a layer of class {scaled[0]}.")
    if first_layer is None:
        size = float(np.sqrt(np.mean(np.square(input_mean) + np.square(input_std))))
        saw = f"{span}, with a root mean square of {number(size)}"
    else:
        size = first_layer.from_inputs
        weights = ", with weights of usual size" if first_layer.kernel_ratio != 1 else ""
        saw = (
            f"{span}; before training the pre-activations of the first layer, {first_layer.name}, have a standard "
            f"deviation of {number(size)}{weights}"
        )
    harm = max(degree(size, HEALTHY, RUINOUS), degree(size, HEALTHY_SMALL, RUINOUS_SMALL) if size > 0 else 0.0)
    if not harm:
        return Fine(f"{saw}." if first_layer is None else f"{span}; the first pre-activations vary by {number(size)}.")
    is_bytes = min(input_min) >= 0 and BRIGHT <= max(input_max) <= WHITE and len((input_shape or [[]])[0]) > 1
    fix, edits = _divide(data_form) if is_bytes else _standardize(input_shape or [], data_form)
    return Finding(
        harm * _missing(skill, reference_skill(neighbour_skill, ridge_skill)),
        BY_SIZE if first_layer is None else MEASURED,
        f"{saw}.",
        f"between {HEALTHY_SMALL:g} and {HEALTHY:g}; inputs of mean 0 and standard deviation 1 give about 1.",
        fix,
        layers=() if first_layer is None else (first_layer.name,),
        picture="input_max",
        edits=edits if data_form in ARRAYS else (),
        attempt=Try("inputs " + ("divided by 255" if is_bytes else "standardized, as a Normalization does it"), edits),
    )


def _missing(skill: np.ndarray | None, reachable: float | None) -> float:
    """Root of the share of what the inputs tell that the run has not learned; 1 where nothing was learned, or is known.

    Its root, as for unscaled targets: the last steps are small for every run.
    """
    if skill is None or not np.isfinite(skill[-1]):
        return 1.0
    reached = max(float(skill[-1]), 0.0)
    reachable = max(1.0 if reachable is None else reachable, reached, LEARNED_ANYWAY)
    return max(float(np.sqrt(1 - reached / reachable)), LEARNED_ANYWAY)


def _divide(data_form: str | None) -> tuple[str, tuple[Edit, ...]]:
    """The advice for images of bytes, and its edit."""
    layer = "keras.layers.Rescaling(1 / 255)"
    edits = (Edit("in front", "layer", layer),)
    if data_form not in ARRAYS:
        return f"Put `{layer}` first in the model: {ALIKE}", edits
    fix = f"Put a layer that divides first in the model, before compile: `model = keras.Sequential([{layer}, model])`."
    return f"{fix} {capitalized(ALIKE)}", edits


def _standardize(input_shape: Sequence[Sequence[int]], data_form: str | None) -> tuple[str, tuple[Edit, ...]]:
    """The advice, and its edit for a single array."""
    if len(input_shape) > 1:
        return (
            "Put a `keras.layers.Normalization()` behind each input of measured values, and call its `adapt` with that "
            f"input before fit: {ALIKE} Ids for an Embedding stay as they are.",
            (),
        )
    layer = f"keras.layers.Normalization({'axis=None' if input_shape and not input_shape[0] else ''})"
    edits = (Edit("in front", "layer", layer),)
    if data_form in ARRAYS:
        code = f"normalization = {layer}; normalization.adapt(x); model = keras.Sequential([normalization, model])"
        fix = f"Put an adapted normalization layer first in the model, before compile: `{code}`."
        return f"{fix} {capitalized(ALIKE)}", edits
    source = "dataset.map(lambda x, *_: x)" if data_form == "dataset" else "x"
    of = "" if data_form == "dataset" else " Of batches that are made one by one, `x` is some hundreds of inputs."
    return (
        f"Put `normalization = {layer}` first in the model, after `normalization.adapt({source})`: {ALIKE}{of}",
        edits,
    )
