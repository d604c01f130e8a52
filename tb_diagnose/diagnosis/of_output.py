"""What the causes say of each output among several, where nothing can be said of the model as a whole."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tb_diagnose.causes import Cause, Edit, Finding
from tb_diagnose.causes._loss_weights_edits import labels_at, with_labels
from tb_diagnose.diagnosis.refuting import refuted
from tb_diagnose.diagnosis.result import Named
from tb_diagnose.diagnosis.settling import Settled, settled
from tb_diagnose.diagnosis.trying import Tried, try_all
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.outputs import MEASURED, OutputState, worst_first
from tb_diagnose.status.status import Status

OF_MODEL = frozenset({"loss", "val_loss", "accuracy", "val_accuracy"})
"""Curves that Keras reports of the model: its whole loss, and the accuracy of the one output that has any."""
OF_EACH = ("loss", "metrics")
"""Arguments of `compile` in which each output has a part."""
SHOWN = 3
"""Outputs whose numbers stand in the sentence that clears a cause."""


@dataclass(frozen=True)
class OfOutputs:
    """What is said of a model with several outputs.

    Args:
        states: Its outputs with what they come to, the worst first.
        probable: What is to be changed, that of the worst output first.
        notes: The other findings.
        tried: The answers of all causes; those found are in `probable` and `notes`.
    """

    states: tuple[OutputState, ...]
    probable: tuple[Named, ...]
    notes: tuple[Named, ...]
    tried: Tried


def of_outputs(
    of_model: Tried, evidence: Evidence, states: Sequence[OutputState], of_run: Status | None = None
) -> OfOutputs:
    """Asks the causes about each output, and names what holds each of them.

    Args:
        of_model: What the causes said of the model.
        evidence: Its evidence.
        states: Its outputs.
        of_run: The status that the run has whatever its outputs are, such as a crash; None where they decide.
    """
    # How it is trained is set for the whole model: the curve of one output does not tell that it is wrong.
    asked = [entry for entry, _ in of_model.could_not_tell if entry.family != "training"]
    own = {state.name: _asked(asked if state.is_trained else [], evidence, state) for state in states}
    if of_run is None:
        about = {state.name: settled(_with(of_model, own[state.name], state.name), state.status) for state in states}
    else:
        one = settled(_pooled(of_model, list(own.values())), of_run)
        about = {state.name: one for state in states}
    judged = [dataclasses.replace(state, status=about[state.name].status) for state in states]
    ordered = worst_first(judged, {name for name, found in about.items() if found.probable})
    in_order = [about[state.name] for state in ordered if state.is_trained]
    probable = _merged([found.probable for found in in_order])
    shown = {named.cause.id for named in probable} | {
        link.cause.id for named in probable for link in named.consequences
    }
    notes = _merged([[named for named in found.notes if named.cause.id not in shown] for found in in_order])
    named = shown | {note.cause.id for note in notes}
    tried = _all(of_model, [own[state.name] for state in ordered], in_order, named)
    return OfOutputs(tuple(ordered), probable, notes, tried)


def _asked(asked: Sequence[Cause], evidence: Evidence, state: OutputState) -> Tried:
    """The answers about one output."""
    view = _as_the_only_one(evidence, state)
    told = refuted(try_all({entry.id: entry for entry in asked}, view), view)
    return dataclasses.replace(
        told,
        found=[(entry, _of(state, finding, evidence)) for entry, finding in told.found],
        fine=[(entry, f"Output `{state.name}`: {saw}") for entry, saw in told.fine],
    )


def _with(of_model: Tried, own: Tried, output: str) -> Tried:
    """What was said of the model, as far as it is not about other outputs, and what was said of this one."""
    found = [pair for pair in of_model.found if not pair[1].outputs or output in pair[1].outputs]
    again = _answered(own)
    untold = [pair for pair in of_model.could_not_tell if pair[0].id not in again]
    return Tried([*found, *own.found], [*of_model.fine, *own.fine], could_not_tell=[*untold, *own.could_not_tell])


def _pooled(of_model: Tried, own: Sequence[Tried]) -> Tried:
    """All answers, for a status that all outputs have in common."""
    found: dict[str, tuple[Cause, Finding]] = {}
    for entry, finding in (pair for tried in (of_model, *own) for pair in tried.found):
        before = found.get(entry.id)
        found[entry.id] = (entry, finding if before is None else _together(entry, before[1], finding))
    return Tried(list(found.values()), [pair for tried in (of_model, *own) for pair in tried.fine])


def _answered(tried: Tried) -> set[str]:
    """Ids of the causes that gave an answer, if only that it could not be told."""
    parts: tuple[Iterable[tuple[Cause, object]], ...] = (
        tried.found,
        tried.fine,
        tried.does_not_apply,
        tried.could_not_tell,
        tried.failed,
    )
    return {entry.id for part in parts for entry, _ in part}


def _all(of_model: Tried, own: Sequence[Tried], about: Sequence[Settled], named: set[str]) -> Tried:
    """The answers about the model and each of its outputs, a cause in one place: what is unknown of one is not fine."""
    again = {id_ for tried in own for id_ in _answered(tried)}
    failed = {entry.id: (entry, error) for tried in (of_model, *own) for entry, error in tried.failed}
    untold = {entry.id: (entry, missing) for entry, missing in of_model.could_not_tell if entry.id not in again}
    for entry, missing in (pair for tried in own for pair in tried.could_not_tell):
        before = untold.get(entry.id, (entry, ()))[1]
        untold[entry.id] = (entry, tuple(dict.fromkeys((*before, *missing))))
    cleared: dict[str, tuple[Cause, list[str]]] = {}
    for entry, saw in (pair for found in about for pair in found.fine):
        cleared.setdefault(entry.id, (entry, []))[1].append(saw)
    unlike = {entry.id: (entry, why) for tried in (of_model, *own) for entry, why in tried.does_not_apply}
    elsewhere = named
    kept: list[dict[str, Any]] = []
    for answers in (failed, untold, cleared, unlike):
        kept.append({id_: answer for id_, answer in answers.items() if id_ not in elsewhere})
        elsewhere = elsewhere | set(answers)
    fine = [(entry, _in_short(list(dict.fromkeys(texts)))) for entry, texts in kept[2].values()]
    return Tried([], fine, list(kept[3].values()), list(kept[1].values()), list(kept[0].values()))


def _in_short(texts: Sequence[str]) -> str:
    more = len(texts) - SHOWN
    return " ".join([*texts[:SHOWN], *([f"And {more} more outputs."] if more > 0 else [])])


def _merged(found: Sequence[Sequence[Named]]) -> tuple[Named, ...]:
    """Findings about several outputs, each cause named once."""
    merged: dict[str, Named] = {}
    for named in (named for some in found for named in some):
        before = merged.get(named.cause.id)
        if before is not None:
            together = _together(named.cause, before.finding, named.finding)
            merged[named.cause.id] = dataclasses.replace(before, finding=together)
        else:
            merged[named.cause.id] = named
    return tuple(merged.values())


def _together(entry: Cause, first: Finding, second: Finding) -> Finding:
    """What a cause found of several outputs; of the model as a whole it is found once."""
    if set(second.outputs) <= set(first.outputs):
        return first
    fixes = [finding.fix or entry.fix for finding in (first, second)]
    return dataclasses.replace(
        first,
        harm=max(first.harm, second.harm),
        certainty=max(first.certainty, second.certainty),
        saw=f"{first.saw} {second.saw}",
        fix=fixes[0] if fixes[0] == fixes[1] else f"{fixes[0]} For output `{second.outputs[0]}`: {fixes[1]}",
        since=min(first.since, second.since),
        layers=tuple(dict.fromkeys((*first.layers, *second.layers))),
        edits=(*first.edits, *second.edits),
        outputs=(*first.outputs, *second.outputs),
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

    What it changes, or a trial tries, stays where it is in layers, which have names of their own. Of `loss` and
    `metrics`, and of the labels, it changes the part of this output; another argument of `compile` or `fit` holds for
    all outputs, and is not changed for one. Its picture is the series that holds all outputs, or that of the layers
    that they share.
    """
    edits = [_edit_of(edit, state, evidence) for edit in finding.edits]
    layers = {row["name"] for row in evidence.facts.get("layers", [])}
    attempt = finding.attempt
    if attempt is not None and not all(edit.where in layers for edit in attempt.edits):
        attempt = None
    picture = None if finding.picture in OF_MODEL else MEASURED.get(finding.picture or "", finding.picture)
    return dataclasses.replace(
        finding,
        saw=f"Output `{state.name}`: {finding.saw}",
        fix=_fix_of(finding, edits),
        edits=() if None in edits else tuple(edit for edit in edits if edit is not None),
        attempt=attempt,
        picture=picture if picture in evidence.series else None,
        outputs=(state.name,),
    )


