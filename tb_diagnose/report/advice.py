"""What to log, where logs lack what a cause needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report.wording import is_keras

ADD_LINE = 'callbacks=[tb_diagnose.KerasCallback("logs/run1", (x, y))]'

WRITERS: Mapping[str, str] = {
    "lightning": 'with `self.log("train_acc", acc, on_epoch=True)` in `training_step`, `self.log("val_acc", acc)` in '
    "`validation_step`",
    "transformers": "with `compute_metrics` and `eval_strategy` of the `Trainer`",
    "estimator": "with `eval_metric_ops` of the `EstimatorSpec`",
    "stable_baselines3": "with a callback of your own",
}
"""How users of other programs log a curve."""


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
    if "environment" in diagnosis.evidence.facts or not diagnosis.could_not_tell:
        return None
    writer = diagnosis.evidence.facts.get("writer")
    if writer is not None and not is_keras(diagnosis.evidence):
        return _for_writer(str(writer), diagnosis)
    if "layers" not in diagnosis.evidence.facts:
        return f"These logs hold curves alone. For a Keras model, add {ADD_LINE} to fit() to log what more causes need."
    return f"Add {ADD_LINE} to fit() to log what could not be told."


def _for_writer(writer: str, diagnosis: Diagnosis) -> str | None:
    """What a user of that program can log; None where there is nothing more to log."""
    if diagnosis.evidence.get("reward") is not None:
        return None
    known, how = diagnosis.evidence, WRITERS[writer]
    missing = [
        where
        for name, where in (("accuracy", "training"), ("val_accuracy", "validation"))
        if known.get(name) is None and known.get(name.replace("accuracy", "score")) is None
    ]
    alone = "These logs hold curves alone, which tell of few causes"
    if not missing:
        return f"{alone}; what the others need is measured in Keras models."
    return f"{alone}: log the accuracy on {' and '.join(missing)} samples, too, {how}."
