"""The curve that a training is judged by, on one scale: skill.

Skill is 0 for the best constant answer (the majority class, the mean of the targets) and 1 for a perfect one. So
"0.94 accuracy" on 94 % zeros counts as nothing learned, and a regression is measured like a classification.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from tb_diagnose.evidence import Evidence
from tb_diagnose.keras_config import REGRESSION_LOSSES

LAST = 3
"""Epochs at the end that a level is the mean of: single ones are noisy."""


@dataclass(frozen=True)
class Progress:
    """The curve that is judged.

    Args:
        name: Series it was taken from.
        epochs: Finished epochs, shape `(epoch,)`.
        values: Accuracy or loss, shape `(epoch,)`.
        skill: The same from 0 (best constant answer) to 1 (perfect), shape `(epoch,)`.
        error: Standard error of one skill value from the number of rows.
        baseline: Value of the best constant answer, None when unknown.
        reference: Skill that the inputs allow as far as known, from the nearest neighbours; None when unknown.
        reference_error: Its standard error.
        chance: Accuracy of a uniform guess, None for a regression.
        inference: Skill on the probe rows in inference mode at the end, for models with Dropout and the like: it is
            well above what Keras reports from training mode.
    """

    name: str
    epochs: np.ndarray
    values: np.ndarray
    skill: np.ndarray
    error: float
    baseline: float | None
    reference: float | None
    reference_error: float
    chance: float | None
    inference: float | None = None


def progress(evidence: Evidence) -> Progress | None:
    """The curve to judge a training by; None when neither accuracy nor a comparable loss was logged."""
    finished = evidence.epochs > 0
    if not finished.any():
        return None
    form = evidence.get("label_form")
    amounts = form is None and (evidence.get("loss_function") or {}).get("name") in REGRESSION_LOSSES
    if form != "continuous" and not amounts:
        for name, rows in (("accuracy", "row_count"), ("probe_accuracy", "probe_row_count")):
            values = evidence.get(name)
            if values is not None and not (name == "accuracy" and _misleading(evidence)):
                return _accuracy_progress(evidence, name, values, finished, evidence.get(rows))
    baseline, perfect = evidence.get("baseline_loss"), evidence.get("perfect_loss") or 0.0
    for name in ("probe_loss", "loss"):
        values = evidence.get(name)
        if values is not None and baseline is not None and baseline > perfect:
            skill = (baseline - values) / (baseline - perfect)
            probed = evidence.get("probe_row_count") or 512
            # The loss of a constant answer has a relative standard error of about sqrt(2 / rows) (normal residuals).
            return Progress(
                name,
                evidence.epochs[finished],
                values[finished],
                np.maximum(skill[finished], -1.0),
                float(np.sqrt(2 / probed)),
                baseline,
                evidence.get("neighbour_skill"),
                float(np.sqrt(2 / (evidence.get("neighbour_row_count") or probed))),
                None,
            )
    return None


def _misleading(evidence: Evidence) -> bool:
    """Keras's accuracy measures something else than the share of right answers."""
    metrics = evidence.get("compiled_metrics") or []
    if (evidence.get("label_min") or 0) < 0:
        return True  # labels -1 and 1: Keras's threshold is 0.5
    if evidence.get("label_form") == "multi_label" and "binary_accuracy" not in metrics:
        return True  # "accuracy" compares argmaxes there
    several = len(evidence.get("label_counts") or []) > 2
    return several and "binary_accuracy" in metrics and evidence.get("label_form") in ("one_hot", "integer")


def _accuracy_progress(
    evidence: Evidence, name: str, values: np.ndarray, finished: np.ndarray, rows: int | None
) -> Progress:
    counts = evidence.get("label_counts")
    units = (evidence.get("output") or {}).get("units")
    classes = len(counts) if counts else (units if units and units > 1 else 2)
    chance = 1 / max(classes, 2) if evidence.get("label_form") != "multi_label" else 0.5
    baseline = evidence.get("baseline_accuracy")
    floor = min(baseline if baseline is not None else chance, 0.999)
    rows = rows or 1000
    near = evidence.get("neighbour_accuracy")
    probe = evidence.get("probe_accuracy")
    return Progress(
        name,
        evidence.epochs[finished],
        values[finished],
        (values[finished] - floor) / (1 - floor),
        _error(floor, rows) / (1 - floor),
        baseline,
        evidence.get("neighbour_skill") if near is not None else None,
        _error(near if near is not None else 0.5, evidence.get("neighbour_row_count") or 1000) / (1 - floor),
        chance,
        float((np.nanmean(probe[-LAST:]) - floor) / (1 - floor))
        if probe is not None and evidence.get("training_only")
        else None,
    )


def _error(share: float, rows: int) -> float:
    """Standard error of a share of `rows`, at least that of one row."""
    return float(np.sqrt(max(share * (1 - share), 1 / rows) / rows))


def with_skill(evidence: Evidence, curve: Progress | None) -> Evidence:
    """The evidence with the series `skill` added, NaN for epoch 0."""
    if curve is None:
        return evidence
    skill = np.full(len(evidence.epochs), np.nan)
    skill[evidence.epochs > 0] = curve.skill
    return dataclasses.replace(evidence, series={**evidence.series, "skill": skill})
