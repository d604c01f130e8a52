"""What edits change, in a few words: for a sentence, where the lines of a program are too much."""

from __future__ import annotations

from collections.abc import Sequence

from tb_diagnose.causes import Edit
from tb_diagnose.causes._finding import distinct
from tb_diagnose.fixes.literals import UnwritableError, value_of

MOST_LAYERS = 2
"""Layers that a phrase names; of more it says how many."""
WHOLE = "model"


def phrases(edits: Sequence[Edit]) -> tuple[str, ...]:
    """A phrase for each thing that changes, such as `activation="sigmoid"` in dense_2.

    Args:
        edits: Of one finding or of several.
    """
    places: dict[str, list[str]] = {}
    for edit in distinct(edits):
        places.setdefault(_setting(edit), []).append(edit.where)
    return tuple(setting + _where(where) for setting, where in places.items() if setting)


def _setting(edit: Edit) -> str:
    if edit.where == "data":
        # What is neither x nor y, such as a mean, only serves a later line.
        return f"`{edit.argument} = {edit.new}`" if {"x", "y"} & {*edit.argument.split(", ")} else ""
    if edit.where == "in front":
        return f"`{edit.new}` first"
    new = edit.new
    if isinstance(new, dict) and edit.argument == "optimizer":
        inner = ", ".join(f"{name}={_literal(name, value)}" for name, value in (new.get("config") or {}).items())
        return f"`optimizer={new.get('class_name')}({inner})`"
    return f"`{edit.argument}={_literal(edit.argument, new)}`"


def _literal(argument: str, value: object) -> str:
    try:
        return value_of(argument, value)
    except (UnwritableError, KeyError, TypeError, ValueError):
        return str(value.get("class_name", "...")) if isinstance(value, dict) else repr(value)


def _where(places: Sequence[str]) -> str:
    if places[0] in ("data", "compile", "fit", "in front"):
        return ""
    if places[0] == WHOLE:
        return " in all layers"
    if len(places) > MOST_LAYERS:
        return f" in {len(places)} layers"
    return f" in {' and '.join(places)}"
