"""Values of Keras's arguments -> Python as a person writes it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from tb_diagnose.fixes.keras_signatures import ACTIVATIONS, OBJECTS, UNTOLD

SCHEDULES = "optimizers.schedules"
NAMED = ("losses", "metrics", SCHEDULES)
"""Parts of Keras whose objects have settings that change nothing."""
LISTS = ("boundaries", "values")
"""Arguments that are lists, even of one element."""


class UnwritableError(Exception):
    """A value or a call that is not known well enough to be written."""


def quoted(text: str) -> str:
    """Text as a Python literal; invisible characters, such as marks that turn the direction of writing, are escaped."""
    return "".join(map(_spelled, json.dumps(text, ensure_ascii=False)))


def _spelled(character: str) -> str:
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def value_of(argument: str, value: Any) -> str:
    """A value of an argument as a person writes it; raises `UnwritableError` where it is a custom object."""
    family = {"loss": "losses", "metrics": "metrics", "learning_rate": SCHEDULES}.get(argument)
    family = family or next(
        (f"{kind}s" for kind in ("initializer", "regularizer", "constraint") if argument.endswith(f"_{kind}")), None
    )
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(argument, value)
    if isinstance(value, str):
        return refuse(argument) if argument.endswith("activation") and value not in ACTIVATIONS else quoted(value)
    if isinstance(value, (list, tuple)) and value:
        inner = [value_of(argument, element) for element in value]
        if argument in LISTS:
            return f"[{', '.join(inner)}]"
        return inner[0] if len(inner) == 1 else f"({', '.join(inner)})"
    if isinstance(value, dict) and argument == "class_weight":
        return "{" + ", ".join(f"{int(k)}: {value_of('weight', v)}" for k, v in value.items()) + "}"
    if isinstance(value, dict) and family is not None:
        return object_of(family, value)
    return refuse(argument)


def _float(argument: str, value: float) -> str:
    if not math.isfinite(value):
        return refuse(argument)
    text = f"{value:.6g}"
    return text if "." in text or "e" in text else f"{text}.0"


def object_of(family: str, value: Mapping[str, Any]) -> str:
    """One of Keras's own objects, with the arguments that are not as Keras would have them."""
    kind, config = str(value.get("class_name")), value.get("config") or {}
    usual = OBJECTS[family].get(kind)
    if usual is None or value.get("registered_name") or not isinstance(config, dict):
        return refuse(family)
    given = []
    for name, argument in config.items():
        if argument is None or name in UNTOLD and family in NAMED:
            continue
        if name not in usual:
            return refuse(name)
        if argument != usual[name] and not (isinstance(usual[name], tuple) and argument in usual[name]):
            given.append(f"{name}={value_of(name, argument)}")
    if family == "initializers" and not given:
        return quoted(automatic_name(kind))
    if family == "regularizers" and len(given) == 1:
        given = [given[0].partition("=")[2]] if len(usual) == 1 else given
    return f"keras.{family}.{kind}({', '.join(given)})"


def refuse(what: str) -> NoReturn:
    """Gives up: a line that is not sure to be right is not written."""
    raise UnwritableError(what)


def automatic_name(kind: str) -> str:
    """The name that Keras gives to a layer of a class: `Conv2D` -> `conv2d`, `ReLU` -> `re_lu`."""
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", apart).lower()
