"""A summary within a number of characters: what helps least to act goes first, and is counted."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

ORDER = (
    ("does_not_apply", 0),
    ("could_not_tell", 1),
    ("fine", 8),
    ("settings", 4),
    ("notes", 3),
    ("data", 4),
    ("fine", 3),
    ("notes", 0),
    ("curves", 2),
    ("probable_causes", 3),
    ("settings", 0),
    ("data", 0),
    ("fine", 0),
    ("failed", 1),
    ("trial", 3),
    ("could_not_tell", 0),
    ("probable_causes", 1),
)
"""What is shortened, in this order, and how many entries of it are kept at first."""
LONGEST = 480
"""Characters of a sentence, where the whole is too long even then."""


def fitted(summary: dict[str, Any], size: Callable[[dict[str, Any]], int], most: int) -> dict[str, Any]:
    """A summary whose rendering is no longer than that.

    Args:
        summary: From `summary`; it stays as it is.
        size: Characters of its rendering.
        most: Their largest number.
    """
    made = copy.deepcopy(summary)
    for part, keep in ORDER:
        while size(made) > most and _entries(made, part) > keep:
            _drop(made, part)
    for longest in (LONGEST, LONGEST // 2, LONGEST // 4):
        if size(made) > most:
            made = _shortened(made, longest)
    return made


def _entries(made: dict[str, Any], part: str) -> int:
    held = _held(made, part)
    return 0 if held is None else len(held)


def _held(made: dict[str, Any], part: str) -> Any:
    """The list or table that holds the entries of a part; None where there is none."""
    if made[part] is None:
        return None
    if part == "could_not_tell":
        return next((each["groups"] for each in reversed(made[part]) if len(each["groups"]) > 1), made[part])
    return {"curves": lambda: made[part]["series"], "trial": lambda: made[part]["rows"]}.get(part, lambda: made[part])()


def _drop(made: dict[str, Any], part: str) -> None:
    """Takes the last entry of a part away, and counts it; its id is kept, where it has one."""
    held = _held(made, part)
    out = made["left_out"].setdefault(part, {"count": 0, "ids": []})
    if isinstance(held, dict):
        held.popitem()
        out["count"] += 1
        return
    entry = held.pop()
    out["count"] += 1
    groups = entry.get("groups", [entry])
    for group in groups:
        out["ids"][:0] = group["causes"] if "causes" in group else [group["id"]] if "id" in group else []


def _shortened(value: Any, longest: int) -> Any:
    """A value with long sentences cut; a diff is left whole, since a part of it is of no use."""
    if isinstance(value, dict):
        return {name: inner if name in ("diff", "run") else _shortened(inner, longest) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shortened(inner, longest) for inner in value]
    return f"{value[:longest]}…" if isinstance(value, str) and len(value) > longest else value
