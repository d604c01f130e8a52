"""What to log, where logs lack what a cause needs."""

from __future__ import annotations

from tb_diagnose.diagnosis.result import Diagnosis

ADD_LINE = 'callbacks=[tb_diagnose.KerasCallback("logs/run1", (x, y))]'


def how_to_log(missing: list[str], diagnosis: Diagnosis) -> str:
    if "environment" not in diagnosis.evidence.facts:
        return f"Add {ADD_LINE} to fit() to log what it needs."
    if any(name.startswith("val_") for name in missing):
        return "Give validation_data to fit() to log what it needs."
    return "This run did not come far enough, or has nothing of the kind to measure."


def advice(diagnosis: Diagnosis) -> str | None:
    """The one line that would let the causes be told that could not be; None where little is missing."""
    if "environment" in diagnosis.evidence.facts or not diagnosis.could_not_tell:
        return None
    if "layers" not in diagnosis.evidence.facts:
        return (
            f"These logs hold curves alone: {len(diagnosis.could_not_tell)} causes could not be told. For a Keras model, "
            f"add {ADD_LINE} to fit() to log what they need."
        )
    return f"{len(diagnosis.could_not_tell)} causes could not be told: these logs lack what they need. Add {ADD_LINE} to fit() to log it."
