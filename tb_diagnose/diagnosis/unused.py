"""What was compiled and is not used says nothing of a run: such a loss or optimizer is taken out of its evidence.

So are answers to a question that nobody asks: outputs that do not fit the classes, of a step whose loss is not known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Set

import numpy as np

from tb_diagnose.causes._labels import class_count
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.reported_accuracy import SAME_LOSS, SAME_LOSS_SHARE

OF_LOSS = frozenset(
    {
        "probe_loss",
        "probe_val_loss",
        "probe_training_loss",
        "penalty",
        "gradient_norm",
        "gradient_agreement",
        "gradient_noise_scale",
        "nonfinite_gradient_count",
        "disconnected_fraction",
        "output_loss",
        "output_gradient_norm",
        "baseline_loss",
        "perfect_loss",
        "loss_function",
    }
)
"""What is measured with the compiled loss."""
OF_CLASSES = frozenset(
    {
        "probe_accuracy",
        "probe_balanced_accuracy",
        "probe_training_accuracy",
        "probe_val_accuracy",
        "probe_auc",
        "probe_val_auc",
        "best_threshold",
        "best_threshold_accuracy",
        "predicted_fraction",
    }
)
"""What is measured of outputs that are read as classes."""
OF_OPTIMIZER = frozenset({"optimizer", "learning_rate", "iterations"})
LAST = 3
"""Epochs at the end whose losses are compared."""


def without_unused(evidence: Evidence) -> Evidence:
    """The evidence without what comes from a loss or an optimizer that the training did not use."""
    step = evidence.get("training_step") or {}
    if step.get("uses_compiled_loss") is False and not _reports_the_same(evidence):
        evidence = _without(evidence, OF_LOSS)
        if evidence.get("accuracy") is None and not _has_an_output_a_class(evidence):
            evidence = _without(evidence, OF_CLASSES)  # an embedding, say, of a step that reads no labels
    if step.get("kind") == "loop" and "optimizer" not in (step.get("told") or ()) and _moves_without_steps(evidence):
        evidence = _without(evidence, OF_OPTIMIZER)
    return evidence


def _reports_the_same(evidence: Evidence) -> bool:
    """Whether the loss that the step reports is the compiled one by its figures, if not by a call of it."""
    reported, measured = evidence.get("loss"), evidence.get("probe_training_loss")
    if reported is None or measured is None:
        return False
    both = np.isfinite(reported) & np.isfinite(measured) & (evidence.epochs > 0)
    penalty = evidence.get("penalty")
    added = np.zeros(len(evidence.epochs)) if penalty is None else np.nan_to_num(penalty)
    own, compiled = reported[both][-LAST:], (measured + added)[both][-LAST:]
    scale = SAME_LOSS_SHARE * abs(evidence.get("baseline_loss") or 1.0)
    limit = np.maximum(SAME_LOSS * np.maximum(abs(own), abs(compiled)), scale)
    return bool(len(own)) and bool((abs(own - compiled) <= limit).all())


def _has_an_output_a_class(evidence: Evidence) -> bool:
    """Whether there are as many outputs as classes, or one for two of them."""
    units = (evidence.get("output") or {}).get("units")
    count = class_count(
        evidence.get("label_form"), evidence.get("label_unique_count"), evidence.get("label_shape") or ()
    )
    return None in (units, count) or units == count or (units, count) == (1, 2)


def _moves_without_steps(evidence: Evidence) -> bool:
    """Whether weights move and the compiled optimizer has taken no step."""
    moved, steps = evidence.get("epoch_update_ratio"), evidence.get("iterations")
    return moved is not None and steps is not None and bool(np.nan_to_num(moved).any()) and not np.nanmax(steps) > 0


def _without(evidence: Evidence, names: Set[str]) -> Evidence:
    series = {name: values for name, values in evidence.series.items() if name not in names}
    facts = {name: value for name, value in evidence.facts.items() if name not in names}
    return dataclasses.replace(evidence, series=series, facts=facts)
