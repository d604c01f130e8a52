"""Asks every cause about one run, and keeps its answers apart: found, fine, does not apply, could not be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tb_diagnose.causes import Answer, Cause, CouldNotTell, DoesNotApply, Finding, Fine
from tb_diagnose.evidence import Evidence

SEVERAL_OUTPUTS = "The model has several outputs: this is told of models with one."


@dataclass
class Tried:
    """What became of each cause."""

    found: list[tuple[Cause, Finding]] = field(default_factory=list)
    fine: list[tuple[Cause, str]] = field(default_factory=list)
    does_not_apply: list[tuple[Cause, str]] = field(default_factory=list)
    could_not_tell: list[tuple[Cause, tuple[str, ...]]] = field(default_factory=list)
    failed: list[tuple[Cause, str]] = field(default_factory=list)


def ask(entry: Cause, evidence: Evidence) -> Answer:
    """The answer of one cause.

    Args:
        entry: The cause.
        evidence: The run.
    """
    if entry.one_output and len(evidence.get("outputs") or []) > 1:
        return DoesNotApply(SEVERAL_OUTPUTS)
    missing = [lacking for need in entry.needs for lacking in evidence.missing(need)]
    if entry.either and all(evidence.missing(name) for name in entry.either):
        missing += evidence.missing(entry.either[0])
    if missing:
        return CouldNotTell(tuple(dict.fromkeys(missing)))
    given = {name: evidence.get(name) for name in entry.uses}
    given |= {name: evidence.logged(name) for name in entry.either}
    given = {name: value for name, value in given.items() if value is not None}
    # What is needed and can be told is given even where the answer is None: there is no such thing.
    return entry.judge(**given, **{name: evidence.logged(name) for name in entry.needs})


def try_all(catalogue: Mapping[str, Cause], evidence: Evidence) -> Tried:
    """The answers of all causes; one whose code raises is one row, and the others are asked all the same."""
    tried = Tried()
    for entry in catalogue.values():
        try:
            answer = ask(entry, evidence)
        except Exception as error:  # noqa: BLE001 - one bad row in the report, never a dead tab
            tried.failed.append((entry, f"{type(error).__name__}: {error}"))
            continue
        match answer:
            case Finding():
                tried.found.append((entry, answer))
            case Fine(saw):
                tried.fine.append((entry, saw))
            case DoesNotApply(saw):
                tried.does_not_apply.append((entry, saw))
            case CouldNotTell(missing):
                tried.could_not_tell.append((entry, missing))
    return tried
