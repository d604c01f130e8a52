"""How good a trained copy is on samples that it has not seen: 0 is any constant answer, 1 a perfect one.

Of classes the skill is the mean recall, corrected for chance; where they are even, that is accuracy. Accuracy itself
gives copies that have learned nothing one value or another, by the class that they happen to answer: a spread
over the seeds in which much would be lost that helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit
from tb_diagnose.evidence.keras_config import CROSSENTROPIES
from tb_diagnose.recorder import data_facts, forward, measure, model_facts, probe
from tb_diagnose.recorder.data import Data

LOWEST = -1.0
"""Skill of outputs that are not numbers, and of all that is worse than that."""
ACCURACY, EXPLAINED = "accuracy", "explained variance"


class CannotMeasureError(Exception):
    """Outputs of which nothing tells what they stand for."""


@dataclass(frozen=True)
class Score:
    """What a copy shows on the samples that were kept aside.

    Args:
        skills: Skill by sample, shape `(sample,)`; its mean is that of the copy.
        value: The measure itself.
        measure: "accuracy" or "explained variance".
    """

    skills: np.ndarray
    value: float
    measure: str

    @property
    def skill(self) -> float:
        return float(self.skills.mean())


def are_classes(edits: Sequence[Edit]) -> bool:
    """Whether any of some edits takes the labels for classes: then every copy is measured so."""
    return any(edit.argument == "loss" and "crossentropy" in str(edit.new).lower().replace("_", "") for edit in edits)


def score(model: Any, training: Data, held: Data, classes: bool) -> Score:
    """Measures a trained copy.

    Args:
        model: The copy; it is used for nothing else afterwards.
        training: What it was trained on, for the label values that occur.
        held: What it is measured on.
        classes: Whether the labels are classes, even where the loss of this copy takes them for amounts.

    Raises:
        CannotMeasureError: what the outputs stand for is not known.
    """
    predicted = np.asarray(model.predict(held.x, batch_size=held.batch_size or 128, verbose=0))
    columns = predicted.reshape(-1, predicted.shape[-1]) if predicted.ndim > 1 else predicted[:, None]
    facts = model_facts.model_facts(model, list(forward.walk(model)))
    labels = _labels(np.concatenate([training.y, held.y]), facts, classes)
    if labels.form == "continuous":
        return _of_amounts(predicted, held.y)
    right, wanted = _answers(columns, held.y, labels, facts)
    skills = _of_labels(right, held.y) if wanted is None else _of_classes(right, wanted)
    return Score(skills.reshape(held.sample_count, -1).mean(axis=1), float(right.mean()), ACCURACY)


def _labels(y: np.ndarray, facts: dict[str, Any], classes: bool) -> data_facts.Labels:
    loss = (facts.get("loss_function") or {}).get("name")
    labels = data_facts.read_labels(y, loss, facts.get("output"))
    if labels.form == "continuous" and classes and loss not in CROSSENTROPIES:
        labels = data_facts.read_labels(y, "sparse_categorical_crossentropy")
    if labels.form == "string":
        raise CannotMeasureError("The labels are no numbers.")
    return labels


def _answers(
    columns: np.ndarray, truth: np.ndarray, labels: data_facts.Labels, facts: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Whether each answer is right, 0 or 1, and the class that it should be; None of several labels a sample."""
    threshold = data_facts.parting(labels, facts)
    if threshold is None:
        raise CannotMeasureError("Only its loss knows which outputs mean which class.")
    if labels.form == "multi_label":
        return np.asarray((columns > threshold) == (truth.reshape(columns.shape) == truth.max()), float), None
    if labels.values is None:
        raise CannotMeasureError("What the labels stand for is not known.")
    answers = measure.predicted_classes(columns, labels.values, threshold)
    wanted = probe.true_classes(truth, labels)
    if len(answers) != len(wanted):
        raise CannotMeasureError(f"It gives {len(answers):,} answers to {len(wanted):,} labels.")
    return np.where(np.isfinite(columns).all(axis=1), answers == wanted, 0.0), wanted


def _of_classes(right: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Mean recall over the classes, corrected for chance, as a share of each answer."""
    _, places, counts = np.unique(wanted, return_inverse=True, return_counts=True)
    classes = len(counts)
    if classes < 2:
        raise CannotMeasureError("The samples that it is measured on are all of one class.")
    weights = len(wanted) / (classes * counts)
    return np.asarray((right * weights[places] - 1 / classes) / (1 - 1 / classes))


def _of_labels(right: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Accuracy over several labels a sample, against the best constant answer to each."""
    present = (truth.reshape(right.shape) == truth.max()).mean(axis=0)
    floor = float(np.maximum(present, 1 - present).mean())
    if floor >= 1:
        raise CannotMeasureError("The samples that it is measured on all have the same labels.")
    return np.asarray((right - floor) / (1 - floor))


def _of_amounts(predicted: np.ndarray, y: np.ndarray) -> Score:
    """The share of the variance that the predictions explain."""
    if predicted.size != y.size:
        raise CannotMeasureError(f"It gives {predicted.size:,} numbers for {y.size:,} targets.")
    truth = y.reshape(predicted.shape).astype(float)
    variance = float(((truth - truth.mean(axis=0)) ** 2).mean())
    if not variance > 0:
        raise CannotMeasureError("The targets that it is measured on are all the same.")
    with np.errstate(all="ignore"):
        errors = ((predicted - truth) ** 2).reshape(len(y), -1).mean(axis=1) / variance
    mean = float(errors.mean())
    if not np.isfinite(mean) or 1 - mean < LOWEST:
        return Score(np.full(len(y), LOWEST), LOWEST, EXPLAINED)
    return Score(1 - errors, 1 - mean, EXPLAINED)
