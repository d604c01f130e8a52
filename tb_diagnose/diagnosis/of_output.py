"""What the causes say of one output among several, where nothing can be said of the model as a whole."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from tb_diagnose.causes import Cause, Finding
from tb_diagnose.diagnosis.refuting import refuted
from tb_diagnose.diagnosis.trying import Tried, try_all
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.outputs import MEASURED, OutputState

Reason = TypeVar("Reason")
OF_MODEL = frozenset({"loss", "val_loss", "accuracy", "val_accuracy"})
"""Curves that Keras reports of the model: its whole loss, and the accuracy of the one output that has any."""


def with_output(tried: Tried, evidence: Evidence, state: OutputState) -> Tried:
    """The answers, with those about one output in place of "could not be told".

    Args:
        tried: What the causes said of the model.
        evidence: Its evidence.
        state: The output that the run is judged by.
    """
    # How it is trained is set for the whole model: the curve of one output does not tell that it is wrong.
    open_ones = [entry for entry, _ in tried.could_not_tell if entry.family != "training"]
    view = _as_the_only_one(evidence, state)
    told = refuted(try_all({entry.id: entry for entry in open_ones}, view), view)
    still_open = {entry.id for entry, _ in told.could_not_tell}
    answered = {entry.id for entry in open_ones} - still_open - {entry.id for entry, _ in told.failed}
    return Tried(
        [*tried.found, *((entry, _of(state, finding, evidence)) for entry, finding in told.found)],
        [*tried.fine, *((entry, f"Output `{state.name}`: {saw}") for entry, saw in told.fine)],
        [*tried.does_not_apply, *told.does_not_apply],
        _without(tried.could_not_tell, answered),
        [*tried.failed, *told.failed],
    )


def _as_the_only_one(evidence: Evidence, state: OutputState) -> Evidence:
    """The evidence with the labels, the loss and the curve of one output as those of the model."""
    shared = {name: values for name, values in evidence.series.items() if name not in OF_MODEL}
    return dataclasses.replace(
        evidence,
        series={**shared, **state.view.series},
        facts={**evidence.facts, **state.view.facts},
        metrics=state.view.metrics,
    )


def _of(state: OutputState, finding: Finding, evidence: Evidence) -> Finding:
    """A finding that says which output it is about.

    What it changes stays where it is in layers, which have names of their own: an argument of `compile` or `fit` holds
    for all outputs. Its picture is the series that holds all outputs, or that of the layers that they share.
    """
    layers = {row["name"] for row in evidence.facts.get("layers", [])}
    edits = finding.edits if all(edit.where in layers for edit in finding.edits) else ()
    picture = None if finding.picture in OF_MODEL else MEASURED.get(finding.picture or "", finding.picture)
    saw = f"Output `{state.name}`: {finding.saw}"
    return dataclasses.replace(finding, saw=saw, edits=edits, picture=picture if picture in evidence.series else None)


def _without(answers: list[tuple[Cause, Reason]], ids: set[str]) -> list[tuple[Cause, Reason]]:
    return [pair for pair in answers if pair[0].id not in ids]
