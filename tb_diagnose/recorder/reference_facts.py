"""The facts that `reference.py` gives: what neighbours and kernel ridge regression tell from the inputs alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose import measure, reference
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.data_facts import Labels

ROWS = reference.ROWS
CLASSES = ("binary", "integer", "one_hot")
FORMS = (*CLASSES, "multi_label", "continuous")


def reference_facts(data: Data, labels: Labels, validation: Data | None, ids: bool) -> dict[str, Any]:
    """How well a row's label is told from other rows.

    Args:
        data: The training data.
        labels: What its labels stand for.
        validation: The validation data, or None.
        ids: Whether the inputs are ids that go into an Embedding.
    """
    chosen = _chosen(data, labels)
    if chosen is None or len(chosen) <= reference.SURE_NEIGHBOURS:
        return {}
    some = None if validation is None else validation.take(measure.stratified_rows(None, validation.row_count, ROWS))
    rows, theirs = _features(data.take(chosen), some, ids)
    truth, classes = _truth(data.take(chosen).y, labels)
    if not np.isfinite(truth).all():
        return {}
    table = reference.Table(reference.standardized(rows), truth, classes, labels.form == "multi_label")
    near, ridge = reference.neighbour_answers(table), reference.ridge(table)
    facts: dict[str, Any] = {"neighbour_row_count": len(chosen)}
    for name, answers in (("neighbour", near), ("ridge", ridge.answers)):
        skill = reference.skill(answers, table)
        if np.isnan(skill):
            return {}
        facts[f"{name}_skill"] = skill
        if labels.form != "continuous":
            facts[f"{name}_accuracy"] = reference.accuracy(answers, table)
    if classes is not None:
        votes = reference.neighbour_answers(table, reference.SURE_NEIGHBOURS)
        better = votes if reference.accuracy(votes, table) >= facts["ridge_accuracy"] else ridge.answers
        facts["confident_error_fraction"] = reference.confident_error(better, table)
    if some is not None and theirs is not None:
        facts |= _validation_facts(table, ridge, labels, some, reference.standardized(theirs, rows))
    return facts


def _chosen(data: Data, labels: Labels) -> np.ndarray | None:
    """The rows to use, copies left out: a copy would be its own neighbour. None where there is nothing to tell."""
    if not all(a.dtype.kind in "biuf" for a in data.inputs) or labels.form not in FORMS:
        return None
    if labels.form in CLASSES and labels.ids is None or labels.form == "multi_label" and data.y.ndim != 2:
        return None
    distinct = np.sort(np.unique(data.input_keys, return_index=True)[1])
    ids = None if labels.ids is None else labels.ids[distinct]
    return distinct[measure.stratified_rows(ids, len(distinct), ROWS)]


def _truth(y: np.ndarray, labels: Labels) -> tuple[np.ndarray, np.ndarray | None]:
    """Rows to tell, shape `(rows, outputs)`, and the class of each where it has a single one."""
    rows = measure.flat_rows(y)
    if labels.form not in CLASSES:
        amounts = rows == rows.max() if labels.form == "multi_label" else rows
        return amounts.astype(np.float64)[:, : reference.WIDEST], None
    classes = rows.argmax(axis=1) if labels.form == "one_hot" else np.searchsorted(labels.values, rows[:, 0])
    return np.eye(max(int(classes.max()) + 1, len(labels.values)))[classes], classes  # type: ignore[arg-type]


def _features(data: Data, validation: Data | None, ids: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Features of the rows and of the validation rows, with as many columns: either may hold ids that the other has not."""
    found = [
        reference.features(np.concatenate([measure.flat_rows(a) for a in some.inputs], axis=1), ids)
        for some in (data, validation)
        if some is not None
    ]
    width = max(part.shape[1] for part in found)
    padded = [np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in found]
    return padded[0], padded[1] if validation is not None else None


def _validation_facts(
    table: reference.Table, ridge: reference.Ridge, labels: Labels, validation: Data, inputs: np.ndarray
) -> dict[str, Any]:
    """Skill of the better of the two on the validation rows."""
    truth, classes = _truth(validation.y, labels)
    if not np.isfinite(truth).all():
        return {}
    target = reference.Table(inputs, truth, classes, table.several)
    skills = [
        reference.skill(found, target) for found in (reference.neighbour_predict(table, inputs), ridge.predict(inputs))
    ]
    return {"validation_reference_skill": max(skills)} if not np.isnan(skills).any() else {}
