"""A softmax or an exponential among the hidden layers."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from tb_diagnose.causes import Edit, Finding
from tb_diagnose.causes._heaviest import Trouble
from tb_diagnose.causes._hidden_layers import RECURRENT, hidden_layers, is_described
from tb_diagnose.causes._wording import listed, plural
from tb_diagnose.evidence.keras_config import walk_layers

ACTIVATIONS = ("softmax", "log_softmax", "exponential", "exp")
MIXING = ("Multiply", "Dot", "Einsum", "Matmul", "Attention", "AdditiveAttention", "MultiHeadAttention")
"""What weighs one thing by another: a softmax before it makes weights that sum to 1, as it should."""
HARM = 0.8
"""A softmax over few units still lets a network learn, slowly."""
UNSEEN = 0.6
"""Certainty where the code of a subclassed model may use the softmax as the weights of an attention."""


def softmax_inside(
    layers: Sequence[dict[str, Any]], model: dict[str, Any] | None, given: Set[str] = frozenset()
) -> Trouble:
    """A hidden layer whose outputs share a total of 1, or grow e-fold with each 1 of its input."""
    if model is not None and any(step.kind in MIXING for step in walk_layers(model)):
        return None
    rows = [
        row for row in hidden_layers(layers) if row["activation"] in ACTIVATIONS and row.get("class") not in RECURRENT
    ]
    for row in rows[:1]:
        activation, names = row["activation"], [each["name"] for each in rows]
        units = f" of {plural(row['units'], 'unit')}" if row["units"] else ""
        effect = (
            "its outputs sum to 1 for every sample."
            if "softmax" in activation
            else "its outputs grow e-fold with each 1 of its input."
        )
        return Finding(
            HARM,
            1.0 if model is None or is_described(model) else UNSEEN,
            f"The hidden layer {row['name']}{units} has the activation {activation}: {effect}",
            f"relu there; {activation} belongs to the output, if anywhere.",
            _fix(rows, given),
            layers=tuple(names),
            edits=() if given & set(names) else tuple(Edit(name, "activation", "relu") for name in names),
            picture="layers",
        )
    return None


def _fix(rows: Sequence[dict[str, Any]], given: Set[str]) -> str:
    names, activation = [row["name"] for row in rows], rows[0]["activation"]
    fixed = next((name for name in names if name in given), None)
    if fixed is not None:
        # Weights that were learned in front of it would not fit another activation.
        return (
            f"Leave the pretrained weights as they are, and take what comes out in front of {fixed}: load the body "
            "without its classifier (`include_top=False`), or end it at the layer before."
        )
    return f'Change {listed(names)}: `activation="{activation}"` -> `activation="relu"`.'
