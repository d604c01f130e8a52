"""The lines of single layers: their calls, and whether they are trained."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.evidence import keras_config
from tb_diagnose.fixes.keras_signatures import (
    APART,
    LAYERS,
    OPTIONS,
    PLAIN_ACTIVATIONS,
    TANH,
    TOLD_BY_ROWS,
    UNWRITTEN,
)
from tb_diagnose.fixes.line import WHOLE, Line, line, serialized_model
from tb_diagnose.fixes.literals import automatic_name, quoted, refuse, value_of


def layer_lines(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    """The line of one layer."""
    kind, config = _class_and_config(where, facts)
    changes = {}
    for edit in edits:
        argument = "filters" if edit.argument == "units" and "filters" in config else edit.argument
        if kind in keras_config.ACTIVATION_LAYERS and argument == "activation":
            if len(edits) > 1 or any(config[name] != PLAIN_ACTIVATIONS[kind].get(name) for name in _settings(config)):
                refuse(where)
            name = _name(kind, config)
            new = None if edit.new == "linear" else f"Activation({', '.join([value_of(argument, edit.new), *name])})"
            return [line(where, f"{kind}({', '.join(name)})", new)]
        if argument not in config:
            refuse(where)
        changes[argument] = edit.new
    old, new = _call(kind, config), _call(kind, {**config, **changes}, tuple(changes))
    return [line(where, old, None if kind == "Activation" and changes.get("activation") == "linear" else new)]


def _class_and_config(where: str, facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Class and config of a layer: its own from the model, or what the layer table tells."""
    layers = _layers(facts)
    # A cause that reads the model itself knows the layers of nested models by their own names.
    named = [layer for layer in layers if layer.name == where]
    named = named or [layer for layer in layers if layer.name.endswith(f"/{where}")]
    if named:
        types = {_dtype(layer.config) for layer in layers} - {None}
        if len(named) > 1 or named[0].custom or len(types) > 1:
            refuse(where)  # of several types, as in mixed precision, which one is given is not told
        return named[0].kind, named[0].config
    for row in facts.get("layers") or []:
        if row["name"] == where and row.get("class") in (*TOLD_BY_ROWS, *keras_config.ACTIVATION_LAYERS):
            config = {name: row.get(name) for name in ("units", "activation", "rate")}
            return str(row["class"]), {name: value for name, value in config.items() if value is not None}
    return refuse(where)


def _dtype(config: Mapping[str, Any]) -> str | None:
    dtype = config.get("dtype")
    if isinstance(dtype, dict) and isinstance(dtype.get("config"), dict):
        return str(dtype["config"].get("name"))
    return dtype


def _layers(facts: Mapping[str, Any]) -> list[keras_config.Layer]:
    return list(keras_config.walk_layers(serialized_model(facts)))


def _call(kind: str, config: Mapping[str, Any], changed: tuple[str, ...] = ()) -> str:
    """A layer as a user makes it: what it must have, and what is not as Keras would have it."""
    if kind not in LAYERS or any(name not in config for name in LAYERS[kind]):
        refuse(kind)
    written = {*LAYERS[kind], *OPTIONS}
    if config.get("trainable") is False or any(
        config[name] not in UNWRITTEN.get(name, ()) for name in _settings(config) if name not in written
    ):
        refuse(kind)
    arguments = [value_of(name, config[name]) for name in LAYERS[kind]]
    for name, usual in OPTIONS.items():
        if name not in config or name in LAYERS[kind]:
            continue
        value = value_of(name, config[name])
        plain = ('"tanh"',) if name == "activation" and kind in TANH else usual
        bare = value in ("None", '"linear"') and value in plain
        if value not in plain or (name in changed and not bare):
            arguments.append(f"{name}={value}")
    return f"{kind}({', '.join(arguments + _name(kind, config))})"


def _settings(config: Mapping[str, Any]) -> list[str]:
    """Names of the settings that make this layer what it is."""
    return [name for name in config if name not in APART]


def _name(kind: str, config: Mapping[str, Any]) -> list[str]:
    """The argument for a name that a user has given; empty for one of Keras's."""
    name = config.get("name")
    if not isinstance(name, str) or re.fullmatch(rf"{automatic_name(kind)}(_\d+)?", name):
        return []
    return [f"name={quoted(name)}"]


def trainable_lines(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    """The line that says whether a layer, or the whole model, is trained."""
    path = "" if where == WHOLE else where
    # A model that is frozen as a whole gives no weights to train, whatever its layers say.
    frozen_in = next((layer.frozen_in for layer in _layers(facts) if layer.name == path), None)
    path = path if frozen_in is None else frozen_in
    target = "model" + "".join(f".get_layer({quoted(name)})" for name in path.split("/") if name)
    new = edits[0].new
    return [line(path or WHOLE, f"{target}.trainable = {not new}", f"{target}.trainable = {new}")]
