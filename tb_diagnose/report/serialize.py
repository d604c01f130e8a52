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
from tb_diagnose.report.record import record

if TYPE_CHECKING:
    pass

SCHEMA = 2
"""Version of the form of all answers, see `answers.schema.json`."""


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """What `tb-diagnose --json` prints for one run: a Report of `answers.schema.json`."""
    state = diagnosis.status
    return {
        "schema": SCHEMA,
        "run": diagnosis.run,
        "status": state.name,
        "since": state.since,
        "until": state.until,
        "unit": diagnosis.evidence.unit,
        "where": state.where,
        "headline": diagnosis.headline,
        "probable_causes": [_named(named, diagnosis) for named in diagnosis.probable_causes],
        "notes": [_named(named, diagnosis) for named in diagnosis.notes],
        "patch": patch(diagnosis),
        "fine": [{**_name(entry), "saw": saw} for entry, saw in diagnosis.fine],
        "does_not_apply": [{**_name(entry), "saw": saw} for entry, saw in diagnosis.does_not_apply],
        "could_not_tell": [
            {**_name(entry), "missing": list(missing), "log": how_to_log(list(missing), diagnosis)}
            for entry, missing in diagnosis.could_not_tell
        ],
        "failed": [{**_name(entry), "error": error} for entry, error in diagnosis.failed],
    }


def patch(diagnosis: Diagnosis) -> list[lines.Line]:
    """The lines of the user's own program that all probable causes change, together."""
    edits = [edit for named in diagnosis.probable_causes for edit in named.finding.edits]
    return lines.lines(edits, diagnosis.evidence.facts)


def _name(entry: Cause) -> dict[str, str]:
    return {"id": entry.id, "title": entry.title}


def _named(named: Named, diagnosis: Diagnosis) -> dict[str, Any]:
    entry, finding, origins = named.cause, named.finding, named.origins
    return {
        **_name(entry),
        "family": entry.family,
        "harm": round(float(finding.harm), 3),
        "certainty": round(float(finding.certainty), 3),
        "saw": finding.saw,
        "expected": finding.expected[:1].upper() + finding.expected[1:],
        "fix": finding.fix or entry.fix,
        "since": finding.since,
        "layers": list(finding.layers),
        "code": lines.lines(finding.edits, diagnosis.evidence.facts),
        "consequences": [_consequence(consequence) for consequence in named.consequences],
        "set_aside_by": None if named.set_aside_by is None else _name(named.set_aside_by),
        "origins": None
        if origins is None
        else {
            "fine": [_name(other) for other in origins.fine],
            "could_not_tell": [_name(other) for other in origins.could_not_tell],
        },
        "record": record(entry.id),
    }


def _consequence(named: Named) -> dict[str, Any]:
    finding = named.finding
    return {**_name(named.cause), "saw": finding.saw, "since": finding.since, "layers": list(finding.layers)}


def for_tab(diagnosis: Diagnosis) -> dict[str, Any]:
    """What the tab draws: the report with the curve, the pictures and the documentation of each finding."""
    report = as_json(diagnosis)
    named = {n.cause.id: n for n in (*diagnosis.probable_causes, *diagnosis.notes)}
    for row in (*report["probable_causes"], *report["notes"]):
        entry, finding = named[row["id"]].cause, named[row["id"]].finding
        row["why"] = entry.doc
        row["pictures"] = _pictures(entry, finding, diagnosis)
        for link, consequence in zip(row["consequences"], named[row["id"]].consequences, strict=True):
            link["pictures"] = _pictures(consequence.cause, consequence.finding, diagnosis)
    return {**report, "curve": _curve(diagnosis), "advice": advice(diagnosis)}


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
        "schema": SCHEMA,
        "run": diagnosis.run,
        "unit": evidence.unit,
        "epochs": evidence.epochs.tolist(),
        "series": series,
        "facts": facts,
    }


def _about(name: str) -> dict[str, Any]:
    quantity = known(name)
    return {"axes": list(quantity.axes), "unit": quantity.unit, "meaning": quantity.meaning}
