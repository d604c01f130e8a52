"""A diagnosis as JSON: a Report of `answers.schema.json`, and with what the tab draws a Diagnosis."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from tb_diagnose.causes import Cause
from tb_diagnose.diagnosis.result import Diagnosis, Named, Origins
from tb_diagnose.diagnosis.trial import Trial
from tb_diagnose.evidence import SERIES
from tb_diagnose.fixes import lines
from tb_diagnose.fixes.beside_code import beside_code
from tb_diagnose.fixes.places import places
from tb_diagnose.report.advice import advice, how_to_log
from tb_diagnose.report.curve import curve
from tb_diagnose.report.extent import extent
from tb_diagnose.report.record import record
from tb_diagnose.report.schema import SCHEMA
from tb_diagnose.report.wording import worded


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """What `tb-diagnose --json` prints for one run."""
    diagnosis = worded(diagnosis)
    status = diagnosis.status
    return {
        "schema": SCHEMA,
        "run": diagnosis.run,
        "status": status.name,
        "since": status.since,
        "until": status.until,
        "unit": diagnosis.evidence.unit,
        "where": status.where,
        "extent": extent(diagnosis.evidence) or None,
        "headline": diagnosis.headline,
        "probable_causes": [_finding(named, diagnosis) for named in diagnosis.probable_causes],
        "notes": [_finding(named, diagnosis) for named in diagnosis.notes],
        "patch": patch(diagnosis),
        "trial": None if diagnosis.trial is None else _trial(diagnosis.trial, diagnosis),
        "fine": [{**_name(cause), "saw": saw} for cause, saw in diagnosis.fine],
        "does_not_apply": [{**_name(cause), "saw": saw} for cause, saw in diagnosis.does_not_apply],
        "could_not_tell": [
            {**_name(cause), "missing": list(missing), "log": how_to_log(missing, diagnosis)}
            for cause, missing in diagnosis.could_not_tell
        ],
        "failed": [{**_name(cause), "error": error} for cause, error in diagnosis.failed],
    }


def patch(diagnosis: Diagnosis) -> list[lines.Line]:
    """The lines of the user's own program that all probable causes change, together."""
    return _lines(diagnosis.probable_causes, diagnosis)


def lines_to_change(diagnosis: Diagnosis) -> list[lines.Line]:
    """Those of what is to be changed: what a trial has proven, or else all probable causes."""
    return _lines(diagnosis.to_change, diagnosis)


def _lines(findings: Iterable[Named], diagnosis: Diagnosis) -> list[lines.Line]:
    return lines.lines([edit for named in findings for edit in named.finding.edits], diagnosis.evidence.facts)


def for_tab(diagnosis: Diagnosis) -> dict[str, Any]:
    """What the tab draws: the report with the curve, the pictures and the documentation of each finding."""
    report = as_json(diagnosis)
    for key, findings in (("probable_causes", diagnosis.probable_causes), ("notes", diagnosis.notes)):
        for row, named in zip(report[key], findings, strict=True):
            row["why"] = named.cause.doc
            row["sources"] = list(named.cause.sources)
            row["pictures"] = _pictures(named, diagnosis)
            for link, consequence in zip(row["consequences"], named.consequences, strict=True):
                link["pictures"] = _pictures(consequence, diagnosis)
    return {**report, "curve": curve(diagnosis), "advice": advice(diagnosis)}


def _name(cause: Cause) -> dict[str, str]:
    return {"id": cause.id, "title": cause.title}


def _finding(named: Named, diagnosis: Diagnosis) -> dict[str, Any]:
    cause, finding = named.cause, named.finding
    code = lines.lines(finding.edits, diagnosis.evidence.facts)
    return {
        **_name(cause),
        "family": cause.family,
        "harm": round(float(finding.harm), 3),
        "certainty": round(float(finding.certainty), 3),
        "saw": finding.saw,
        "expected": finding.expected[:1].upper() + finding.expected[1:],
        "fix": finding.fix or cause.fix,
        "change": beside_code(finding.fix or cause.fix, code),
        "since": finding.since,
        "layers": list(finding.layers),
        "places": places(finding, cause.family, diagnosis.evidence.facts),
        "code": code,
        "consequences": [_consequence(consequence) for consequence in named.consequences],
        "set_aside_by": None if named.set_aside_by is None else _name(named.set_aside_by),
        "origins": None if named.origins is None else _origins(named.origins),
        "record": record(cause.id),
        "trial": None if diagnosis.trial is None else diagnosis.trial.about(cause.id),
    }


def _trial(trial: Trial, diagnosis: Diagnosis) -> dict[str, Any]:
    """What each change brings, as the report says it."""
    winner = trial.winner
    return {
        "measure": trial.measure,
        "sentence": trial.sentence(),
        "headline": trial.headline() or None,
        "epochs": trial.epochs,
        "proven": [] if winner is None else list(winner.causes),
        "patch": _lines(diagnosis.proven, diagnosis),
        "taken_back": list(trial.taken_back),
        "rows": [
            {
                "causes": list(row.causes),
                "title": row.called,
                "changes": list(row.changes),
                "verdict": row.verdict,
                "values": [value if math.isfinite(value) else None for value in row.values],
                "value": row.value if math.isfinite(row.value) else None,
                "measured": row.measured,
                "gain": row.gain,
                "chance": row.chance,
                "epochs": row.epochs,
                "reason": row.remark or None,
                "curve": {"epochs": list(row.curve_epochs), "values": list(row.curve_values)},
            }
            for row in trial.rows
        ],
    }


def _origins(origins: Origins) -> dict[str, Any]:
    return {
        "fine": [_name(cause) for cause in origins.fine],
        "could_not_tell": [_name(cause) for cause in origins.could_not_tell],
    }


def _consequence(named: Named) -> dict[str, Any]:
    finding = named.finding
    return {**_name(named.cause), "saw": finding.saw, "since": finding.since, "layers": list(finding.layers)}


def _pictures(named: Named, diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """The picture that shows a finding best, where what it shows was logged."""
    cause, finding = named.cause, named.finding
    name = finding.picture or next(iter(cause.needs), "")
    if not _is_drawn(name, diagnosis):
        return []
    return [
        {
            "name": name,
            "kind": "series" if name in SERIES else "fact",
            "limit": finding.limit,
            "beyond": None if finding.limit is None else finding.beyond,
            "limit_name": "healthy limit",
            "since": finding.since,
            "layers": list(finding.layers),
        }
    ]


def _is_drawn(name: str, diagnosis: Diagnosis) -> bool:
    """Whether the tab can ask for it: derived evidence is not sent to it."""
    evidence = diagnosis.evidence
    return (name in evidence.series or name in evidence.facts) and evidence.get(name) is not None
