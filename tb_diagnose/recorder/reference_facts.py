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

Part = tuple[Data, np.ndarray]
"""Training or validation samples, and the indices of those to use."""


def reference_facts(data: Data, labels: Labels, validation: Data | None, ids: bool) -> dict[str, Any]:
    """How well a sample's label is told from other samples; empty where there is nothing to tell.

    Args:
        data: The training data.
        labels: What its labels stand for.
        validation: The validation data, or None.
        ids: Whether the inputs are ids that go into an Embedding.
    """
    chosen = _chosen(data, labels)
    if chosen is None or len(chosen) <= reference_models.SURE_NEIGHBOURS:
        return {}
    y, several = data.y[chosen], labels.form == "multi_label"
    truth = reference_models.Truth(*_truth(y, labels), several)
    if not np.isfinite(truth.values).all():
        return {}
    parts, their_truth = [(data, chosen)], None
    if validation is not None:
        places = measure.stratified_samples(None, validation.sample_count, SAMPLES)
        parts.append((validation, places))
        known = np.unique(_class_values(y, labels)) if truth.classes is not None else None
        their_truth = reference_models.Truth(*_truth(validation.y[places], labels, known), several)
    near, surer, answers = _answers(parts, truth, ids)
    facts: dict[str, Any] = {"neighbour_sample_count": len(chosen)}
    for name, found in (("neighbour", near), ("ridge", answers)):
        skill = reference_models.skill(found.own, truth)
        if np.isnan(skill):
            return {}
        facts[f"{name}_skill"] = skill
        if labels.form != "continuous":
            facts[f"{name}_accuracy"] = reference_models.accuracy(found.own, truth)
    if labels.form != "continuous":
        facts |= _ranked(near.own, answers.own, truth.values > 0.5)
    if truth.classes is not None:
        sure = surer if reference_models.accuracy(surer, truth) >= facts["ridge_accuracy"] else answers.own
        facts["confident_error_fraction"] = reference_models.confident_error(sure, truth)
    if their_truth is not None and near.theirs is not None and answers.theirs is not None:
        facts |= _validation_facts((near.theirs, answers.theirs), their_truth)
    return facts


@dataclass(frozen=True)
class Answers:
    """What one method says of training samples, each told from the others, and of validation samples.

    Args:
        own: Shape `(samples, outputs)`.
        theirs: Shape `(validation samples, outputs)`; None where there are none.
    """

    own: np.ndarray
    theirs: np.ndarray | None


def _answers(parts: list[Part], truth: reference_models.Truth, ids: bool) -> tuple[Answers, np.ndarray, Answers]:
    """What neighbours say, what more neighbours say of the training samples, and what the better ridge regression says.

    One view of the samples after the other, so that the tables of one alone are in memory.
    """
    own, others = reference_models.compared(*_values(parts, ids))
    table = reference_models.Table(own, truth)
    theirs = None if others is None else reference_models.neighbour_predict(table, others)
    near = Answers(reference_models.neighbour_answers(table), theirs)
    surer = reference_models.neighbour_answers(table, reference_models.SURE_NEIGHBOURS)
    error, answers = _ridge(table, others, reference_models.WIDTHS)
    del own, others, table
    if not ids and _have_places(parts):
        own, others = reference_models.compared(*_resemblances(parts))
        of_places, told = _ridge(reference_models.Table(own, truth), others, PATCH_WIDTHS)
        answers = told if of_places < error else answers
    return near, surer, answers


def _ridge(
    table: reference_models.Table, others: reference_models.Likeness | None, widths: tuple[float, ...]
) -> tuple[float, Answers]:
    """The error of the best ridge regression, and its answers."""
    best = reference_models.ridge(table, widths)
    return best.error, Answers(best.answers, None if others is None else best.predict(others))


def _have_places(parts: list[Part]) -> bool:
    """Whether patches can be cut from the only input."""
    shapes = {part.inputs[0].shape[1:] for part, _ in parts}
    data = parts[0][0]
    return len(data.inputs) == 1 and len(shapes) == 1 and patch_features.has_places(data.inputs[0].shape)


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


def _values(parts: list[Part], ids: bool) -> list[np.ndarray]:
    """The values themselves, or counts of ids, with as many columns: either may hold ids that the other has not."""
    found = [_features(data, chosen, ids) for data, chosen in parts]
    width = max(part.shape[1] for part in found)
    return [np.pad(part, ((0, 0), (0, width - part.shape[1]))) if part.shape[1] < width else part for part in found]


def _features(data: Data, chosen: np.ndarray, ids: bool) -> np.ndarray:
    """Of the chosen samples; of wide ones the columns are taken before the samples, and none is copied without need."""
    if len(data.inputs) == 1 and not ids:
        wide = reference_models.features(data.inputs[0], ids)
        return wide if len(chosen) == len(wide) else wide[chosen]
    return reference_models.features(measure.side_by_side([measure.flat_rows(a[chosen]) for a in data.inputs]), ids)


def _resemblances(parts: list[Part]) -> list[np.ndarray]:
    """How much images or signals resemble pieces of the training samples."""
    data, chosen = parts[0]
    pieces = patch_features.cut(data.inputs[0], chosen)
    return [patch_features.responses(part.inputs[0], places, pieces) for part, places in parts]


def _validation_facts(answers_of_both: Iterable[np.ndarray], truth: reference_models.Truth) -> dict[str, Any]:
    """Skill of the better answers on the validation samples."""
    if not np.isfinite(truth.values).all():
        return {}
    skills = [reference_models.skill(answers, truth) for answers in answers_of_both]
    return {"validation_reference_skill": max(skills)} if not np.isnan(skills).any() else {}
