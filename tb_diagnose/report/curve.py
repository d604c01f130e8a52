"""The judged curve as the tab draws it: its values, the validation curve beside it, and the levels to compare with."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.evidence import Evidence
from tb_diagnose.report.plain import plain
from tb_diagnose.status.simple_methods import ALIKE, best_accuracy
from tb_diagnose.status.skill import Progress, beside
from tb_diagnose.status.status import Status

LABELS = {
    "accuracy": "Training accuracy",
    "val_accuracy": "Validation accuracy",
    "probe_accuracy": "Accuracy on the probe samples",
    "loss": "Training loss",
    "probe_loss": "Loss on the probe samples",
}
"""Names of the curves in charts; a score is called as it was logged."""
UNJUDGED = {"reward": "Reward", "loss": "Training loss", "val_loss": "Validation loss"}
"""Curves of runs that nothing judges, the first that is there."""
STANDS = ("stalled", "diverged", "misreported", "not generalizing")
"""Statuses that hold from one epoch to another, which is shaded. A curve that still moves is none."""
LOSSES = ("loss", "probe_loss")
"""What is not finite where a run diverged though its accuracy is."""


def curve(diagnosis: Diagnosis) -> dict[str, Any] | None:
    """A Curve of `answers.schema.json`; None where nothing was judged."""
    judged, evidence, status = diagnosis.progress, diagnosis.evidence, diagnosis.status
    if judged is None:
        return _unjudged(evidence, status)
    output = "" if diagnosis.output is None else f" of output {diagnosis.output.name}"
    evidence = evidence if diagnosis.output is None else diagnosis.output.view
    validation = beside(judged.name, evidence)
    return {
        "name": judged.name,
        "label": f"{LABELS.get(judged.name) or evidence.get('score_name')}{output}",
        "epochs": judged.epochs.tolist(),
        "values": plain(judged.values),
        "validation": None if validation is None else plain(validation[evidence.epochs > 0]),
        "levels": [{"name": name, "value": float(at)} for name, at in _levels(judged, evidence) if math.isfinite(at)],
        "stalled": _shaded(status),
        "higher_is_better": judged.chance is not None,
        "not_finite": _not_finite(judged.name, diagnosis),
    }


def _unjudged(evidence: Evidence, status: Status) -> dict[str, Any] | None:
    """The curve that the headline of a run tells of that nothing judges: a reward, or a loss."""
    name = next((name for name in UNJUDGED if evidence.get(name) is not None), None)
    if name is None:
        return None
    finished = evidence.epochs > 0
    validation = evidence.get(f"val_{name}") if f"val_{name}" in UNJUDGED else None
    return {
        "name": name,
        "label": UNJUDGED[name],
        "epochs": evidence.epochs[finished].tolist(),
        "values": plain(evidence.get(name)[finished]),
        "validation": None if validation is None else plain(validation[finished]),
        "levels": [],
        "stalled": _shaded(status),
        "higher_is_better": name == "reward",
        "not_finite": [],
    }


def _shaded(status: Status) -> list[int | None] | None:
    """First and last epoch of what the headline says of the run; None where it holds from no epoch on."""
    return [status.since, status.until] if status.since is not None and status.name in STANDS else None


def _not_finite(name: str, diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """Where a run that diverged went: the epochs at which its curve, or else its loss, is no number or infinite.

    Before it diverged, a value that is missing was not measured.
    """
    evidence, status = diagnosis.evidence, diagnosis.status
    if status.name != "diverged" or status.since is None:
        return []
    for series in dict.fromkeys((name, *LOSSES)):
        values = evidence.get(series)
        if values is None:
            continue
        broken = np.flatnonzero(~np.isfinite(values) & (evidence.epochs >= status.since))
        if len(broken):
            return [{"epoch": int(evidence.epochs[at]), "of": series, "value": _said(values[at])} for at in broken]
    return []


def _said(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _levels(judged: Progress, evidence: Evidence) -> list[tuple[str, float]]:
    """Horizontal lines: the best constant answer, guessing, and the better of the simple methods."""
    levels: list[tuple[str, float]] = []
    if judged.baseline is not None:
        levels.append(("majority share" if judged.chance is not None else "best constant answer", judged.baseline))
    if judged.chance is None:
        return levels
    if math.isfinite(judged.chance) and all(abs(judged.chance - value) > ALIKE for _, value in levels):
        levels.append(("chance", judged.chance))
    simple = best_accuracy(evidence)
    return levels if simple is None else [*levels, simple]
