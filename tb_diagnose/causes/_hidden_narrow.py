"""A relu layer of very few units, some of which give 0 for every sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import CouldNotTell, Edit, Finding
from tb_diagnose.causes._heaviest import Trouble
from tb_diagnose.causes._hidden_layers import hidden_layers
from tb_diagnose.causes._wording import plural

NARROW = 3
"""Units of a relu layer so narrow that a silent one is a third of it or more."""
LEFT_OVER = 0.45
"""Certainty: a narrow layer with silent units is a weak point that many other faults break, too large steps first. It
is what is left when they are cleared."""
ONE_SILENT = 0.6
"""Harm of a silent unit, to which the share of silent ones adds the rest: less passes, and none comes back."""


def narrow_relu(
    layers: Sequence[dict[str, Any]], dead_fraction: np.ndarray | None, epochs: np.ndarray | None
) -> Trouble:
    """The narrow layer with the largest share of silent units."""
    narrow = [
        index
        for index, row in enumerate(hidden_layers(layers))
        if row["activation"] == "relu" and isinstance(row["units"], int) and 0 < row["units"] <= NARROW
    ]
    if not narrow:
        return None
    if dead_fraction is None or epochs is None or not len(dead_fraction):
        return CouldNotTell(("dead_fraction",))
    dead = np.nan_to_num(np.asarray(dead_fraction, float))
    worst = max(narrow, key=lambda index: float(dead[-1][index]))
    share = float(dead[-1][worst])
    if share <= 0:
        return None
    units, name = layers[worst]["units"], layers[worst]["name"]
    alive = np.flatnonzero(dead[:, worst] <= 0)
    since = int(epochs[alive[-1] + 1]) if len(alive) else int(epochs[0])
    silent = round(share * units)
    return Finding(
        ONE_SILENT + (1 - ONE_SILENT) * share,
        LEFT_OVER,
        f"The relu layer {name} has {plural(units, 'unit')}, and {silent} of them give{'s' if silent == 1 else ''} 0 "
        f"on every probe sample, since epoch {since}.",
        f"more than {NARROW} units, or an activation that is never silent.",
        f'`activation="relu"` -> `activation="leaky_relu"` in {name}, or give it 16 units.',
        since=since,
        layers=(name,),
        edits=(Edit(name, "activation", "leaky_relu"),),
        picture="dead_fraction",
    )
