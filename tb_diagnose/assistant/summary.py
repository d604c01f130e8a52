"""One run as an assistant is told of it: plain values, each said once, with what comes from the log marked."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Sequence
from typing import Any

from tb_diagnose.assistant import known, thinned
from tb_diagnose.assistant.marking import OPENING, Marker, run_name
from tb_diagnose.causes import CATALOGUE
from tb_diagnose.diagnosis.engine import NOT_READ
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.diagnosis.trial import Row, Trial
from tb_diagnose.fixes.places import places
from tb_diagnose.report.advice import advice, how_to_log
from tb_diagnose.report.extent import extent
from tb_diagnose.report.program_patch import program_patch
from tb_diagnose.report.record import record
from tb_diagnose.report.serialize import patch
from tb_diagnose.report.wording import worded

MEASURES = ("accuracy", "mean recall of the classes", "explained variance")
UNREADABLE = "unreadable"
VERDICTS = ("as it is", "proven", "helps a little", "does not help", "makes it worse", "not tried")
"""What a trial says in words of ours; anything else in its place comes from elsewhere."""


def summary(diagnosis: Diagnosis, name: str, *, from_files: bool = False, class_names: bool = False) -> dict[str, Any]:
    """All that is told of a run, in the form of the answer of `diagnose` in `tools`.

    Args:
        diagnosis: The run.
        name: Its name as it is shown.
        from_files: Whether the patch is a diff of the program's files in the working directory; otherwise, and where
            they are not there, it has the lines as they follow from the log.
        class_names: Whether names of classes are told where the log quotes them.
    """
    mark = Marker(diagnosis.evidence, os.getcwd(), class_names)
    told = sentence(diagnosis, mark)
    diagnosis, status = worded(diagnosis), diagnosis.status
    return {
        "run": name if name.startswith(OPENING) else run_name(name),
        "status": status.name,
        "since": status.since,
        "until": status.until,
        "unit": diagnosis.evidence.unit,
        "progress": extent(diagnosis.evidence) or None,
        "sentence": told,
        "probable_causes": _causes(diagnosis, mark),
        "patch": _patch(diagnosis, from_files, mark),
        "trial": None if diagnosis.trial is None else _trial(diagnosis.trial, mark),
        "notes": [_note(named, mark) for named in diagnosis.notes],
        "fine": [{"id": cause.id, "measured": mark(saw)} for cause, saw in diagnosis.fine],
        "does_not_apply": [{"id": cause.id, "why": mark(why)} for cause, why in diagnosis.does_not_apply],
        "could_not_tell": _could_not_tell(diagnosis),
        "failed": [{"id": cause.id, "error": mark.quoted(error)} for cause, error in diagnosis.failed],
        "data": {label: mark(text) for label, text in known.data(diagnosis).items()},
        "curves": _curves(diagnosis, mark),
        "settings": {label: mark(text) for label, text in known.settings(diagnosis).items()},
        "advice": advice(diagnosis),
        "left_out": {},
    }


def sentence(diagnosis: Diagnosis, mark: Marker) -> str:
    """The status in words, without the causes, which have a place of their own. An error may say anything."""
    said = worded(dataclasses.replace(diagnosis, headline=f"{diagnosis.status.sentence}.")).headline
    if diagnosis.status.name == UNREADABLE and said.startswith(f"{NOT_READ} ("):
        return f"{NOT_READ} ({mark.quoted(said.removeprefix(f'{NOT_READ} (').removesuffix(').'))})."
    return mark(said)


def _causes(diagnosis: Diagnosis, mark: Marker) -> list[dict[str, Any]]:
    """The probable causes; what several of them lead to has its measurement where it is named first."""
    told: set[str] = set()
    made = []
    for named in diagnosis.probable_causes:
        cause = _cause(named, diagnosis, mark)
        for link in cause["leads_to"]:
            if link["id"] in told:
                link["measured"] = None
            told.add(link["id"])
        made.append(cause)
    return made


def _cause(named: Named, diagnosis: Diagnosis, mark: Marker) -> dict[str, Any]:
    finding, counted = named.finding, record(named.cause.id)
    return {
        "id": named.cause.id,
        "title": named.cause.title,
        "harm": round(float(finding.harm), 2),
        "certainty": round(float(finding.certainty), 2),
        "record": None
        if counted is None
        else f"named first in {counted['named']} test runs, rightly in {counted['right']}",
        "measured": mark(finding.saw),
        "expected": mark(finding.expected),
        "change": mark(finding.fix or named.cause.fix),
        "since": finding.since,
        "where": [mark(place) for place in places(finding, named.cause.family, diagnosis.evidence.facts)[:3]],
        "leads_to": [
            {"id": consequence.cause.id, "measured": mark(consequence.finding.saw)}
            for consequence in named.consequences
        ],
    }


def _note(named: Named, mark: Marker) -> dict[str, Any]:
    return {
        "id": named.cause.id,
        "title": named.cause.title,
        "measured": mark(named.finding.saw),
        "change": mark(named.finding.fix or named.cause.fix),
        "set_aside_by": None if named.set_aside_by is None else named.set_aside_by.id,
    }


def _patch(diagnosis: Diagnosis, from_files: bool, mark: Marker) -> dict[str, Any] | None:
    """The diff of all probable causes: of the files of the program, or else of the lines as the log has them."""
    if from_files:
        made = program_patch(diagnosis)
        if made.diff:
            left = [
                f"{mark(left.place or left.cause)}: {left.what} (not in the diff: {left.why})" for left in made.by_hand
            ]
            return {
                "diff": made.diff.decode("utf-8", "backslashreplace"),
                "applies": True,
                "by_hand": [*left, *made.remarks],
            }
    lines = patch(diagnosis)
    if not lines:
        return None
    return {"diff": _diff(lines, mark), "applies": False, "by_hand": []}


def _diff(lines: Sequence[dict[str, str | None]], mark: Marker) -> str:
    """Lines as a unified diff: the place of each where it was noted, and of each the old and the new one."""
    parts, before = [], None
    for line in lines:
        file, _, number = (line["place"] or "").rpartition(":")
        name = mark(file) if file else "the program"
        if name != before:
            parts += [f"--- {name}", f"+++ {name}"]
            before = name
        at = number if number.isdigit() else None
        parts.append(f"@@ -{at} +{at} @@" if at else f"@@ {mark(line['where'] or '')} @@")
        for side, sign in (("old", "-"), ("new", "+")):
            parts += [f"{sign}{part}" for part in (line[side] or "").split("\n") if line[side]]
    return "\n".join(parts)


def trial_of(diagnosis: Diagnosis) -> dict[str, Any] | None:
    """What each change brought, where a trial was made of the run."""
    mark = Marker(diagnosis.evidence, os.getcwd())
    return None if diagnosis.trial is None else _trial(diagnosis.trial, mark)


def _trial(trial: Trial, mark: Marker) -> dict[str, Any]:
    def row(row: Row) -> dict[str, Any]:
        return {
            "causes": [id_ if id_ in CATALOGUE else mark.quoted(id_) for id_ in row.causes],
            "changes": [mark(change) for change in row.changes],
            "verdict": row.verdict if row.verdict in VERDICTS else mark.quoted(row.verdict),
            "value": _rounded(row.value),
            "skill": _rounded(row.skill),
            "seeds": len(row.values),
            "reason": mark(row.remark) or None,
        }

    return {
        "measure": trial.measure if trial.measure in MEASURES else mark.quoted(trial.measure),
        "samples": trial.samples,
        "epochs": trial.epochs,
        "planned_epochs": trial.planned_epochs,
        "proven": [] if trial.winner is None else list(trial.winner.causes),
        "taken_back": list(trial.taken_back),
        "rows": [row(each) for each in trial.rows],
    }


def _could_not_tell(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """The causes that could not be told, those that lack the same together, with what would let them be told."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for cause, missing in diagnosis.could_not_tell:
        groups.setdefault(missing, []).append(cause.id)
    by_remedy: dict[str, list[dict[str, Any]]] = {}
    for missing, ids in groups.items():
        by_remedy.setdefault(how_to_log(missing, diagnosis), []).append({"causes": ids, "missing": list(missing)})
    return [{"log": remedy, "groups": together} for remedy, together in by_remedy.items()]


def _curves(diagnosis: Diagnosis, mark: Marker) -> dict[str, Any] | None:
    curves = thinned.key_curves(diagnosis)
    if curves is None:
        return None
    return {**curves, "series": {mark(name): values for name, values in curves["series"].items()}}


def _rounded(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
