"""Series with as many values as an assistant reads: the first, the last and those between them that tell most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.evidence import SERIES, Evidence
from tb_diagnose.report.plain import plain

POINTS = 8
"""Epochs of a key curve."""
KEY = (
    "accuracy",
    "val_accuracy",
    "score",
    "val_score",
    "reward",
    "loss",
    "val_loss",
    "probe_accuracy",
    "probe_val_accuracy",
    "probe_loss",
    "probe_val_loss",
    "learning_rate",
)
"""Curves that everybody looks at first."""
DIGITS = 3
ALIKE = 0.002
"""Share of its range by which a curve may differ from one that is told, and tell nothing beyond it."""


def places(epochs: np.ndarray, most: int, also: Sequence[int | None] = ()) -> np.ndarray:
    """Indices of a few epochs, evenly spread, the first and the last among them.

    Args:
        epochs: Epoch numbers, shape `(epoch,)`.
        most: Their largest number, at least 2.
        also: Epochs that are to be among them, where there is room.
    """
    wanted = [int(at) for epoch in also if epoch is not None for at in np.flatnonzero(epochs == epoch)[:1]]
    room = max(most - len(set(wanted)), 2)
    spread = np.linspace(0, len(epochs) - 1, min(room, len(epochs))).round().astype(int)
    return np.unique(np.r_[spread, wanted].astype(int))


def rounded(values: np.ndarray) -> list[Any]:
    """Values to three digits; None for what is not finite."""
    return [
        None if value is None else int(value) if float(value).is_integer() else float(f"{value:.{DIGITS}g}")
        for value in plain(np.asarray(values, float))
    ]


def key_curves(diagnosis: Diagnosis) -> dict[str, Any] | None:
    """The key curves of a run and those that its probable causes point at: `{"unit", "at", "series"}`.

    None where nothing was logged. A series with a value for each layer is told by the layer that the finding names, or
    by its largest one.
    """
    evidence = _seen(diagnosis)
    finished = evidence.epochs > 0
    if not finished.any():
        return None
    curves: dict[str, np.ndarray] = {}
    for name in KEY:
        values = evidence.get(name)
        if values is not None and not _is_told(values[finished], curves):
            curves[name] = values[finished]
    if "learning_rate" in curves and np.ptp(curves["learning_rate"][np.isfinite(curves["learning_rate"])]) == 0:
        del curves["learning_rate"]  # it is among the settings
    for named in diagnosis.probable_causes:
        picture = named.finding.picture or next(iter(named.cause.needs), "")
        if picture in SERIES and picture not in KEY and evidence.get(picture) is not None:
            label, values = _one(picture, evidence, named.finding.layers)
            if values is not None:
                curves[label] = values[finished]
    if not curves:
        return None
    epochs = evidence.epochs[finished]
    since = [diagnosis.status.since, *(named.finding.since for named in diagnosis.probable_causes[:2])]
    at = places(epochs, POINTS, since)
    return {
        "unit": evidence.unit,
        "at": epochs[at].tolist(),
        "series": {name: rounded(values[at]) for name, values in curves.items()},
    }


def _seen(diagnosis: Diagnosis) -> Evidence:
    """What the status was judged from: of a model with several outputs, the output that it is about."""
    return diagnosis.evidence if diagnosis.output is None else diagnosis.output.view


def _is_told(values: np.ndarray, curves: Mapping[str, np.ndarray]) -> bool:
    """Whether a curve runs with another one that is told already."""
    for other in curves.values():
        both = np.isfinite(values) & np.isfinite(other)
        if both.any() and (np.isfinite(values) <= np.isfinite(other)).all():
            extent = max(float(np.ptp(other[both])), float(np.abs(other[both]).max()), 1e-12)
            if float(np.abs(values[both] - other[both]).max()) <= ALIKE * extent:
                return True
    return False


def _one(name: str, evidence: Evidence, layers: Sequence[str]) -> tuple[str, np.ndarray | None]:
    """A series with one value an epoch, and what it is called: along its axis, a named place or the largest value."""
    values = np.asarray(evidence.get(name), float)
    if values.ndim == 1:
        return name, values
    if values.ndim > 2:
        return name, None
    axis = SERIES[name].axes[-1]
    labels = evidence.labels(axis, values.shape[1]) or []
    place = next((labels.index(layer) for layer in layers if layer in labels), None)
    if place is not None:
        return f"{name} of {axis} {labels[place]}", values[:, place]
    with np.errstate(invalid="ignore"):
        filled = np.where(np.isfinite(values), values, -np.inf).max(axis=1)
    return f"largest {name} of a {axis}", np.where(np.isfinite(filled), filled, np.nan)
