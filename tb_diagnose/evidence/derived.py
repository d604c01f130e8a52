"""Derived evidence: worked out once for a run, from what was logged, and handed to whoever asks for it by name.

A derived quantity is a function whose parameters are names of evidence, other derived ones included, or `evidence`
for all of it. Like a cause, it needs the parameters without a default. None is an answer: "there is no such thing".
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

WHOLE = "evidence"
"""The parameter that stands for all of the evidence."""
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Derived:
    """One derived quantity.

    Args:
        needs: Names without which it cannot be told.
        uses: Names that it takes where they were logged.
        takes_all: Whether it takes all of the evidence, too.
        function: Works it out.
        meaning: First line of its docstring.
    """

    needs: tuple[str, ...]
    uses: tuple[str, ...]
    takes_all: bool
    function: Callable[..., Any]
    meaning: str


DERIVED: dict[str, Derived] = {}
"""By name; filled where the functions are defined."""


def derived(function: Function) -> Function:
    """Registers a function as the derived quantity of its name."""
    named = inspect.signature(function).parameters
    parameters = [p for p in named.values() if p.name != WHOLE]
    DERIVED[function.__name__] = Derived(
        needs=tuple(p.name for p in parameters if p.default is p.empty),
        uses=tuple(p.name for p in parameters if p.default is not p.empty),
        takes_all=WHOLE in named,
        function=function,
        meaning=(inspect.getdoc(function) or "").partition("\n")[0],
    )
    return function
