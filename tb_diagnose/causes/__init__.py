"""The catalogue of causes: one file each, found by being here.

A cause is a function whose parameters are the evidence it needs, by the names in `evidence`;
a parameter with a default is used when it was logged. It returns a `Finding`, or `clear(...)`
with the number that cleared it. The module docstring is its documentation page.
"""

from __future__ import annotations

from typing import Any

from tb_diagnose.causes._catalogue import FAMILIES, Cause, cause, load_catalogue
from tb_diagnose.causes._finding import Edit, Finding, clear, number, severity

__all__ = ["CATALOGUE", "FAMILIES", "Cause", "Edit", "Finding", "cause", "clear", "number", "severity"]


def __getattr__(name: str) -> Any:
    # Built on first use: a cause's module imports this one.
    if name != "CATALOGUE":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()["CATALOGUE"] = load_catalogue()
    return globals()["CATALOGUE"]
