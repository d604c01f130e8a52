"""Tells faults from consequences, and ranks them."""

from __future__ import annotations

from tb_diagnose import causes
from tb_diagnose.causes import FAMILIES, Cause, Finding
from tb_diagnose.diagnosis.result import Named
from tb_diagnose.status import status as statuses

SEVERE_ENOUGH = 0.25
"""A cause a quarter as severe as a finding may still explain it (the explaining rule)."""
AS_PROBABLE = 0.5
"""Roots at least half as severe as the severest one are probable too: severities are not finer than that."""
SEVERE = 0.25
"""Weaker findings are notes: a stall has a severe cause or one that was not seen."""
SEVERE_MECHANISM = 0.7
"""A mechanism is named only where it is about enough to stall a training by itself."""
SEVERE_CEILING = 0.43
"""As good as the inputs tell is a stall only where that is little: this severity is a fifth of the labels wrong."""
HARMLESS = ("learning", "reached")
SYMPTOMS = {"not generalizing": "overfitting", "misreported": "metric_mismatch"}
"""What is wrong with a training whose loss moves: only this and what leads to it can be the cause."""
TOO_EARLY = "too_few_epochs"
"""Stands beside all else only where a training ended while it was learning."""
WITHIN = ("mechanism", "outcome")
"""Families that say what happened, not what a user did: named only where nothing else is."""
CEILINGS = ("label_noise", "shuffled_labels", "constant_inputs", "wrong_input_dtype")
"""What makes the inputs tell little: it can hold a training that is as good as its inputs tell."""
SETTLED = ("configuration", "data")
"""Families that can be told before there is a curve."""


def rank(found: list[tuple[Cause, Finding]], state: statuses.Status) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """Parts the findings into probable causes, with their consequences, and notes.

    Args:
        found: Every cause that saw something.
        state: Status of the training.
    """
    ordered = sorted(found, key=lambda pair: (-round(pair[1].severity, 2), FAMILIES.index(pair[0].family), pair[0].id))
    relevant = [pair for pair in ordered if concerns(pair[0], state)]
    roots = [pair for pair in relevant if not any(explains(other, pair) for other in relevant if other is not pair)]
    if not roots:
        roots = relevant[:1]  # two findings that explain each other: the severer one speaks
    probable = _probable(roots, relevant, state)
    named = tuple(Named(*pair, consequences=_consequences(pair, ordered)) for pair in probable)
    shown = {id(pair[1]) for pair in probable} | {id(c.finding) for n in named for c in n.consequences}
    notes = tuple(
        Named(*pair, consequences=_consequences(pair, ordered)) for pair in ordered if id(pair[1]) not in shown
    )
    return named, notes


def concerns(entry: Cause, state: statuses.Status) -> bool:
    """Whether a cause can be what is wrong with a training of that status."""
    if state.name in HARMLESS:
        return entry.family != "mechanism"
    symptom = SYMPTOMS.get(state.name)
    if symptom is not None:
        return entry.id == symptom or symptom in _reaches(entry.id)
    if state.where == statuses.AT_REFERENCE:
        return entry.id in CEILINGS
    if entry.id == TOO_EARLY:
        return state.name == "unfinished"
    # What harms the validation rows only does not stall a training.
    return entry.id not in SYMPTOMS.values() and entry.leads_to != (SYMPTOMS["not generalizing"],)


def _probable(
    roots: list[tuple[Cause, Finding]], found: list[tuple[Cause, Finding]], state: statuses.Status
) -> list[tuple[Cause, Finding]]:
    """The roots that are about as severe as the severest one; what a user can change before mechanisms before outcomes."""
    if state.name in HARMLESS:
        return []
    if state.name in ("too short to tell", "crashed"):
        roots = [pair for pair in roots if pair[0].family in SETTLED]
    if state.name == "crashed":
        # What Keras raises on is a contradiction; data may be poor besides.
        roots = [pair for pair in roots if pair[0].family == "configuration"] or roots
    weights = [(pair, _weight(pair, found)) for pair in roots]
    weights = [(pair, w) for pair, w in weights if w >= _least(pair[0], state)]
    # A mechanism is held against other causes by what it is itself, not by what it brings about.
    top = max((pair[1].severity for pair, _ in weights), default=0.0)
    severe = [pair for pair, weight in weights if weight >= AS_PROBABLE * top]
    for families in (set(FAMILIES) - set(WITHIN), {"mechanism"}, {"outcome"}):
        some = [pair for pair in severe if pair[0].family in families]
        if some:
            return some
    return []


def _least(entry: Cause, state: statuses.Status) -> float:
    """Severity from which on a cause is named for a training of that status."""
    if entry.id == SYMPTOMS.get(state.name):
        return 0.0  # it is what the status says
    if state.where == statuses.AT_REFERENCE:
        return SEVERE_CEILING
    return SEVERE_MECHANISM if entry.family == "mechanism" else SEVERE


def _weight(root: tuple[Cause, Finding], found: list[tuple[Cause, Finding]]) -> float:
    """Severity of a root; a mechanism is as severe as the severest thing that it brings about."""
    if root[0].family != "mechanism":
        return root[1].severity
    return max(
        [root[1].severity, *(other[1].severity for other in found if other is not root and explains(root, other))]
    )


def explains(one: tuple[Cause, Finding], other: tuple[Cause, Finding]) -> bool:
    """Whether `one` explains `other` (see the module docstring)."""
    return (
        not other[1].chosen
        and other[0].id in _reaches(one[0].id)
        and one[1].since <= other[1].since
        and one[1].severity >= max(SEVERE_ENOUGH * other[1].severity, min(SEVERE, other[1].severity))
    )


def _reaches(start: str) -> set[str]:
    """Ids of everything that a cause leads to, directly or through others."""
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        entry = causes.CATALOGUE.get(ahead.pop())
        for target in entry.leads_to if entry else ():
            if target not in reached and target != start:
                reached.add(target)
                ahead.append(target)
    return reached


def _consequences(root: tuple[Cause, Finding], found: list[tuple[Cause, Finding]]) -> tuple[Named, ...]:
    """What a finding explains, in the order in which one leads to the next."""
    chain = [pair for pair in found if pair is not root and explains(root, pair)]
    ids = [pair[0].id for pair in chain]
    depth = {id_: sum(id_ in _reaches(before) and before not in _reaches(id_) for before in ids) for id_ in ids}
    return tuple(Named(*pair) for pair in sorted(chain, key=lambda pair: (depth[pair[0].id], pair[1].since)))
