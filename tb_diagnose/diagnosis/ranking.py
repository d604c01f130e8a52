"""From findings to what is to be changed.

Faults stand beside one another: all that do harm are to be changed. A fault is set aside only by a more certain one
that leaves the same traces (`looks_like`). Mechanisms and outcomes are *explained* by what brings them about, if that
began no later; they are named only where no fault was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tb_diagnose import causes
from tb_diagnose.causes import FAMILIES, Cause, Finding, reached_from
from tb_diagnose.diagnosis.result import Named, Origins
from tb_diagnose.diagnosis.trying import Tried
from tb_diagnose.status.status import AT_REFERENCE, BESIDE_THE_CURVE, GOOD, Status

Found = tuple[Cause, Finding]

NAMED = 0.25
"""Weight (harm times certainty) from which a fault is named; what weighs less is a note. A quarter of what the run
lacks, for certain, or all of it with one chance in four."""
BESIDE = 0.5
"""Weight of a fault as a share of the weightiest one's from which it is named beside it."""
SURE = 0.8
"""Certainty from which a fault is known by itself: it is named whatever stands beside it, and never set aside."""
LIKELY = 0.5
"""Weight from which a fault is likelier than not to cost about all that a run lacks."""
EXPLAINS = 0.25
"""Weight of a finding as a share of its consequence's from which it can explain it."""
NAMED_MECHANISM = 0.7
"""The same as `NAMED` for a mechanism without a fault: it must be about enough to stall a run by itself."""
NAMED_CEILING = 0.43
"""Harm of what limits a run that is as good as its inputs allow: a fifth of the labels wrong."""
LAST_RESORT = 0.5
"""Certainty below which an outcome is what is left when all else is cleared."""
PLAIN = 0.9
"""Harm and certainty from which a fault is plain: that simple methods do no better, or that the training samples are
learned, is no excuse for it."""
UNFINISHED, UNKNOWN = "unfinished", "not judged"
KNOWN_EARLY = ("configuration", "data")
"""Families that can be told before there is a curve."""


def rank(tried: Tried, status: Status) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """Parts the findings into probable causes, with their consequences, and notes.

    Args:
        tried: The answers of all causes.
        status: Status of the run.
    """
    found = sorted(tried.found, key=_order)
    complaint = max((finding.weight for entry, finding in found if concerns(entry, status)), default=0.0)
    relevant = [
        pair
        for pair in found
        if concerns(pair[0], status) or _is_plain(pair, status) or _outweighs(pair, complaint, status)
    ]
    aside = _set_aside(relevant)
    faults = [pair for pair in relevant if pair[0].is_fault and pair[0].id not in aside]
    named_faults, mechanisms = _named_faults(faults, status), _named_mechanism(relevant, aside, status)
    probable = [*_without_root(mechanisms, named_faults), *named_faults] if named_faults else mechanisms
    if probable and all(entry.is_status == UNFINISHED for entry, _ in probable):
        # More time is what a run asks for that cannot do better, too.
        probable = [*_outcomes_with_edits(relevant), *probable]
    named = tuple(_with_consequences(pair, found, tried) for pair in probable)
    shown = {n.cause.id for n in named} | {c.cause.id for n in named for c in n.consequences}
    by_id = {entry.id: entry for entry, _ in found}
    if named and named[0].cause.is_fault:
        aside |= {entry.id: named[0].cause.id for entry, finding in found if _is_last_resort(entry, finding)}
    notes = tuple(
        Named(*pair, _consequences(pair, found), by_id.get(aside.get(pair[0].id, "")))
        for pair in found
        if pair[0].id not in shown
    )
    return named, notes


def _order(pair: Found) -> tuple[float, int, str]:
    entry, finding = pair
    return -round(finding.weight, 2), FAMILIES.index(entry.family), entry.id


def concerns(entry: Cause, status: Status) -> bool:
    """Whether a cause can be what is wrong with a run of that status."""
    if status.name in GOOD:
        return entry.family != "mechanism"
    if entry.is_status is not None:
        return entry.is_status == status.name
    if status.name == "not generalizing" and entry.harms == "validation":
        return True
    if status.name in BESIDE_THE_CURVE:
        if status.name == "misreported" and entry.explains:
            return True
        # The curve itself is fine: only what leads to the complaint, or looks like it, can be its cause.
        complaints = {other.id for other in causes.CATALOGUE.values() if other.is_status == status.name}
        return bool(complaints & (reached_from(entry.id) | set(entry.looks_like)))
    if status.where == AT_REFERENCE:
        return entry.sets_ceiling
    return entry.harms != "validation"


def _is_plain(pair: Found, status: Status) -> bool:
    """Whether a fault is so sure and so heavy that a curve which is fine by itself is no excuse for it."""
    entry, finding = pair
    heavy = _is_certain(finding)
    excused = status.where == AT_REFERENCE or status.name in BESIDE_THE_CURVE
    return excused and heavy and entry.is_fault and entry.harms == "training" and entry.is_status is None


def _outweighs(pair: Found, complaint: float, status: Status) -> bool:
    """Whether a fault weighs more than all that explains why validation is worse: what is learned is no excuse then."""
    entry, finding = pair
    apart = status.name == "not generalizing" and entry.is_fault and entry.is_status is None
    return apart and finding.weight >= LIKELY and finding.weight > complaint


def _is_certain(finding: Finding) -> bool:
    """Whether a fault is plain by itself, whatever the curve is."""
    return min(finding.harm, finding.certainty) >= PLAIN


