"""One run's evidence in, its diagnosis out."""

from __future__ import annotations

import dataclasses
import re

import numpy as np

from tb_diagnose import causes
from tb_diagnose.causes import Cause, Finding
from tb_diagnose.diagnosis import trial
from tb_diagnose.diagnosis.of_output import with_output
from tb_diagnose.diagnosis.ranking import concerns, rank
from tb_diagnose.diagnosis.refuting import refuted
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.diagnosis.trying import Tried, try_all
from tb_diagnose.diagnosis.unused import without_unused
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.disagreement import disagreements
from tb_diagnose.status.outputs import OutputState, relented, status_of_all, worst
from tb_diagnose.status.skill import progress, with_skill
from tb_diagnose.status.status import BESIDE_THE_CURVE, GOOD, Status
from tb_diagnose.status.status import judge as judge_status

EPOCH = "epoch"
AT_REST = ("levelled off", "reached")
"""Statuses of a curve that rises no more."""
OF_THE_RUN = ("crashed", "diverged")
"""Statuses that a run has whatever its outputs are."""


def judge(evidence: Evidence) -> Diagnosis:
    """The diagnosis of one run."""
    evidence = without_unused(evidence)
    states: tuple[OutputState, ...] = evidence.get("output_states") or ()
    curve = None if states else progress(evidence)
    evidence = with_skill(evidence, curve)
    status = judge_status(evidence, curve)
    if evidence.finished_epochs == 0 or status.name in OF_THE_RUN:
        states = ()
    status = status_of_all(states) if states else status
    tried = refuted(try_all(causes.CATALOGUE, evidence), evidence)
    of_model = tried
    if states:
        tried = with_output(of_model, evidence, worst(states))
    probable, notes, fine = _ranked(tried, status)
    while status.otherwise is not None and not probable:
        status = status.otherwise
        if states:  # another output may be the worst one then
            states = relented(states)
            tried = with_output(of_model, evidence, worst(states))
        probable, notes, fine = _ranked(tried, status)
    status = _with_disagreements(status, probable, evidence)
    if evidence.unit != EPOCH:
        status = dataclasses.replace(
            status, sentence=_counting(status.sentence, evidence.unit, evidence.finished_epochs)
        )
    tried_changes = trial.from_fact(evidence.facts.get("trial"))
    return Diagnosis(
        evidence.run,
        status,
        f"{status.sentence}.{_causes(probable)}{_proven(tried_changes, probable)}",
        probable,
        notes,
        tuple(fine),
        tuple(tried.does_not_apply),
        tuple(tried.could_not_tell),
        tuple(tried.failed),
        evidence=evidence,
        progress=worst(states).curve if states else curve,
        output=worst(states) if states else None,
        trial=tried_changes,
    )


def _ranked(tried: Tried, status: Status) -> tuple[tuple[Named, ...], tuple[Named, ...], list[tuple[Cause, str]]]:
    """Probable causes, notes, and what is fine: in a run that learns, a mechanism such as dead units does no harm."""
    learns = status.name in (*GOOD, *BESIDE_THE_CURVE)
    harmless: list[tuple[Cause, Finding]] = [
        pair for pair in tried.found if learns and pair[0].family == "mechanism" and not concerns(pair[0], status)
    ]
    # What has come to rest does not go on: the curve decides, not what its second half would lead to.
    ended = [pair for pair in tried.found if status.name in AT_REST and pair[0].is_status == "unfinished"]
    left = dataclasses.replace(tried, found=[pair for pair in tried.found if pair not in (*harmless, *ended)])
    fine = [*tried.fine, *((entry, f"No harm here: {finding.saw}") for entry, finding in harmless)]
    fine += [(entry, f"{status.sentence}.") for entry, _ in ended]
    return *rank(left, status), fine


def _with_disagreements(status: Status, probable: tuple[Named, ...], evidence: Evidence) -> Status:
    """The status with the figures that disagree in its sentence, as far as no named cause explains them."""
    explained = {pair for named in probable for pair in named.cause.explains}
    clauses = [
        apart.clause
        for apart in disagreements(evidence)
        if apart.pair not in explained and apart.clause not in status.sentence
    ]
    return dataclasses.replace(status, sentence="; ".join([status.sentence, *clauses])) if clauses else status


def _counting(sentence: str, unit: str, points: int) -> str:
    """A sentence about epochs as one about what a log counts instead."""
    sentence = re.sub(r"\bafter [\d,]+ epochs?\b", f"after {points} point{'' if points == 1 else 's'}", sentence)
    return re.sub(r"\bepoch(s?)\b", rf"{unit}\1", sentence)


def unreadable(run: str, error: Exception) -> Diagnosis:
    """The row for a run that could not be read or judged: one unreadable run must not hide the others."""
    told = getattr(error, "for_people", False)
    sentence = str(error) if told else f"This run could not be read ({type(error).__name__}: {error})"
    evidence = Evidence(run, np.zeros(0, np.int64))
    return Diagnosis(run, Status("unreadable", sentence=sentence), f"{sentence}.", evidence=evidence)


def _causes(probable: tuple[Named, ...]) -> str:
    titles = [_lower(named.cause.title) for named in probable]
    if not titles:
        return ""
    return (
        f" Probable cause: {titles[0]}."
        if len(titles) == 1
        else f" Probable causes: {', '.join(titles[:-1])} and {titles[-1]}."
    )


def _proven(tried_changes: trial.Trial | None, probable: tuple[Named, ...]) -> str:
    """What a trial has proven or taken back; nothing of a run without a probable cause, which a trial does not give
    it."""
    if tried_changes is None or not probable:
        return ""
    proven = tried_changes.headline()
    refuted = [_lower(named.cause.title) for named in probable if named.cause.id in tried_changes.taken_back]
    taken_back = f"Taken back by a trial: {' and '.join(refuted)}." if refuted else ""
    return "".join(f" {sentence}" for sentence in (proven, taken_back) if sentence)


def _lower(title: str) -> str:
    """The title inside a sentence; an abbreviation keeps its capitals."""
    return title if title[:2].isupper() else title[0].lower() + title[1:]
