"""What to log, where logs lack what a cause needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.evidence import Evidence
from tb_diagnose.report.wording import is_keras

ADD_LINE = '`callbacks=[tb_diagnose.KerasCallback("logs/run1", (x, y))]`'

WRITERS: Mapping[str, Mapping[str, str]] = {
    "lightning": {
        "training": '`self.log("train_acc", acc, on_epoch=True)` in `training_step`',
        "validation": '`self.log("val_acc", acc)` in `validation_step`',
    },
    "transformers": {
        "training": '`eval_dataset={"train": ..., "validation": ...}` of the `Trainer`',
        "validation": "`compute_metrics` of the `Trainer`",
    },
    "estimator": {
        "training": '`tf.summary.scalar("accuracy", ...)` in `model_fn`',
        "validation": "`eval_metric_ops` of the `EstimatorSpec`",
    },
    "stable_baselines3": {},
}
"""What users of other programs log an accuracy with, on which samples."""
PREFIX = {"training": "", "validation": "val_"}
FIRST_MOVES: Mapping[str, str] = {
    "diverged": "What to try first: a tenth of the learning rate, and clipped gradients; then look for values that are "
    "not finite in the inputs, and for the logarithm of 0 in the loss.",
    "stalled": "What to try first: a tenth of the learning rate, and ten times it; then whether the model can memorize "
    "a single batch. If it cannot, look at its output, its loss and the labels; if it can, at the scale of the inputs.",
}
"""What a log of curves leaves to do where it names no cause. Nothing was measured that says so."""
ALL_IS_WELL = ("learning", "reached")
"""Statuses of which nobody asks for more."""


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
    evidence = diagnosis.evidence
    if "environment" in evidence.facts or not diagnosis.could_not_tell or diagnosis.status.name in ALL_IS_WELL:
        return None
    first = "" if diagnosis.probable_causes else FIRST_MOVES.get(diagnosis.status.name, "")
    if "writer" in evidence.facts and not is_keras(evidence):
        return " ".join(filter(None, [first, _for_writer(evidence.facts["writer"], evidence)])) or None
    return " ".join(filter(None, [first, _for_keras(evidence)]))


def _for_keras(evidence: Evidence) -> str:
    """How to log what more causes need."""
    if "layers" not in evidence.facts:
        return f"These logs hold curves alone. For a Keras model, add {ADD_LINE} to fit() to log what more causes need."
    return f"Add {ADD_LINE} to fit() to log what could not be told."


def _for_writer(writer: str, evidence: Evidence) -> str | None:
    """What a user of that program can log; None where there is nothing more to log."""
    missing = [
        f"on {part} samples with {how}"
        for part, how in WRITERS[writer].items()
        if all(evidence.get(f"{PREFIX[part]}{what}") is None for what in ("accuracy", "score"))
    ]
    return f"These logs tell of few causes. Log the accuracy, too: {', and '.join(missing)}." if missing else None
