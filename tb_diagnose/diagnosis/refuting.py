"""A claim that the run itself refutes is never made."""

from __future__ import annotations

import dataclasses

from tb_diagnose.causes import Finding
from tb_diagnose.diagnosis.trying import Tried
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.skill import probe_samples, standard_error, validation_probe_samples

ERRORS = 2.0
"""Standard errors by which an accuracy must pass a ceiling to refute it."""
MEMORIZED = 0.1
"""Training accuracy above validation accuracy from which training samples say nothing of a ceiling: memorizing
passes it."""


COPIED = 0.05
"""Share of validation samples that are training samples up to which validation is taken as it is, as in `bad_split`."""


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
    training, validation = evidence.get("final_accuracy"), evidence.get("final_validation_accuracy")
    copied = (evidence.get("validation_overlap_fraction") or 0.0) > COPIED
    if validation is None or copied and evidence.get("validation_is_trusted") is not True:
        return None
    probed = evidence.get("probe_sample_count")
    if training is not None and validation < training <= validation + MEMORIZED:
        return training, probe_samples(probed)
    counts = evidence.get("validation_sample_count"), probed, evidence.get("sample_count")
    return validation, validation_probe_samples(*counts)
