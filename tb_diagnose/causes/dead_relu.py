"""Relu units that give 0 for every row, and so never learn again.

A relu unit whose pre-activation is negative on every row has output 0 and gradient 0: no row can
bring it back. One step that is too large, inputs that are too large or an unlucky start do it. When a
whole layer is dead, nothing behind it depends on the input any more.

Not this: a share of zeros. A healthy relu layer gives 0 for about half of its values; what counts are
units that are silent on every single row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Finding, cause, clear, severity

HEALTHY, RUINOUS = 0.5, 0.95
"""Dead share of a layer's units. Half of the units may be dead without harm to accuracy (they act as pruning; Lu et al., "Dying
ReLU and Initialization", 2019, speak of a dead network only when a whole layer is)."""


@cause(
    title="Dead ReLU units",
    family="mechanism",
    fix='Train again from another seed with a ten times smaller learning rate; use `activation="leaky_relu"` in the layer.',
    leads_to=("vanishing_gradients", "constant_prediction", "too_few_epochs", "insufficient_capacity"),
    sources=("Lu et al., 'Dying ReLU and Initialization: Theory and Numerical Examples', 2019",),
)
def dead_relu(
    dead_fraction: np.ndarray,
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    output: dict[str, Any] | None = None,
) -> Finding:
    dead = np.array(dead_fraction, float)
    names = [row["name"] for row in layers]
    if np.isnan(dead).all():
        return clear("No relu layer.")
    if np.isnan(dead[-1]).all():
        return clear("The outputs of the relu layers are not finite.")
    dead = np.nan_to_num(dead)
    worst = int(dead[-1].argmax())
    share = float(dead[-1][worst])
    units = layers[worst]["units"]
    count = f"{round(share * units)} of {units}" if units else f"{share:.0%} of the"
    saw = f"{count} units of layer {names[worst]} give 0 on every probe row after epoch {int(epochs[-1])}"
    found = severity(share, HEALTHY, RUINOUS)
    if not found:
        return clear(f"{saw}.")
    concerned = tuple(name for name, value in zip(names, dead[-1]) if value > HEALTHY)
    below = np.flatnonzero(dead[:, worst] <= HEALTHY)
    since = int(epochs[below[-1] + 1]) if len(below) else int(epochs[0])
    return Finding(
        found,
        f"{saw}" + (", from the start." if since == 0 else f", more than half since epoch {since}."),
        f"less than {HEALTHY:.0%} of a layer's units.",
        f'Train again from another seed; if it recurs, use `activation="leaky_relu"` in {names[worst]} or divide the learning rate by 10.',
        since=since,
        layers=concerned,
        picture="dead_fraction",
        limit=HEALTHY,
    )