def _edit_of(edit: Edit, state: OutputState, evidence: Evidence) -> Edit | None:
    """A change for one output; None where it would change others too."""
    if edit.where in {row["name"] for row in evidence.facts.get("layers", [])}:
        return edit
    if edit.where == "compile" and edit.argument in OF_EACH:
        return dataclasses.replace(edit, output=state.name)
    key = evidence.facts["outputs"][state.index].get("label_key")
    if (edit.where, edit.argument) != ("data", "y") or key is None:
        return None
    return dataclasses.replace(edit, new=with_labels(key, _at(edit.new, key)))


def _at(code: str, key: str | int) -> str:
    """Code about `y` as code about the labels of one output."""
    names = [node for node in ast.walk(ast.parse(code, mode="eval")) if isinstance(node, ast.Name) and node.id == "y"]
    for name in sorted(names, key=lambda name: name.col_offset, reverse=True):
        code = f"{code[: name.col_offset]}{labels_at(key)}{code[name.end_col_offset :]}"
    return code


def _fix_of(finding: Finding, edits: Sequence[Edit | None]) -> str:
    """What to change, in words, with the code that changes one output."""
    fix = finding.fix
    for before, after in zip(finding.edits, edits, strict=True):
        if after is not None and (after.where, after.argument) == ("data", "y"):
            # How the model gives its outputs, in a list or by name, is not known here.
            fix = fix.replace(f"`y = {before.new}`", f"`y = {after.new}`").replace("model.predict(x)", "predictions")
    return fix
