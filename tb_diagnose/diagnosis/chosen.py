"""What somebody set for a run, by name: what a sweep is made of, and never what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tb_diagnose.evidence import Evidence

FACTS = ("hparams", "optimizer", "loss_function", "output", "batch_size", "planned_epochs")
"""Facts that are set as they stand, in the order in which they are named."""
OF_A_LAYER = ("units", "activation", "trainable", "rate")
"""What a user sets of a layer."""
NAMES = ("optimizer.config.name", "output.name")
"""Names that Keras numbers as objects are made: `adam_1`, `dense_3`."""
RATE, CONFIGURED_RATE = "learning_rate", "optimizer.config.learning_rate"
DIGITS = 6
"""Digits in which two numbers are the same setting: event files hold them as float32."""


def chosen(evidence: Evidence) -> dict[str, Any]:
    """The settings of a run by name, those of the HParams tab first: numbers, booleans and texts.

    The layers are told by their count and classes, which hold whatever the model, and one by one, which can be compared
    only with models of the same classes.
    """
    found: dict[str, Any] = {}
    for name in FACTS:
        if evidence.facts.get(name) is not None:
            found |= dict(_leaves(name, evidence.facts[name]))
    for name in NAMES:
        found.pop(name, None)
    rate = _rate(evidence, found)
    if rate is not None:
        found[RATE] = rate
    return found | _dropout(evidence.facts.get("dropout_rates")) | _layers(evidence.facts.get("layers") or ())


def _rate(evidence: Evidence, found: dict[str, Any]) -> Any:
    """The learning rate at the start; None under a schedule, whose settings are told instead.

    What an epoch of a schedule ends with depends on how many steps it took.
    """
    if any(name.startswith(f"{CONFIGURED_RATE}.") for name in found):
        return None
    configured, logged = found.pop(CONFIGURED_RATE, None), evidence.get("learning_rate")
    if logged is None or not np.isfinite(logged).any():
        return configured
    return _setting(float(logged[np.isfinite(logged)][0]))


def _dropout(rates: Sequence[float] | None) -> dict[str, Any]:
    """All rates as one setting: a model without Dropout has a rate of 0."""
    if rates is None:
        return {}
    kinds = list(dict.fromkeys(map(_setting, rates))) or [0]
    return {"dropout": kinds[0] if len(kinds) == 1 else ", ".join(str(_setting(rate)) for rate in rates)}


def _layers(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not rows:
        return {}
    classes = [str(row.get("class")) for row in rows]
    found: dict[str, Any] = {"layer_count": len(rows), "layer_classes": ", ".join(dict.fromkeys(classes))}
    for place, row in enumerate(rows):
        found[f"layers.{place}.class"] = classes[place]
        found |= {f"layers.{place}.{key}": _setting(row.get(key)) for key in OF_A_LAYER}
    return found


def _leaves(name: str, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        inner: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, (list, tuple)):
        inner = enumerate(value)
    else:
        yield name, _setting(value)
        return
    for part, one in inner:
        yield from _leaves(f"{name}.{part}", one)


def _setting(value: Any) -> Any:
    """A value as it is compared: None is one too, unlike a setting that is not there."""
    if isinstance(value, float):
        if not np.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() else float(f"{value:.{DIGITS}g}")
    return value if isinstance(value, (bool, int, str)) else str(value)
