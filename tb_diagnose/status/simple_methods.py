"""What simple methods reach on the same samples, as it is drawn beside the accuracy and as it is said."""

from __future__ import annotations

import math

from tb_diagnose.evidence import Evidence
from tb_diagnose.evidence.number import number

METHODS = {"nearest neighbours": "neighbour_accuracy", "ridge regression": "ridge_accuracy"}
"""Facts with the accuracy of simple methods, by name."""
ALIKE = 0.02
"""Accuracies that are closer are one line to the eye."""


def best_accuracy(evidence: Evidence) -> tuple[str, float] | None:
    """The better of the simple methods, by name, and its accuracy; None where none is known."""
    known = {name: evidence.get(fact) for name, fact in METHODS.items()}
    finite = {name: float(value) for name, value in known.items() if value is not None and math.isfinite(value)}
    best = max(finite, key=finite.__getitem__, default=None)
    return None if best is None else (best, finite[best])


def compared(now: float, evidence: Evidence) -> str:
    """A clause that holds an accuracy against the line of the simple methods; without numbers where there is none."""
    simple = best_accuracy(evidence)
    if simple is None:
        return "about as good as simple methods do on the same inputs"
    name, reached = simple
    if now < reached - ALIKE:
        return f"not far below the {number(reached)} that {_does(name)} on the same inputs"
    how = "above" if now > reached + ALIKE else "as good as"
    return f"{how} the {number(reached)} that {_does(name)} on the same inputs"


def _does(name: str) -> str:
    return f"{name} reach" if name.endswith("s") else f"{name} reaches"
