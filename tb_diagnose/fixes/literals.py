"""Values of Keras's arguments -> Python as a person writes it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from tb_diagnose.fixes.keras_signatures import ACTIVATIONS, OBJECTS, UNTOLD


class Unwritable(Exception):
    """A value or a call that is not known well enough to be written."""


def quoted(text: str) -> str:
    """Text as a Python literal; what cannot be seen, such as marks that turn the direction of writing, is spelled out."""
    seen = json.dumps(text, ensure_ascii=False)
    return "".join(
        one if one.isprintable() else f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"
        for one in seen
    )


def value_of(argument: str, value: Any) -> str:
    """A value of an argument as a person writes it; raises `Unwritable` where it is an object of somebody's own."""
    family = {"loss": "losses", "metrics": "metrics"}.get(argument)
    family = family or next(
        (f"{kind}s" for kind in ("initializer", "regularizer", "constraint") if argument.endswith(f"_{kind}")), None
    )
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = f"{value:.6g}"
        return refuse(argument) if not math.isfinite(value) else text if "." in text or "e" in text else f"{text}.0"
    if isinstance(value, str):
        return refuse(argument) if argument.endswith("activation") and value not in ACTIVATIONS else quoted(value)
    if isinstance(value, (list, tuple)) and value:
        inner = [value_of(argument, one) for one in value]
        return inner[0] if len(inner) == 1 else f"({', '.join(inner)})"
    if isinstance(value, dict) and argument == "class_weight":
        return "{" + ", ".join(f"{int(k)}: {value_of('weight', v)}" for k, v in value.items()) + "}"
    if isinstance(value, dict) and family is not None:
        return object_of(family, value)
    return refuse(argument)


def object_of(family: str, value: Mapping[str, Any]) -> str:
    """One of Keras's own objects, with the arguments that are not as Keras would have them."""
    kind, config = value.get("class_name"), value.get("config") or {}
    usual = OBJECTS[family].get(kind) if isinstance(kind, str) else None
    if usual is None or value.get("registered_name") or not isinstance(config, dict):
        return refuse(family)
    given = []
    for name, one in config.items():
        if one is None or name in UNTOLD and family in ("losses", "metrics"):
            continue
        if name not in usual:
            return refuse(name)
        if one != usual[name] and not (isinstance(usual[name], tuple) and one in usual[name]):
            given.append(f"{name}={value_of(name, one)}")
    if family == "initializers" and not given:
        return quoted(automatic_name(kind))
    if family == "regularizers" and len(given) == 1:
        given = [given[0].partition("=")[2]] if len(usual) == 1 else given
    return f"keras.{family}.{kind}({', '.join(given)})"


def refuse(what: str) -> Any:
    raise Unwritable(what)


def automatic_name(kind: str) -> str:
    """The name that Keras gives to a layer of a class: `Conv2D` -> `conv2d`, `ReLU` -> `re_lu`."""
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", apart).lower()
