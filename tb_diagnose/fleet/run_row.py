"""One run as a row of the index: what is asked of many runs, and where to read the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.diagnosis.sweep import sweep_run
from tb_diagnose.evidence import Evidence
from tb_diagnose.fleet.run_folder import RunFolder
from tb_diagnose.reader.settled import settled_until
from tb_diagnose.report import list_row
from tb_diagnose.report.run_name import name_of

Row = dict[str, Any]
LOST = ("stalled", "diverged")
"""Statuses from whose beginning on the time of a run was spent for nothing."""


def run_row(diagnosis: Diagnosis, folder: RunFolder) -> Row:
    """The row of a run.

    Args:
        diagnosis: The run.
        folder: What it was read from.
    """
    evidence, status = diagnosis.evidence, diagnosis.status
    listed = list_row.row(diagnosis)
    of_sweep = sweep_run(diagnosis)
    settings = {name: value for name, value in of_sweep.settings.items() if _is_setting(value)}
    numbers = {name: float(value) for name, value in settings.items() if _is_number(value)}
    seconds = _seconds(evidence)
    return {
        **of_folder(folder),
        "run": name_of(diagnosis, folder.logdir),
        "status": status.name,
        "since": status.since,
        "until": status.until,
        "where": status.where,
        "unit": evidence.unit,
        "headline": listed["headline"],
        "cause": listed["cause"]["id"] if listed["cause"] else None,
        "causes": [
            {"id": named.cause.id, "harm": named.finding.harm, "certainty": named.finding.certainty}
            for named in diagnosis.probable_causes
        ],
        "cause_ids": f" {' '.join(cause['id'] for cause in listed['causes'])} ",
        "epochs": listed["epochs"],
        "updated": evidence.last_sign if evidence.last_sign is not None else folder.modified,
        "seconds": seconds,
        "lost_seconds": _lost(diagnosis, seconds),
        "accuracy": listed["accuracy"],
        "scores": [{"kind": score.kind, "of": score.of, "value": score.value} for score in of_sweep.scores],
        "spark": listed["spark"],
        "data": listed["data"],
        "model": listed["model"],
        "layers": settings.get("layer_classes"),
        "texts": {name: _text(value) for name, value in settings.items() if name not in numbers},
        "numbers": numbers,
        "settled_until": settled_until(evidence, status.name),
    }


def of_folder(folder: RunFolder) -> Row:
    """What a row says of the folder of its run; alone, that no run was recognized in it."""
    return {
        "logdir": folder.logdir,
        "folder": folder.name,
        "parts": list(folder.files),
        "key": folder.key,
        "version": folder.version,
    }


def _is_setting(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _seconds(evidence: Evidence) -> float | None:
    """How long the run took in s, by its epochs or else by its first and last value; None where neither tells."""
    epochs = evidence.get("seconds")
    if epochs is not None:
        return float(np.nansum(epochs))
    if evidence.first_sign is None or evidence.last_sign is None:
        return None
    return max(evidence.last_sign - evidence.first_sign, 0.0)


def _lost(diagnosis: Diagnosis, seconds: float | None) -> float | None:
    """How much of the time came after the run had stalled or diverged, in s."""
    evidence, status = diagnosis.evidence, diagnosis.status
    if seconds is None:
        return None
    if status.name not in LOST or status.since is None:
        return 0.0
    epochs, after = evidence.get("seconds"), evidence.epochs >= status.since
    if epochs is not None:
        return float(np.nansum(epochs[after]))
    counted = evidence.epochs > 0
    return seconds * float((after & counted).sum()) / max(float(counted.sum()), 1.0)
