"""A claim that the run itself refutes is never made."""

from __future__ import annotations

import dataclasses

import numpy as np

from tb_diagnose.causes import Finding
from tb_diagnose.diagnosis.trying import Tried
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.skill import standard_error

ERRORS = 2.0
"""Standard errors by which an accuracy must pass a ceiling to refute it."""
MEMORIZED = 0.1
"""Training accuracy above validation accuracy from which on training samples say nothing of a ceiling: memorizing passes it."""
LAST = 3


def refuted(tried: Tried, evidence: Evidence) -> Tried:
    """The answers, with each finding whose ceiling the run has passed among those that are fine."""
    reached = accuracy_on_other_samples(evidence)
    if reached is None:
        return tried
    level, samples = reached
    least = level - ERRORS * standard_error(level, samples)
    passed = [pair for pair in tried.found if pair[1].ceiling is not None and least > pair[1].ceiling]
    return dataclasses.replace(
        tried,
        found=[pair for pair in tried.found if pair not in passed],
        fine=[*tried.fine, *((entry, _but(finding, level)) for entry, finding in passed)],
    )


def _but(finding: Finding, level: float) -> str:
    return f"{finding.saw.rstrip('.')}; but accuracy is {level:.2f}, which this would not allow."


def accuracy_on_other_samples(evidence: Evidence) -> tuple[float, int] | None:
    """Accuracy at the end on samples that were not trained on, and how many they are; None where nothing tells.

    Training samples stand in for them as long as they are not memorized.
    """
    validation = _level(evidence, "probe_val_accuracy", "val_accuracy")
    training = _level(evidence, "probe_accuracy", "accuracy")
    overlap = evidence.get("validation_overlap_fraction") or 0.0
    if validation is not None and overlap < 0.5:
        samples = min(evidence.get("validation_sample_count") or 100, 512)
        if training is not None and abs(training - validation) <= MEMORIZED and training > validation:
            return training, int(evidence.get("probe_sample_count") or 512)
        return validation, int(samples)
    return None


def _level(evidence: Evidence, *names: str) -> float | None:
    for name in names:
        values = evidence.get(name)
        if values is not None and np.isfinite(values).any():
            return float(np.mean(values[np.isfinite(values)][-LAST:]))
    return None
