"""Which layers are hidden, for the checks of `hidden_activation`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tb_diagnose.evidence.keras_config import CONTAINERS

RECURRENT = (
    "LSTM",
    "GRU",
    "SimpleRNN",
    "RNN",
    "Bidirectional",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "TimeDistributed",
)
"""Layers whose activation works inside of them, beside gates."""


def hidden_layers(layers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows before the last layer with a kernel, which is the output layer."""
    kernels = [index for index, row in enumerate(layers) if row["initializer"] is not None]
    return list(layers[: kernels[-1]]) if kernels else []


def is_described(model: dict[str, Any] | None) -> bool:
    """Whether the serialized model tells all that it does; the code of a subclassed model may call any function."""
    return model is not None and model.get("class_name") in CONTAINERS
