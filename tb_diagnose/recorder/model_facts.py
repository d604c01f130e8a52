"""What a live model tells without a measurement: its configuration, its optimizer, and the environment it runs in."""

from __future__ import annotations

import json
import os
import platform
import socket
from contextlib import suppress
from typing import Any

import numpy as np

from tb_diagnose._version import __version__
from tb_diagnose.evidence import keras_config
from tb_diagnose.recorder import forward, objective, torch_optimizer
from tb_diagnose.recorder.forward import Head

OF_DATA = ("vocabulary", "idf_weights", "mean", "variance", "bin_boundaries")
"""Arguments of layers that hold data, where they are lists."""
RESHAPING = ("Reshape", "Flatten", "Permute")
"""Layers that change the number of values along the last axis, and leave each value as it is."""


def model_facts(model: Any, layers: list[tuple[str, Any]], head: Head | None = None) -> dict[str, Any]:
    """The facts of the model and its compile settings.

    Args:
        model: A Keras model.
        layers: Names and layers, those of nested models included.
        head: What the output comes from, once the model was called.
    """
    rows = [_layer_row(name, layer) for name, layer in layers]
    facts = keras_config.config_facts(rows, model.get_compile_config()) | objective.facts(model)
    if head is not None and not head.is_layer:
        # An operation stands behind the last layer: what it does to the values is not known.
        facts["output"] = {"name": head.name, "activation": None, "units": head.units}
    elif layers and "output" in facts:
        facts["output"] = _own_output(model, layers, facts["output"], head)
    with suppress(Exception):  # a subclassed model without get_config has no such form
        facts["model"] = json.loads(model.to_json())
    return facts


def without_data(facts: Any) -> Any:
    """Facts of a model without what layers such as `TextVectorization` and `Normalization` were given of the data."""
    if isinstance(facts, dict):
        return {
            name: None if name in OF_DATA and isinstance(value, (list, dict)) else without_data(value)
            for name, value in facts.items()
        }
    return [without_data(value) for value in facts] if isinstance(facts, list) else facts


def _own_output(model: Any, layers: list[tuple[str, Any]], found: dict[str, Any], head: Head | None) -> dict[str, Any]:
    """The output as the last layer gives it, where that makes another number of values of the last units: a distance.

    Args:
        model: The model.
        layers: Names and layers in the order of their calls, as far as it is known.
        found: The fact `output` as the layers alone tell it.
        head: What the output comes from, once the model was called.
    """
    outputs = getattr(model, "outputs", None) or []
    units = head.units if head is not None else None
    if units is None and len(outputs) == 1:
        units = (outputs[0].shape[-1] if len(outputs[0].shape) > 1 else 1) or None
    name, last = layers[-1]
    if units is None or units == found["units"] or type(last).__name__ in RESHAPING:
        return found
    return {"name": name, "activation": None, "units": int(units)}


def _layer_row(name: str, layer: Any) -> dict[str, Any]:
    """One row of the layer table."""
    config: dict[str, Any] = {}
    with suppress(Exception):  # a custom layer without get_config is a layer all the same
        config = layer.get_config()
    row = keras_config.layer_row(type(layer).__name__, config)
    return row | {
        "name": name,
        "parameters": int(layer.count_params()) if layer.built else None,
        "trainable": bool(layer.trainable_variables) or (row["trainable"] and not layer.weights),
        "weighted": bool(layer.weights) or row["weighted"],
    }


def iterations(model: Any) -> int | None:
    """Steps that the optimizer has taken; None without an optimizer, or one that does not count."""
    optimizer = objective.optimizer_of(model)
    if torch_optimizer.is_one(optimizer):
        return torch_optimizer.iterations(optimizer)
    return int(_number(optimizer.iterations)) if optimizer is not None else None


def is_untrained(model: Any) -> bool:
    """Whether nothing has moved the weights yet, as far as the optimizer or, without one, the biases tell."""
    steps = iterations(model)
    if steps is not None:
        return steps == 0
    # A loop that has not told its optimizer: biases begin at 0, and no trained one stays there.
    biases = [v for v in model.trainable_variables if len(v.shape) == 1 and v.path.endswith("bias")]
    return bool(biases) and all(not forward.to_numpy(v).any() for v in biases)


def learning_rate(model: Any) -> float | None:
    """Learning rate of the optimizer; None where it has none that is a number."""
    optimizer = objective.optimizer_of(model)
    if torch_optimizer.is_one(optimizer):
        return torch_optimizer.learning_rate(optimizer)
    try:
        return _number(optimizer.learning_rate) if optimizer is not None else None
    except (AttributeError, TypeError, ValueError):
        return None


def _number(value: Any) -> float:
    try:
        return float(value)
    except TypeError:  # a variable on several devices
        return float(forward.to_numpy(value))


def environment() -> dict[str, Any]:
    """The fact `environment`."""
    import keras

    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
        "tb_diagnose": __version__,
        "host": socket.gethostname(),
        "process": os.getpid(),
    }
