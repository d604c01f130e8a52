"""A relu layer of very few units, some of which give 0 for every sample."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import numpy as np

from tb_diagnose.causes import CouldNotTell, Finding
from tb_diagnose.causes._heaviest import Trouble
from tb_diagnose.causes._hidden_layers import hidden_layers
from tb_diagnose.causes._widths import widen
from tb_diagnose.causes._wording import listed, plural

NARROW = 3
"""Units of a relu layer so narrow that a silent one is a third of it or more."""
LEFT_OVER = 0.45
"""Certainty: a narrow layer with silent units is a weak point that many other faults break, too large steps first. It
is what is left when they are cleared."""
ONE_SILENT = 0.6
"""Harm of a silent unit, to which the share of silent ones adds the rest: less passes, and none comes back."""


WIDE = 64
"""Units with which a relu layer has enough left when half of them are silent: as `insufficient_capacity` proposes."""


DEEP, DEEP_AND_NARROW = 3, 4
"""Relu layers in a row, and the units up to which each of them is narrow. A layer of n relu units is silent from the
start with a probability of about 2^-n: three of four units are one time in six, and what comes through is a few
numbers (Lu
et al., 2019)."""
KNOWN = 0.8
"""Certainty of such a chain: it stands in the settings."""
CHAIN_HARM = 0.6
"""Its harm: networks like it learn, late and only some of the time."""


def narrow_chain(
    layers: Sequence[dict[str, Any]], model: dict[str, Any] | None = None, given: Set[str] = frozenset()
) -> Trouble:
    """Several relu layers of very few units behind one another."""
    chain: list[dict[str, Any]] = []
    longest: list[dict[str, Any]] = []
    for row in hidden_layers(layers):
        units = row["units"]
        is_narrow = row["activation"] == "relu" and isinstance(units, int) and 0 < units <= DEEP_AND_NARROW
        chain = [*chain, row] if is_narrow and row["name"] not in given else []
        longest = max(longest, chain, key=len)
    if len(longest) < DEEP:
        return None
    names = [row["name"] for row in longest]
    most = max(int(row["units"]) for row in longest)
    return Finding(
        CHAIN_HARM,
        KNOWN,
        f"{len(longest)} relu layers of at most {plural(most, 'unit')} stand in a row: {listed(names)}.",
        f"more than {DEEP_AND_NARROW} units in each, or fewer of them.",
        widen(model, names, WIDE)[0],
        layers=tuple(names),
        edits=widen(model, names, WIDE)[1],
        picture="layers",
    )


def narrow_relu(
    layers: Sequence[dict[str, Any]],
    dead_fraction: np.ndarray | None,
    epochs: np.ndarray | None,
    model: dict[str, Any] | None = None,
    given: Set[str] = frozenset(),
) -> Trouble:
    """The narrow layer with the largest share of silent units."""
    narrow = [
        index
        for index, row in enumerate(hidden_layers(layers))
        if row["activation"] == "relu"
        and isinstance(row["units"], int)
        and 0 < row["units"] <= NARROW
        and row["name"] not in given
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
    names = [layers[index]["name"] for index in narrow]
    return Finding(
        ONE_SILENT + (1 - ONE_SILENT) * share,
        LEFT_OVER,
        f"The relu layer {name} has {plural(units, 'unit')}, and {silent} of them give{'s' if silent == 1 else ''} 0 "
        f"on every probe sample, since epoch {since}.",
        f"more than {NARROW} units, or an activation that is never silent.",
        widen(model, names, WIDE)[0],
        since=since,
        layers=tuple(names),
        edits=widen(model, names, WIDE)[1],
        picture="dead_fraction",
    )
