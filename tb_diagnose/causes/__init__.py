"""The catalogue of causes: one file each, found by being here.

A cause is a function whose parameters are the evidence it needs, by the names in `evidence`;
a parameter with a default is used when it was logged. It answers with a `Finding`, with `Fine(...)`
and the number that cleared it, with `DoesNotApply(...)`, or with `CouldNotTell(...)`. The module docstring is its
documentation page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tb_diagnose.causes._catalogue import FAMILIES, FAULTS, Cause, cause, load_catalogue, reached_from
from tb_diagnose.causes._finding import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, Try, degree
from tb_diagnose.evidence.number import number

if TYPE_CHECKING:
    CATALOGUE: Mapping[str, Cause]

__all__ = [
    "CATALOGUE",
    "FAMILIES",
    "FAULTS",
    "Answer",
    "Cause",
    "CouldNotTell",
    "DoesNotApply",
    "Edit",
    "Finding",
    "Fine",
    "Try",
    "cause",
    "degree",
    "number",
    "reached_from",
]


def __getattr__(name: str) -> Any:
    # Built on first use: a cause's module imports this one.
    if name != "CATALOGUE":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()["CATALOGUE"] = load_catalogue()
    return globals()["CATALOGUE"]