def _set_aside(found: Sequence[Found]) -> dict[str, str]:
    """Ids of faults that a more certain one looks like, with the id of that one. What is sure stands by itself."""
    aside: dict[str, str] = {}
    for entry, finding in found:
        if finding.certainty >= SURE:
            continue
        for other, its in found:
            same_traces = entry.id in other.looks_like and other.id not in aside
            if same_traces and its.certainty > finding.certainty and its.since <= finding.since and its.weight >= NAMED:
                aside.setdefault(entry.id, other.id)
    return aside


def _is_last_resort(entry: Cause, finding: Finding) -> bool:
    """Whether an outcome is only what is left when all else is cleared: then it says nothing beside a fault."""
    return entry.family == "outcome" and finding.certainty < LAST_RESORT


def _named_faults(faults: Sequence[Found], status: Status) -> list[Found]:
    """The faults that are to be changed, the weightiest first."""
    if status.name == UNKNOWN:
        # No curve speaks for a fault, and none against it: only what contradicts itself is named.
        faults = [pair for pair in faults if pair[0].family == "configuration" and _is_certain(pair[1])]
    elif status.name in GOOD:
        return []
    if status.name in ("too short to tell", "crashed"):
        faults = [pair for pair in faults if pair[0].family in KNOWN_EARLY]
    if status.name == "crashed":
        # What Keras raises on is a contradiction; data may be poor besides.
        faults = [pair for pair in faults if pair[0].family == "configuration"] or faults
    enough = [pair for pair in faults if _weighs_enough(pair, status)]
    top = max((finding.weight for _, finding in enough), default=0.0)
    named = [pair for pair in enough if pair[1].weight >= BESIDE * top or pair[1].certainty >= SURE]
    # Of two that weigh alike, the one that leaves the traces of the other comes first; and what only says that the run
    # is not over comes behind all that does.
    by_weight = sorted(named, key=lambda pair: (-round(pair[1].weight, 2), _is_looked_like(pair[0], named)))
    return sorted(by_weight, key=lambda pair: pair[0].is_status == UNFINISHED and _is_looked_like(pair[0], named))


def _outcomes_with_edits(relevant: Sequence[Found]) -> list[Found]:
    """The outcomes that weigh enough to be named and tell what to change in the program."""
    return [pair for pair in relevant if pair[0].family == "outcome" and pair[1].edits and pair[1].weight >= NAMED]


def _is_looked_like(entry: Cause, named: Sequence[Found]) -> bool:
    return any(entry.id in other.looks_like for other, _ in named)


def _weighs_enough(pair: Found, status: Status) -> bool:
    entry, finding = pair
    if entry.is_status == status.name:
        return True  # it is what the status says
    if status.where == AT_REFERENCE:
        return finding.weight >= NAMED_CEILING
    return finding.weight >= NAMED


def _named_mechanism(relevant: Sequence[Found], aside: Mapping[str, str], status: Status) -> list[Found]:
    """Where no fault was found: the mechanisms that nothing explains, else the outcome that is the status."""
    if status.name in (*GOOD, "too short to tell", "crashed"):
        return []
    roots = [
        pair
        for pair in relevant
        if not pair[0].is_fault and not any(explains(other, pair) for other in relevant if other is not pair)
    ]
    for family, least in (("mechanism", NAMED_MECHANISM), ("outcome", NAMED)):
        some = [pair for pair in roots if pair[0].family == family]
        # A mechanism is as heavy as the heaviest thing that it brings about. What took the place of the fault that is
        # the status is named in its place.
        heavy = [
            pair
            for pair in some
            if max([pair[1].weight, *(other[1].weight for other in relevant if explains(pair, other))]) >= least
            or pair[0].is_status == status.name
            or any(aside.get(entry.id) == pair[0].id and entry.is_status == status.name for entry, _ in relevant)
        ]
        top = max((finding.weight for _, finding in heavy), default=0.0)
        if heavy:
            return [pair for pair in heavy if pair[1].weight >= BESIDE * top]
    return []


def _without_root(mechanisms: Sequence[Found], faults: Sequence[Found]) -> list[Found]:
    """The mechanisms that are certain, began before all named faults and weigh far more: these are not their roots."""
    first, top = min(finding.since for _, finding in faults), max(finding.weight for _, finding in faults)
    return [
        (entry, finding)
        for entry, finding in mechanisms
        if entry.family == "mechanism"
        and _is_certain(finding)
        and finding.since < first
        and BESIDE * finding.weight > top
    ]


def explains(one: Found, other: Found) -> bool:
    """Whether `one` explains `other`: it brings it about, began no later, and weighs enough."""
    return (
        one is not other
        and other[0].id in reached_from(one[0].id)
        and one[1].since <= other[1].since
        and one[1].weight >= max(EXPLAINS * other[1].weight, min(NAMED, other[1].weight))
    )


def _consequences(root: Found, found: Sequence[Found]) -> tuple[Named, ...]:
    """What a finding explains, in the order in which one leads to the next."""
    chain = [pair for pair in found if explains(root, pair)]
    ids = [pair[0].id for pair in chain]
    depth = {id_: sum(id_ in reached_from(before) for before in ids) for id_ in ids}
    return tuple(Named(*pair) for pair in sorted(chain, key=lambda pair: (depth[pair[0].id], pair[1].since)))


def _with_consequences(pair: Found, found: Sequence[Found], tried: Tried) -> Named:
    origins = None
    if pair[0].family == "mechanism":
        origins = Origins(
            tuple(entry for entry, _ in tried.fine if pair[0].id in reached_from(entry.id)),
            tuple(entry for entry, _ in tried.could_not_tell if pair[0].id in reached_from(entry.id)),
        )
    return Named(*pair, _consequences(pair, found), origins=origins)
