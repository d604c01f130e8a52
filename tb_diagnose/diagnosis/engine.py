"""Tries every cause on one training and tells roots from consequences.

A finding is *explained* by another one that leads to it, began no later and is at least a quarter as
severe. What nothing explains is a *root*; the severest root is the probable cause. Layers do not
count: forward and backward pass carry what happens in one layer to all the others.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field

import numpy as np

from tb_diagnose import causes
from tb_diagnose.causes import Cause, Finding
from tb_diagnose.diagnosis.ranking import HARMLESS, SYMPTOMS, concerns, rank
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.evidence import Evidence
from tb_diagnose.status import status as statuses
from tb_diagnose.status.skill import progress, with_skill

EPOCH = "epoch"


def judge(evidence: Evidence) -> Diagnosis:
    """The diagnosis of one training."""
    curve = progress(evidence)
    evidence = with_skill(evidence, curve)
    state = statuses.judge(evidence, curve)
    tried = _try(evidence)
    probable, notes, harmless = _ranked(tried, state)
    while state.otherwise is not None and not probable:
        state = state.otherwise
        probable, notes, harmless = _ranked(tried, state)
    tried.cleared += [(entry, Finding(0.0, f"{finding.saw} It does no harm here.")) for entry, finding in harmless]
    if evidence.unit != EPOCH:
        state = dataclasses.replace(state, sentence=_counting(state.sentence, evidence.unit, evidence.finished_epochs))
    return Diagnosis(
        evidence.training,
        state,
        f"{state.sentence}.{_causes(probable)}",
        probable,
        notes,
        tuple(tried.cleared),
        tuple(tried.untried),
        tuple(tried.failed),
        evidence=evidence,
        progress=curve,
    )


@dataclass
class _Tried:
    """What became of each cause."""

    found: list[tuple[Cause, Finding]] = field(default_factory=list)
    cleared: list[tuple[Cause, Finding]] = field(default_factory=list)
    untried: list[tuple[Cause, tuple[str, ...]]] = field(default_factory=list)
    failed: list[tuple[Cause, str]] = field(default_factory=list)


def _ranked(
    tried: _Tried, state: statuses.Status
) -> tuple[tuple[Named, ...], tuple[Named, ...], list[tuple[Cause, Finding]]]:
    """Probable causes, notes, and what does no harm: in a run that learns, a mechanism such as dead units."""
    learns = state.name in (*HARMLESS, *SYMPTOMS)
    harmless = [p for p in tried.found if learns and p[0].family == "mechanism" and not concerns(p[0], state)]
    return *rank([pair for pair in tried.found if pair not in harmless], state), harmless


def _counting(sentence: str, unit: str, points: int) -> str:
    """A sentence about epochs as one about what a log counts instead."""
    sentence = re.sub(r"\bafter \d+ epochs?\b", f"after {points} point{'' if points == 1 else 's'}", sentence)
    return re.sub(r"\bepoch(s?)\b", rf"{unit}\1", sentence)


def unreadable(training: str, error: Exception) -> Diagnosis:
    """The row for a training that could not be read or judged: one unreadable training must not hide the others."""
    sentence = f"This training could not be read ({type(error).__name__}: {error})"
    evidence = Evidence(training, np.zeros(0, np.int64))
    return Diagnosis(training, statuses.Status("unreadable", sentence=sentence), f"{sentence}.", evidence=evidence)


def _try(evidence: Evidence) -> _Tried:
    tried = _Tried()
    for entry in causes.CATALOGUE.values():
        missing = tuple(name for name in entry.needs if evidence.logged(name) is None)
        if entry.either and all(evidence.logged(name) is None for name in entry.either):
            missing = (*missing, entry.either[0])
        if missing:
            tried.untried.append((entry, missing))
            continue
        given = {name: evidence.get(name) for name in entry.uses} | {
            name: evidence.logged(name) for name in (*entry.needs, *entry.either)
        }
        try:
            finding = entry.judge(**{name: value for name, value in given.items() if value is not None})
        except Exception as error:  # noqa: BLE001 - one bad row in the report, never a dead tab
            tried.failed.append((entry, f"{type(error).__name__}: {error}"))
            continue
        (tried.found if finding.severity > 0 else tried.cleared).append((entry, finding))
    return tried


def _causes(probable: tuple[Named, ...]) -> str:
    titles = [_lower(named.cause.title) for named in probable]
    if not titles:
        return ""
    return (
        f" Probable cause: {titles[0]}."
        if len(titles) == 1
        else f" Probable causes: {', '.join(titles[:-1])} and {titles[-1]}."
    )


def _lower(title: str) -> str:
    """The title inside a sentence; an abbreviation keeps its capitals."""
    return title if title[:2].isupper() else title[0].lower() + title[1:]


