"""Tries that several causes have: a custom layer left out, values normalized, inputs and labels paired again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit, Try
from tb_diagnose.causes._finding import RANGE_TEST
from tb_diagnose.causes._wording import listed
from tb_diagnose.evidence.keras_config import walk_layers

NORMALIZATION = {"class_name": "BatchNormalization", "config": {}}
PAIRED = Try("inputs and labels paired before they are shuffled", (Edit("training", "x, y", "paired.x, paired.y"),))
REPORTED = Try(untold="It changes what is reported, not what is learned.")
BY_CALLBACK = Try(untold="A callback sets the rate, and a trial calls no callback of the run.")
RATE = Try("a learning rate that a short range test finds", (Edit("compile", "learning_rate", RANGE_TEST),))


def without_custom(model: Mapping[str, Any] | None, layers: Sequence[Mapping[str, Any]]) -> Try | None:
    """The custom layers without weights left out: what they do no configuration tells. None where there are none.

    Args:
        model: The fact of that name.
        layers: The fact of that name: layers that have something to measure.
    """
    weighted = {row["name"] for row in layers}
    names = [
        layer.name
        for layer in walk_layers(dict(model or {}))
        if (layer.custom or layer.kind == "Lambda") and layer.name not in weighted
    ]
    return without(names) if names else None


def without(names: Sequence[str]) -> Try:
    """Layers left out: their inputs go on as they are."""
    return Try(f"without {listed(names)}", tuple(Edit(name, "left_out", True) for name in names))


def normalized(layers: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Try:
    """A BatchNormalization before the activation of layers.

    Args:
        layers: The fact of that name.
        names: Names of layers that have an activation.
    """
    edits: list[Edit] = []
    for row in layers:
        if row["name"] not in names:
            continue
        if row.get("initializer") is None:  # a layer that is nothing but an activation
            edits.append(Edit(row["name"], "before", [NORMALIZATION]))
            continue
        activation = {"class_name": "Activation", "config": {"activation": row.get("activation") or "linear"}}
        edits += [Edit(row["name"], "activation", "linear"), Edit(row["name"], "behind", [NORMALIZATION, activation])]
    return Try(f"a BatchNormalization before the activation of {listed(names)}", tuple(edits))
