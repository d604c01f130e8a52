"""Layers that get no gradient, or one of exactly zero that their values do not explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, DoesNotApply, Finding, Fine
from tb_diagnose.causes._cut_place import GATED, harm_of_share, look_between
from tb_diagnose.causes._wording import listed, plural

SHUT = 0.99
"""Share of silent or saturated units in one layer from which its values, not its kind, keep the gradient back."""
INFERRED = 0.9
"""Certainty of a cut that is inferred from a gradient of exactly 0: clipping in a custom layer can give one too. That
nothing connects weights to the loss is certain."""


@dataclass(frozen=True)
class Gradients:
    """Gradients by layer.

    Args:
        norms: Their norms, shape `(epoch, layer)`.
        disconnected: Smallest share of weights that get none at all, shape `(layer,)`.
        shut: Whether a layer's values may keep the gradient back, shape `(layer,)`.
        used: Indices of the layers that have trainable weights and are called.
    """

    norms: np.ndarray
    disconnected: np.ndarray
    shut: np.ndarray
    used: tuple[int, ...]


def gradients(
    norms: np.ndarray,
    layers: Sequence[dict[str, Any]],
    disconnected_fraction: np.ndarray | None,
    activation_std: np.ndarray | None,
    gates: Sequence[np.ndarray | None],
    initial_weights: Sequence[dict[str, Any] | None],
) -> Gradients:
    """Gathers what the series say of each layer; `gates` are the shares of units that are silent, and saturated."""
    count = norms.shape[1]
    asked = ~np.isnan(norms).all(axis=0)
    called = np.ones(count, bool) if activation_std is None else ~np.isnan(activation_std).all(axis=0)
    disconnected = np.zeros(count)
    if disconnected_fraction is not None:
        known = np.where(np.isnan(disconnected_fraction), np.inf, disconnected_fraction).min(axis=0)
        disconnected = np.where(np.isinf(known), 0.0, known)
    shut = np.array([row.get("class") in GATED for row in layers[:count]])
    for series in gates:
        if series is not None and len(series):
            shut |= np.nan_to_num(np.asarray(series, float)).max(axis=0) >= SHUT
    if activation_std is not None and len(activation_std):
        shut |= (np.asarray(activation_std, float) == 0).all(axis=0)  # the same output for every sample
    for i, row in enumerate(initial_weights[:count]):
        shut[i] |= row is not None and row["std"] == 0
    return Gradients(norms, disconnected, shut, tuple(int(i) for i in np.flatnonzero(asked & called)))


def by_gradients(given: Gradients, layers: Sequence[dict[str, Any]], epochs: np.ndarray) -> Answer:
    """The answer where gradients were measured."""
    records = f"in {plural(len(epochs), 'record')}"
    if not given.used:
        return DoesNotApply(f"0 of {plural(len(layers), 'layer')} ask for a gradient.")
    cut = [i for i in given.used if given.disconnected[i] > 0]
    still = [i for i in given.used if i not in cut and np.nanmax(given.norms[:, i]) == 0]
    moving = [i for i in given.used if np.nanmin(given.norms[:, i]) > 0]
    zero = [i for i in still if moving and i < moving[-1] and not given.shut[i:].any()]
    if cut or zero:
        return _finding(given, sorted({*cut, *zero}), bool(cut), layers, epochs)
    if still:
        names = listed([layers[i]["name"] for i in still])
        why = "so is that of all layers behind" if not moving else "units behind are dead, saturated or begin at 0"
        return DoesNotApply(f"The gradient of {names} is 0 {records}, and {why}: nothing tells of a cut.")
    return Fine(_cleared(given, int(epochs[-1])))


def _cleared(given: Gradients, last: int) -> str:
    """That every layer has had a gradient, and which of them have none any more."""
    count = len(given.used)
    every = "The trained layer" if count == 1 else f"Each of the {count} trained layers"
    ended = sum(given.norms[-1, i] == 0 for i in given.used)
    if not ended:
        return f"{every} has a gradient after epoch {last}."
    that = "it" if count == 1 else f"that of {'all' if ended == count else ended}"
    return f"{every} has had a gradient; after epoch {last} {that} is 0."


def _finding(
    given: Gradients, concerned: list[int], is_cut: bool, layers: Sequence[dict[str, Any]], epochs: np.ndarray
) -> Finding:
    names = tuple(layers[i]["name"] for i in concerned)
    behind = next((layers[i]["name"] for i in given.used if i > concerned[-1]), None)
    records = f"in {plural(len(epochs), 'record')} from epoch {int(epochs[0])} to {int(epochs[-1])}"
    if is_cut:
        part = min(given.disconnected[i] for i in concerned if given.disconnected[i] > 0)
        some = "" if part == 1 else f"{part:.0%} of the weights of "
        saw = f"No gradient reaches {some}{listed(names)}"
    else:
        saw = f"The gradient of {listed(names)} is exactly 0"
    sizes = {i: layers[i].get("parameters") or 1 for i in given.used}
    before = sum(size for i, size in sizes.items() if i != given.used[-1] or i in concerned)
    return Finding(
        harm_of_share(sum(sizes[i] for i in concerned) / max(before, 1)),
        1.0 if is_cut else INFERRED,
        f"{saw}, {records}.",
        f"a gradient for each of the {plural(len(given.used), 'layer')} with trainable weights.",
        look_between(names[-1], behind),
        since=int(epochs[0]),
        layers=names,
        picture="disconnected_fraction" if is_cut else "gradient_norm",
        limit=0.0,
        beyond="above" if is_cut else "below",
    )
