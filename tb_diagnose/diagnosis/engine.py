"""One run's evidence in, its diagnosis out."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from tb_diagnose import causes
from tb_diagnose.causes import Finding
from tb_diagnose.diagnosis import trial
from tb_diagnose.diagnosis.of_output import of_outputs
from tb_diagnose.diagnosis.refuting import refuted
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.diagnosis.settling import settled
from tb_diagnose.diagnosis.trying import try_all
from tb_diagnose.diagnosis.unused import without_unused
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.disagreement import disagreements
from tb_diagnose.status.outputs import OutputState, status_of_all
from tb_diagnose.status.skill import progress, with_skill
from tb_diagnose.status.status import Status
from tb_diagnose.status.status import judge as judge_status

EPOCH = "epoch"
OF_THE_RUN = ("crashed", "diverged")
"""Statuses that a run has whatever its outputs are."""
NOT_READ = "This run could not be read"
"""Begins the sentence for a run that raises; behind it stands the error in parentheses, whoever worded it."""


def judge(evidence: Evidence) -> Diagnosis:
    """The diagnosis of one run."""
    evidence = without_unused(evidence)
    states: tuple[OutputState, ...] = evidence.get("output_states") or ()
    curve = None if states else progress(evidence)
    evidence = with_skill(evidence, curve)
    status = judge_status(evidence, curve)
    tried = refuted(try_all(causes.CATALOGUE, evidence), evidence)
    headlined: OutputState | None = None
    if states:
        of_run = evidence.finished_epochs == 0 or status.name in OF_THE_RUN
        found = of_outputs(tried, evidence, states, status if of_run else None)
        probable, notes, tried = found.probable, found.notes, found.tried
        if not of_run:
            headlined, status, curve = found.states[0], status_of_all(found.states), found.states[0].curve
    else:
        of_one = settled(tried, status)
        status, probable, notes = of_one.status, of_one.probable, of_one.notes
        tried = replace(tried, fine=list(of_one.fine))
    status = _with_disagreements(status, probable, evidence)
    if evidence.unit != EPOCH:
        status = replace(status, sentence=_counting(status.sentence, evidence.unit, evidence.finished_epochs))
    tried_changes = trial.from_fact(evidence.facts.get("trial"))
    return Diagnosis(
        evidence.run,
        status,
        f"{status.sentence}.{_causes(probable, headlined)}{_proven(tried_changes, probable)}",
        probable,
        notes,
        tuple(tried.fine),
        tuple(tried.does_not_apply),
        tuple(tried.could_not_tell),
        tuple(tried.failed),
        evidence=evidence,
        progress=curve,
        output=headlined,
        trial=tried_changes,
    )


def _with_disagreements(status: Status, probable: tuple[Named, ...], evidence: Evidence) -> Status:
    """The status with the figures that disagree in its sentence, as far as no named cause explains them."""
    explained = {pair for named in probable for pair in named.cause.explains}
    clauses = [
        apart.clause
        for apart in disagreements(evidence)
        if apart.pair not in explained and apart.clause not in status.sentence
    ]
    return replace(status, sentence="; ".join([status.sentence, *clauses])) if clauses else status


def _counting(sentence: str, unit: str, points: int) -> str:
    """A sentence about epochs as one about what a log counts instead."""
    sentence = re.sub(r"\bafter [\d,]+ epochs?\b", f"after {points} point{'' if points == 1 else 's'}", sentence)
    return re.sub(r"\bepoch(s?)\b", rf"{unit}\1", sentence)


def unreadable(run: str, error: Exception) -> Diagnosis:
    """The row for a run that could not be read or judged: one unreadable run must not hide the others."""
    told = getattr(error, "for_people", False)
    sentence = str(error) if told else f"{NOT_READ} ({type(error).__name__}: {error})"
    evidence = Evidence(run, np.zeros(0, np.int64))
    return Diagnosis(run, Status("unreadable", sentence=sentence), f"{sentence}.", evidence=evidence)


def _causes(probable: tuple[Named, ...], headlined: OutputState | None) -> str:
    titles = [f"{_lower(named.cause.title)}{_elsewhere(named.finding, headlined)}" for named in probable]
    if not titles:
        return ""
    return (
        f" Probable cause: {titles[0]}."
        if len(titles) == 1
        else f" Probable causes: {', '.join(titles[:-1])} and {titles[-1]}."
    )


def _elsewhere(finding: Finding, headlined: OutputState | None) -> str:
    """Which outputs a finding is about, where it is not the one that the headline names."""
    if not finding.outputs or headlined is not None and headlined.name in finding.outputs:
        return ""
    names = [f"`{name}`" for name in finding.outputs]
    return f" (output{'s' if len(names) > 1 else ''} {', '.join(names)})"


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
