"""One run as a row of the list."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.diagnosis.kinship import data_of, model_of
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report.extent import extent
from tb_diagnose.report.wording import worded
from tb_diagnose.status.skill import Progress

SPARK = 24
"""Points of the small curve in the list."""


def row(diagnosis: Diagnosis) -> dict[str, Any]:
    """One run in the list."""
    causes = [{"id": named.cause.id, "title": named.cause.title} for named in diagnosis.probable_causes]
    return {
        "run": diagnosis.run,
        "status": diagnosis.status.name,
        "since": diagnosis.status.since,
        "until": diagnosis.status.until,
        "unit": diagnosis.evidence.unit,
        "headline": worded(diagnosis).headline,
        "cause": causes[0] if causes else None,
        "causes": causes,
        "proven": _proven(diagnosis),
        "epochs": diagnosis.evidence.finished_epochs,
        "extent": extent(diagnosis.evidence) or None,
        "updated": diagnosis.evidence.last_sign,
        **_accuracy(diagnosis),
        "spark": _spark(diagnosis.progress),
        "constant": _constant(diagnosis.progress),
        "data": data_of(diagnosis.evidence),
        "model": model_of(diagnosis.evidence),
    }


def _proven(diagnosis: Diagnosis) -> dict[str, Any] | None:
    """What a trial has proven to bring most, of a run with a probable cause."""
    winner = None if diagnosis.trial is None or not diagnosis.probable_causes else diagnosis.trial.winner
    if diagnosis.trial is None or winner is None:
        return None
    causes = [{"id": id_, "title": title} for id_, title in zip(winner.causes, winner.titles, strict=True)]
    return {"causes": causes, "measure": diagnosis.trial.measure, "value": winner.value}


def _accuracy(diagnosis: Diagnosis) -> dict[str, Any]:
    """The last accuracy, on validation samples where there are any, and which samples it is of."""
    evidence = diagnosis.evidence if diagnosis.output is None else diagnosis.output.view
    for name in ("val_accuracy", "accuracy", "probe_accuracy"):
        values = evidence.get(name)
        if values is not None and np.isfinite(values).any():
            of = "validation" if name == "val_accuracy" else "training"
            return {"accuracy": float(values[np.isfinite(values)][-1]), "accuracy_of": of}
    return {"accuracy": None, "accuracy_of": None}


def _spark(curve: Progress | None) -> list[float | None]:
    """The judged curve at a few epochs, the first and the last among them: as wide as the list, no more can be seen."""
    if curve is None or not len(curve.values):
        return []
    at = np.unique(np.linspace(0, len(curve.values) - 1, SPARK).round().astype(int))
    return [float(f"{value:.3g}") if np.isfinite(value) else None for value in curve.values[at]]


def _constant(curve: Progress | None) -> float | None:
    """The loss of the best constant answer, where the small curve is a loss and it is known."""
    if curve is None or curve.chance is not None or curve.baseline is None or not np.isfinite(curve.baseline):
        return None
    return float(f"{curve.baseline:.3g}")


def pending(name: str, updated: float | None) -> dict[str, Any]:
    """A name that was not judged yet."""
    return {
        "run": name,
        "status": None,
        "since": None,
        "until": None,
        "unit": "epoch",
        "headline": "",
        "cause": None,
        "causes": [],
        "proven": None,
        "epochs": 0,
        "extent": None,
        "updated": updated,
        "accuracy": None,
        "accuracy_of": None,
        "spark": [],
        "constant": None,
        "data": None,
        "model": None,
    }
