"""Sigmoid or tanh units that sit where their curve is flat, and hardly learn any more.

Beyond a pre-activation of 5 the slope of a sigmoid is below 0.007, beyond 2.5 that of tanh below 0.03. A layer most of
whose values lie there passes hardly any gradient back, and its units give the same extreme for nearly every sample.
Inputs or weights that are too large bring it about, or a step that was too long.

Not this: an output layer that is sure of its answers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Finding, Fine, cause, degree
from tb_diagnose.causes._tries import normalized, without_custom

HEALTHY, RUINOUS = 0.5, 0.95
"""Share of a layer's values in the flat part. Demo setups that learn with tanh stay below 0.01, with sigmoid below
0.35; beyond a half, most of what the layer is given makes no difference."""


@cause(
    title="Saturated activations",
    family="mechanism",
    fix='Put a `BatchNormalization()` before the activation, or use `activation="relu"` in the layer.',
    brings_about=("vanishing_gradients", "constant_prediction"),
    looks_like=("too_few_epochs",),  # what comes behind goes on learning from units that hardly answer to their inputs
    sources=(
        "Glorot and Bengio, 'Understanding the difficulty of training deep feedforward neural networks', 2010",
        "Rakitianskaia and Engelbrecht, 'Measuring Saturation in Neural Networks', 2015",
    ),
    one_output=True,
)
def saturated_activations(
    saturated_fraction: np.ndarray,
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    output: dict[str, Any] | None = None,
    model: dict[str, Any] | None = None,
) -> Answer:
    names = [row["name"] for row in layers]
    last = output.get("name") if output else (names[-1] if names else None)
    shares = np.array(saturated_fraction, float)  # (epoch, layer)
    shares[:, [name == last for name in names]] = np.nan
    if np.isnan(shares).all():
        return DoesNotApply("No hidden layer has a sigmoid or tanh activation.")
    if np.isnan(shares[-1]).all():
        return CouldNotTell(("saturated_fraction",))
    shares = np.nan_to_num(shares)
    worst = int(shares[-1].argmax())
    share = float(shares[-1][worst])
    saw = (
        f"{share:.0%} of the values of layer {names[worst]} ({layers[worst]['activation']}) lie in its flat part after "
        f"epoch {int(epochs[-1])}"
    )
    harm = degree(share, HEALTHY, RUINOUS)
    if not harm:
        return Fine(f"{saw}.")
    below = np.flatnonzero(shares[:, worst] <= HEALTHY)
    since = int(epochs[below[-1] + 1]) if len(below) else int(epochs[0])
    flat = tuple(name for name, value in zip(names, shares[-1], strict=True) if value > HEALTHY)
    return Finding(
        harm,
        1.0,
        saw + (", as before the first step." if since == 0 else f", more than half since epoch {since}."),
        f"less than {HEALTHY:.0%}.",
        f'Put a `BatchNormalization()` before the activation of {names[worst]}, or use `activation="relu"` there; look '
        "at the size of what it is given.",
        since=since,
        layers=flat,
        picture="saturated_fraction",
        limit=HEALTHY,
        attempt=without_custom(model, layers) or normalized(layers, flat),
    )
