"""What to log, where logs lack what a cause needs."""

from __future__ import annotations

from tb_diagnose.diagnosis.result import Diagnosis

ADD_LINE = 'callbacks=[tb_diagnose.KerasCallback("logs/run1", (x, y))]'


def how_to_log(missing: list[str], diagnosis: Diagnosis) -> str:
    if "environment" not in diagnosis.evidence.facts:
        return f"Add {ADD_LINE} to fit() to log what it needs."
    if any(name.startswith("val_") for name in missing):
        return "Give validation_data to fit() to log what it needs."
    return "This training did not come far enough, or has nothing of the kind to measure."


def advice(diagnosis: Diagnosis) -> str | None:
    """The one line that would let the untried causes be tried; None where little is missing."""
    if "environment" in diagnosis.evidence.facts or not diagnosis.untried:
        return None
    if "layers" not in diagnosis.evidence.facts:
        return (
            f"These logs hold curves alone: {len(diagnosis.untried)} causes could not be tried. For a Keras model, "
            f"add {ADD_LINE} to fit() to log what they need."
        )
    return f"{len(diagnosis.untried)} causes could not be tried: these logs lack what they need. Add {ADD_LINE} to fit() to log it."
