"""What to log, where logs lack what a cause needs."""

from __future__ import annotations

from collections.abc import Sequence

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report.wording import is_keras

ADD_LINE = 'callbacks=[tb_diagnose.KerasCallback("logs/run1", (x, y))]'


def how_to_log(missing: Sequence[str], diagnosis: Diagnosis) -> str:
    """What would let one cause be told.

    Args:
        missing: Names of the evidence that it lacks.
        diagnosis: The diagnosis that says so.
    """
    evidence = diagnosis.evidence
    validation_alone = bool(missing) and all(name.startswith("val_") for name in missing)
    if not is_keras(evidence):
        if validation_alone:
            return "Log the loss and the accuracy on validation samples, too."
        return "These logs hold curves alone; what it needs is logged for Keras models."
    if "environment" not in evidence.facts:
        return f"Add {ADD_LINE} to fit() to log what it needs."
    if any(name.startswith("val_") for name in missing):
        return "Give validation_data to fit() to log what it needs."
    return "This run did not come far enough, or has nothing of the kind to measure."


def advice(diagnosis: Diagnosis) -> str | None:
    """The one line that would let the causes be told that could not be; None where little is missing."""
    count = len(diagnosis.could_not_tell)
    if "environment" in diagnosis.evidence.facts or not count:
        return None
    causes = f"{count} cause{'' if count == 1 else 's'} could not be told"
    if "layers" not in diagnosis.evidence.facts:
        return (
            f"These logs hold curves alone: {causes}. For a Keras model, add {ADD_LINE} to fit() to log what they need."
        )
    return f"{causes}: these logs lack what they need. Add {ADD_LINE} to fit() to log it."
