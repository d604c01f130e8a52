"""The facts that `reference.py` gives: what neighbours and kernel ridge regression tell from the inputs alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.recorder import measure, patch_features, ranking, reference_models
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.data_facts import Labels

SAMPLES = reference_models.SAMPLES
CLASSES = ("binary", "integer", "one_hot")
FORMS = (*CLASSES, "multi_label", "continuous")
PATCH_WIDTHS = (1.0,)
"""Widths of the Gaussian kernels tried on resemblances: others told no more of images and signals."""


def reference_facts(data: Data, labels: Labels, validation: Data | None, ids: bool) -> dict[str, Any]:
    """How well a sample's label is told from other samples.

    Args:
        data: The training data.
        labels: What its labels stand for.
        validation: The validation data, or None.
        ids: Whether the inputs are ids that go into an Embedding.
    """
    chosen = _chosen(data, labels)
    if chosen is None or len(chosen) <= reference_models.SURE_NEIGHBOURS:
        return {}
    if len(chosen) < data.sample_count:
        data = data.take(chosen)
    if validation is not None:
        validation = validation.take(measure.stratified_samples(None, validation.sample_count, SAMPLES))
    truth, classes = _truth(data.y, labels)
    if not np.isfinite(truth).all():
        return {}
    views = [_values(data, validation, ids)]
    alike = validation is None or validation.inputs[0].shape[1:] == data.inputs[0].shape[1:]
    if not ids and len(data.inputs) == 1 and patch_features.has_places(data.inputs[0].shape) and alike:
        views.append(_resemblance(data, validation))
    tables = [reference_models.Table(view.samples, truth, classes, labels.form == "multi_label") for view in views]
    near = reference_models.neighbour_answers(tables[0])
    ridges = [
        reference_models.ridge(table, widths)
        for table, widths in zip(tables, (reference_models.WIDTHS, PATCH_WIDTHS), strict=False)
    ]
    best = min(range(len(ridges)), key=lambda i: ridges[i].error)
    facts: dict[str, Any] = {"neighbour_sample_count": len(chosen)}
    for name, answers in (("neighbour", near), ("ridge", ridges[best].answers)):
        skill = reference_models.skill(answers, tables[0])
        if np.isnan(skill):
            return {}
        facts[f"{name}_skill"] = skill
        if labels.form != "continuous":
            facts[f"{name}_accuracy"] = reference_models.accuracy(answers, tables[0])
    if labels.form != "continuous":
        facts |= _ranked(near, ridges[best].answers, tables[0].truth > 0.5)
    if classes is not None:
        votes = reference_models.neighbour_answers(tables[0], reference_models.SURE_NEIGHBOURS)
        sure = votes if reference_models.accuracy(votes, tables[0]) >= facts["ridge_accuracy"] else ridges[best].answers
        facts["confident_error_fraction"] = reference_models.confident_error(sure, tables[0])
    near_inputs, ridge_inputs = views[0].validation, views[best].validation
    if validation is not None and near_inputs is not None and ridge_inputs is not None:
        answers_of_both = (
            reference_models.neighbour_predict(tables[0], near_inputs),
            ridges[best].predict(ridge_inputs),
        )
        known = np.unique(_class_values(data.y, labels)) if classes is not None else None
        facts |= _validation_facts(answers_of_both, labels, validation, known)
    return facts


def _ranked(near: np.ndarray, ridge: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """How both rank the samples by each label, and the error of that; empty where no label tells samples apart."""
    ranks = {"neighbour_auc": ranking.mean_auc(near, truth), "ridge_auc": ranking.mean_auc(ridge, truth)}
    if not np.isfinite(list(ranks.values())).all():
        return {}
    # An answer that is nearly constant has hardly any error: the vote of neighbours is the test of what chance does.
    return {**ranks, "auc_error": max(ranking.mean_auc_error(answers, truth) for answers in (near, ridge))}


def _chosen(data: Data, labels: Labels) -> np.ndarray | None:
    """The samples to use, copies left out: a copy would be its own neighbour. None where there is nothing to tell."""
    if not all(a.dtype.kind in "biuf" for a in data.inputs) or labels.form not in FORMS:
        return None
    if labels.form in CLASSES and labels.ids is None or labels.form == "multi_label" and data.y.ndim != 2:
        return None
    distinct = np.sort(np.unique(data.input_keys, return_index=True)[1])
    ids = None if labels.ids is None else labels.ids[distinct]
    return np.asarray(distinct[measure.stratified_samples(ids, len(distinct), SAMPLES)])


def _truth(y: np.ndarray, labels: Labels, known: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray | None]:
    """Samples to tell, shape `(samples, outputs)`, and the class of each where it has a single one.

    Args:
        y: Labels.
        labels: What they stand for.
        known: Classes that have an output; those of these labels by default. Samples of others have none: no answer
            is right for them.
    """
    samples = measure.flat_rows(y)
    if labels.form not in CLASSES:
        targets = samples == samples.max() if labels.form == "multi_label" else samples
        return targets.astype(np.float64)[:, : reference_models.WIDEST], None
    values = _class_values(y, labels)
    known = np.unique(values) if known is None else known
    classes = np.searchsorted(known, values)
    classes = np.where(np.take(known, classes, mode="clip") == values, classes, len(known))
    return np.eye(len(known) + 1)[classes][:, : len(known)], classes


def _class_values(y: np.ndarray, labels: Labels) -> np.ndarray:
    """The class of each sample, as its label says it."""
    samples = measure.flat_rows(y)
    return samples.argmax(axis=1) if labels.form == "one_hot" else samples[:, 0]


@dataclass(frozen=True)
class View:
    """Features of training and validation samples, standardized by the former, shape `(samples, features)`."""

    samples: np.ndarray
    validation: np.ndarray | None


def _view(samples: np.ndarray, validation: np.ndarray | None) -> View:
    return View(
        reference_models.standardized(samples),
        None if validation is None else reference_models.standardized(validation, samples),
    )


def _values(data: Data, validation: Data | None, ids: bool) -> View:
    """The values themselves, or counts of ids, with as many columns: either may hold ids that the other has not."""
    features = [
        reference_models.features(measure.side_by_side([measure.flat_rows(a) for a in part.inputs]), ids)
        for part in (data, validation)
        if part is not None
    ]
    width = max(part.shape[1] for part in features)
    padded = [
        np.pad(part, ((0, 0), (0, width - part.shape[1]))) if part.shape[1] < width else part for part in features
    ]
    return _view(padded[0], padded[1] if validation is not None else None)


def _resemblance(data: Data, validation: Data | None) -> View:
    """How much images or signals resemble pieces of each other."""
    pieces = patch_features.cut(data.inputs[0])
    others = None if validation is None else patch_features.responses(validation.inputs[0], pieces)
    return _view(patch_features.responses(data.inputs[0], pieces), others)


def _validation_facts(
    answers_of_both: Iterable[np.ndarray], labels: Labels, validation: Data, known: np.ndarray | None
) -> dict[str, Any]:
    """Skill of the better answers on the validation samples."""
    truth, classes = _truth(validation.y, labels, known)
    if not np.isfinite(truth).all():
        return {}
    table = reference_models.Table(np.zeros((len(truth), 0)), truth, classes, labels.form == "multi_label")
    skills = [reference_models.skill(answers, table) for answers in answers_of_both]
    return {"validation_reference_skill": max(skills)} if not np.isnan(skills).any() else {}
