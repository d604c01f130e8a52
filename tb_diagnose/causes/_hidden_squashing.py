"""A chain of sigmoid or tanh layers along which the gradient fades from the start."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import numpy as np

from tb_diagnose.causes import CouldNotTell, Edit, Finding, degree
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._heaviest import Trouble
from tb_diagnose.causes._hidden_layers import RECURRENT, hidden_layers
from tb_diagnose.evidence.number import number

SQUASHING = ("sigmoid", "tanh", "hard_sigmoid", "softsign")
CHAIN = 4
"""Layers of sigmoid or tanh in a row: a fourth power of a quarter is 0.004 (Glorot and Bengio, 2010, saw nets of four
such layers stall)."""
SELU, RELU = ("selu", "lecun_normal"), ("relu", "he_normal")
"""Activation and initializer in their place. Where all layers are dense: units that keep the size of what passes on
(Klambauer et al., "Self-Normalizing Neural Networks", 2017). In demo setups with ten layers of 16 units, relu with He's
weights ended 0.1 to 0.3 lower after as many epochs."""
HEALTHY, RUINOUS = 1e-2, 1e-4
"""Gradient norm of the first layer over that of the last, as for `vanishing_gradients`."""


def squashing_chain(
    layers: Sequence[dict[str, Any]],
    gradient_norm: np.ndarray | None,
    epochs: np.ndarray | None,
    given: Set[str] = frozenset(),
) -> Trouble:
    """The longest such chain, and what is left of the gradient in front of it."""
    chain = _longest_chain(layers, given)
    if len(chain) < CHAIN:
        return None
    if gradient_norm is None or not np.isfinite(gradient_norm).any():
        return CouldNotTell(("gradient_norm",))
    kernels = [index for index, row in enumerate(layers) if row["initializer"] is not None]
    norms = np.asarray(gradient_norm, float)[:, kernels]
    measured = np.flatnonzero(np.isfinite(norms).sum(axis=1) > 1)
    if not len(measured):
        return CouldNotTell(("gradient_norm",))
    earliest = norms[measured[0]]
    known = np.flatnonzero(np.isfinite(earliest))
    front, back = float(earliest[known[0]]), float(earliest[known[-1]])
    ratio = front / back if back > 0 else float("nan")
    size = degree(ratio, HEALTHY, RUINOUS)
    if not size:
        return None
    kind = ", ".join(sorted({row["activation"] for row in chain}))
    names = _kernels_of(chain, layers)
    is_dense = all(row.get("class") == "Dense" for row in layers if row["name"] in names)
    activation, initializer = SELU if is_dense else RELU
    first, last = layers[kernels[known[0]]]["name"], layers[kernels[known[-1]]]["name"]
    epoch = int(epochs[measured[0]]) if epochs is not None else 0
    when = "before training" if epoch == 0 else f"after epoch {epoch}"
    return Finding(
        size,
        certainty(size),
        f"{len(chain)} layers of {kind} stand in a row, and the gradient norm of {first} is {number(ratio, 2)} times "
        f"that of {last} {when}.",
        f"a ratio above {HEALTHY:g}, as {activation} layers keep it.",
        _fix(chain, activation, initializer),
        layers=tuple(row["name"] for row in chain),
        edits=(
            *(Edit(row["name"], "activation", activation) for row in chain),
            *(Edit(name, "kernel_initializer", initializer) for name in names),
        ),
        picture="gradient_norm",
    )


def _fix(chain: Sequence[dict[str, Any]], activation: str, initializer: str) -> str:
    first, behind = chain[0], len(chain) - 1
    old, new, kernels = (
        f'`activation="{first["activation"]}"`',
        f'activation="{activation}"',
        f'kernel_initializer="{initializer}"',
    )
    why = f"These weights keep the size of what passes through {activation}."
    if all(row["initializer"] is not None for row in chain):
        return f"Change {first['name']} and the {behind} layers behind it: {old} -> `{new}, {kernels}`. {why}"
    return (
        f"Change {first['name']} and the {behind} layers of it behind it: {old} -> `{new}`, and the layers with the "
        f"kernels: `{kernels}`. {why}"
    )


def _kernels_of(chain: Sequence[dict[str, Any]], layers: Sequence[dict[str, Any]]) -> list[str]:
    """Names of the layers whose kernels stand in front of the activations of a chain: themselves, or those before."""
    names = []
    for row in chain:
        place = next(index for index, each in enumerate(layers) if each is row)
        kernels = [each for each in layers[: place + 1] if each["initializer"] is not None]
        if kernels and kernels[-1].get("trainable") is not False:
            names.append(str(kernels[-1]["name"]))
    return list(dict.fromkeys(names))


def _longest_chain(layers: Sequence[dict[str, Any]], given: Set[str]) -> list[dict[str, Any]]:
    """The longest chain of squashing layers that no other activation interrupts."""
    chain: list[dict[str, Any]] = []
    longest: list[dict[str, Any]] = []
    for row in hidden_layers(layers):
        if row["name"] in given:
            chain = []
        elif row["activation"] in SQUASHING and row.get("class") not in RECURRENT:
            chain = [*chain, row]
            longest = max(longest, chain, key=len)
        elif row["activation"] not in (None, "linear"):
            chain = []
    return longest
