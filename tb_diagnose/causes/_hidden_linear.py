"""Several layers with nothing but linear operations between them: together they are one linear layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import CouldNotTell, Edit, Finding
from tb_diagnose.causes._heaviest import Trouble
from tb_diagnose.causes._hidden_layers import RECURRENT, is_described
from tb_diagnose.causes._wording import listed
from tb_diagnose.evidence.keras_config import Layer, walk_layers
from tb_diagnose.evidence.number import fixed
from tb_diagnose.status.skill import LAST, reference_skill

DIMENSIONS = ("1D", "2D", "3D")
KERNELS = frozenset(
    {
        "Dense",
        "EinsumDense",
        *(
            f"{kind}{n}{way}"
            for kind in ("Conv", "SeparableConv", "DepthwiseConv")
            for n in DIMENSIONS
            for way in ("", "Transpose")
        ),
    }
)
"""Layers that multiply their inputs with a kernel."""
LINEAR = frozenset(
    {
        *("Flatten", "Reshape", "Permute", "RepeatVector", "Rescaling", "Normalization", "Embedding", "Identity"),
        *("Dropout", "GaussianNoise", "Activation", "BatchNormalization", "ActivityRegularization"),
        *("Add", "Average", "Concatenate", "Subtract", "Resizing", "CenterCrop"),
        *(
            f"{kind}{n}"
            for kind in (
                "SpatialDropout",
                "AveragePooling",
                "GlobalAveragePooling",
                "ZeroPadding",
                "Cropping",
                "UpSampling",
            )
            for n in DIMENSIONS
        ),
    }
)
"""Layers that are linear unless they have an activation. Whatever is in neither set is taken for non-linear."""
HARM = 0.9
"""Harm where the layers reach less than the inputs allow: nearly all of what is missing, for a linear layer has no
other limit than being one."""
HARM_UNCOMPARED = 0.5
"""Harm where nothing tells whether a linear layer would be enough, or where not even a linear relation is learned: then
something else holds the run as well."""
LINE = 0.1
"""Skill that is worth a word: a tenth of the way from the best constant answer to a perfect one."""


def no_activation(
    layers: Sequence[dict[str, Any]],
    model: dict[str, Any] | None,
    skill: np.ndarray | None,
    neighbour_skill: float | None,
    ridge_skill: float | None,
) -> Trouble:
    """Layers with kernels, and nothing non-linear up to the last of them."""
    if model is None or not is_described(model):
        return CouldNotTell(("model",)) if model is None and may_be_linear(layers) else None
    steps = list(walk_layers(model))
    kernels = [place for place, step in enumerate(steps) if step.kind in KERNELS]
    if len(kernels) < 2 or not all(_is_linear(step) for step in steps[: kernels[-1]]):
        return None
    names = tuple(steps[place].name for place in kernels)
    harm, compared = HARM_UNCOMPARED, ""
    allowed = reference_skill(neighbour_skill, ridge_skill)
    if allowed is not None and skill is not None and np.isfinite(skill[-LAST:]).any():
        level = float(np.nanmean(skill[-LAST:]))
        if level >= allowed - LINE:
            return None  # a linear relation is all that the inputs allow, as far as known
        harm = HARM if level >= LINE else HARM_UNCOMPARED
        compared = f"; they reach a skill of {fixed(level)}, and the inputs allow {fixed(allowed)}"
    return Finding(
        harm,
        1.0,
        f"No non-linear operation stands between the {len(names)} layers {listed(names)}: together they are 1 linear "
        f"layer{compared}.",
        "an activation such as relu in each of the hidden ones.",
        f'Add `activation="relu"` to {", ".join(names[:-1])}.',
        layers=names[:-1],
        edits=tuple(Edit(name, "activation", "relu") for name in names[:-1]),
        picture="layers",
    )


def _is_linear(step: Layer) -> bool:
    known = step.kind in KERNELS or step.kind in LINEAR
    return known and not step.custom and step.activation in (None, "linear")


def may_be_linear(layers: Sequence[dict[str, Any]]) -> bool:
    """Whether the rows of a model that was not logged hold several kernels and no activation before the last one."""
    kernels = [index for index, row in enumerate(layers) if row["initializer"] is not None]
    before = layers[: kernels[-1]] if kernels else []
    plain = all(row["activation"] in (None, "linear") and row.get("class") not in RECURRENT for row in before)
    return len(kernels) > 1 and plain
