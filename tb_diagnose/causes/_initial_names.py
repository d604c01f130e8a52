"""The kernels of a run whose weights were not logged, by the names of their initializers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tb_diagnose.causes._initial_weights import Kernel, activation_behind, normalization_behind
from tb_diagnose.evidence.keras_config import snake_case, walk_layers

CONSTANT = ("zeros", "ones", "constant")
"""Initializers that give every unit the same weights."""
BY_FAN = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal")
"""Initializers whose standard deviation follows the number of inputs: fine by their names."""


def named_kernels(layers: Sequence[dict[str, Any]], model: dict[str, Any] | None) -> list[Kernel]:
    """Kernels of which the initializers alone are known: their standard deviation is not."""
    places = [i for i, row in enumerate(layers) if row.get("initializer") is not None]
    configs = {layer.name: layer.config for layer in walk_layers(model or {})}
    following = [*places[1:], len(layers)]
    kernels = []
    for i, end in zip(places, following, strict=True):
        row, name = layers[i], initializer_name(layers[i]["initializer"])
        bias = configs.get(row["name"], {}).get("bias_initializer")
        kernels.append(
            Kernel(
                name=row["name"],
                units=row["units"],
                std=0.0 if name in CONSTANT else float("nan"),
                fan_in=1,
                fan_out=1,
                alike=name in CONSTANT,
                zeros=name == "zeros",
                bias=_constant(bias),
                activation=activation_behind(layers[i:end]),
                normalization=normalization_behind(layers, i),
                arriving=float("nan"),
                is_output=i == places[-1],
            )
        )
    return kernels


def initializer_name(name: str) -> str:
    """`GlorotUniform` and `glorot_uniform` -> `glorot_uniform`."""
    return snake_case(str(name))


def _constant(initializer: Any) -> float | None:
    """The value that an initializer gives to all biases; None where it draws them, or is not known."""
    if not isinstance(initializer, dict):
        return {"zeros": 0.0, "ones": 1.0}.get(initializer_name(initializer)) if initializer else None
    config = initializer.get("config")
    value = config.get("value") if isinstance(config, dict) else None
    kind = initializer_name(initializer.get("class_name", ""))
    return (
        float(value)
        if kind == "constant" and isinstance(value, (int, float))
        else {"ones": 1.0, "zeros": 0.0}.get(kind)
    )
