"""One line of a user's program, as it is and as it is to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Line = dict[str, Any]
"""`where`, `old` and `new`; `old` is None for a line to add, `new` for one to remove. `place` is file and line,
None where they were not noted. `inferred` says that `old` is how Keras has it, and not how the program says it."""
WHOLE = "model"
"""Where the change is to the model as a whole."""


def line(where: str, old: str | None, new: str | None, *, inferred: bool = False) -> Line:
    """A line."""
    return {"where": where, "old": old, "new": new, "inferred": inferred}


def serialized_model(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The model as Keras serializes it; empty where it was not logged."""
    return facts.get("model") or {}
