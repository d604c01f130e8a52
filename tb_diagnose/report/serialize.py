"""A diagnosis as JSON, as text and for the tab; the catalogue as Markdown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_diagnose.causes import Cause, Finding
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.evidence import SERIES, known
from tb_diagnose.fixes import lines
from tb_diagnose.report.advice import advice, how_to_log

if TYPE_CHECKING:
    pass

SCHEMA = 1
"""Version of the form of all answers, see `answers.schema.json`."""


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """What `tb-diagnose --json` prints for one training."""
    state = diagnosis.status
    return {
        "training": diagnosis.training,
        "status": state.name,
        "since": state.since,
        "until": state.until,
        "unit": diagnosis.evidence.unit,
        "headline": diagnosis.headline,
        "probable_causes": [_named(named, diagnosis) for named in diagnosis.probable_causes],
        "notes": [_named(named, diagnosis) for named in diagnosis.notes],
        "cleared": [{"id": c.id, "title": c.title, "saw": f.saw} for c, f in diagnosis.cleared],
        "untried": [{"id": c.id, "title": c.title, "missing": list(missing)} for c, missing in diagnosis.untried],
        "failed": [{"id": c.id, "title": c.title, "error": error} for c, error in diagnosis.failed],
    }


def _named(named: Named, diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        **_finding(named, diagnosis),
        "consequences": [_finding(consequence, diagnosis) for consequence in named.consequences],
    }


def _finding(named: Named, diagnosis: Diagnosis) -> dict[str, Any]:
    entry, finding = named.cause, named.finding
    return {
        "id": entry.id,
        "title": entry.title,
        "severity": round(float(finding.severity), 3),
        "saw": finding.saw,
        "expected": finding.expected[:1].upper() + finding.expected[1:],
        "fix": finding.fix or entry.fix,
        "since": finding.since,
        "layers": list(finding.layers),
        "code": lines.lines(finding.edits, diagnosis.evidence.facts),
    }


def for_tab(diagnosis: Diagnosis) -> dict[str, Any]:
    """What the tab draws: the JSON report with the curve, the pictures and the documentation of each finding."""
    report = as_json(diagnosis)
    named = {n.cause.id: n for n in (*diagnosis.probable_causes, *diagnosis.notes)}
    for row in (*report["probable_causes"], *report["notes"]):
        entry, finding = named[row["id"]].cause, named[row["id"]].finding
        row["why"] = entry.doc
        row["pictures"] = _pictures(entry, finding, diagnosis)
        for link, consequence in zip(row["consequences"], named[row["id"]].consequences):
            link["pictures"] = _pictures(consequence.cause, consequence.finding, diagnosis)
    for row in report["untried"]:
        row["log"] = how_to_log(row["missing"], diagnosis)
    return {
        "schema": SCHEMA,
        **report,
        "where": diagnosis.status.where,
        "curve": _curve(diagnosis),
        "advice": advice(diagnosis),
    }


def _pictures(entry: Cause, finding: Finding, diagnosis: Diagnosis) -> list[dict[str, Any]]:
    name = finding.picture or (entry.needs[0] if entry.needs else None)
    if name is None or diagnosis.evidence.get(name) is None:
        return []
    kind = "series" if name in SERIES else "fact"
    return [
        {
            "name": name,
            "kind": kind,
            "limit": finding.limit,
            "beyond": None if finding.limit is None else finding.beyond,
            "limit_name": "healthy limit",
            "since": finding.since,
            "layers": list(finding.layers),
        }
    ]


def _curve(diagnosis: Diagnosis) -> dict[str, Any] | None:
    curve, evidence = diagnosis.progress, diagnosis.evidence
    if curve is None:
        return None
    finished = evidence.epochs > 0
    twin = evidence.get(
        {"probe_accuracy": "probe_val_accuracy", "probe_loss": "probe_val_loss"}.get(curve.name, f"val_{curve.name}")
    )
    levels = []
    if curve.baseline is not None:
        levels.append(
            {"name": "majority share" if curve.chance is not None else "best constant answer", "value": curve.baseline}
        )
    if np.isfinite(curve.chance or np.nan) and (curve.baseline is None or abs(curve.chance - curve.baseline) > 0.02):
        levels.append({"name": "chance", "value": curve.chance})
    told = {
        "nearest neighbours": evidence.get("neighbour_accuracy"),
        "ridge regression": evidence.get("ridge_accuracy"),
    }
    known = {name: value for name, value in told.items() if value is not None}
    if known and curve.chance is not None:
        best = max(known, key=known.__getitem__)
        levels.append({"name": best, "value": known[best]})
    state = diagnosis.status
    return {
        "name": curve.name,
        "label": CURVE_LABELS[curve.name],
        "epochs": curve.epochs.tolist(),
        "values": plain(curve.values),
        "validation": None if twin is None else plain(twin[finished]),
        "levels": levels,
        "stalled": [state.since, state.until] if state.since is not None else None,
        "higher_is_better": curve.chance is not None,
    }


CURVE_LABELS = {
    "accuracy": "Training accuracy",
    "val_accuracy": "Validation accuracy",
    "probe_accuracy": "Accuracy on the probe rows",
    "loss": "Training loss",
    "probe_loss": "Loss on the probe rows",
}


def plain(value: Any) -> Any:
    """Numbers that JSON can hold: NaN and infinity become None."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def evidence_index(diagnosis: Diagnosis) -> dict[str, Any]:
    """Every series with its axes, labels and shape, and every fact with its value."""
    evidence = diagnosis.evidence
    series = {
        name: {
            **_about(name),
            "labels": evidence.labels(SERIES[name].axes[-1], array.shape[-1]),
            "shape": list(array.shape),
        }
        for name, array in sorted(evidence.series.items())
    }
    facts = {
        name: {
            **_about(name),
            "labels": evidence.labels("class", len(value)) if known(name).axes == ("class",) else None,
            "value": plain(value),
        }
        for name, value in sorted(evidence.facts.items())
        if name != "model"
    }
    return {
        "training": diagnosis.training,
        "unit": evidence.unit,
        "epochs": evidence.epochs.tolist(),
        "series": series,
        "facts": facts,
    }


def _about(name: str) -> dict[str, Any]:
    quantity = known(name)
    return {"axes": list(quantity.axes), "unit": quantity.unit, "meaning": quantity.meaning}


