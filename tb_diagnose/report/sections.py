"""The parts that text, Markdown and notebook blocks have in common."""

from __future__ import annotations

from tb_diagnose.causes import Cause
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.fixes.places import places

MOST_IDS = 5
"""Causes that a sentence names; of more it says how many."""
MOST_PLACES = 3
"""Lines of the user's program that a sentence names; of more it says how many."""


def labelled(named: Named, arrow: str, diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """What a report says of a finding, each with its label; empty parts are left out.

    Args:
        named: The finding.
        arrow: What stands between the links of the chain.
        diagnosis: What it is a part of.
    """
    parts = [
        ("measured", named.finding.saw),
        ("expected", named.finding.expected),
        ("change", named.finding.fix or named.cause.fix),
        ("line", in_short(places(named.finding, named.cause.family, diagnosis.evidence.facts))),
        ("leads to", arrow.join(consequence.cause.title for consequence in named.consequences)),
    ]
    return [(label, value) for label, value in parts if value]


def other_answers(diagnosis: Diagnosis) -> list[tuple[str, list[Cause]]]:
    """The causes that were not found, by what was answered; what there is none of is left out."""
    answers = [
        ("Checked and fine", [cause for cause, _ in diagnosis.fine]),
        ("Does not apply", [cause for cause, _ in diagnosis.does_not_apply]),
        ("Could not be told", [cause for cause, _ in diagnosis.could_not_tell]),
    ]
    return [(label, causes) for label, causes in answers if causes]


def counted(answers: list[tuple[str, list[Cause]]]) -> str:
    """`Other causes: 2 checked and fine, 40 could not be told`: over a list that is folded."""
    return "Other causes: " + ", ".join(f"{len(causes)} {label[0].lower()}{label[1:]}" for label, causes in answers)


def folded_answers(diagnosis: Diagnosis) -> str:
    """The same as one sentence: ids where there are few, numbers where there are many; "" where there is nothing."""
    parts = []
    for label, causes in other_answers(diagnosis):
        few = len(causes) <= MOST_IDS
        parts.append(f"{label}: {', '.join(cause.id for cause in causes) if few else f'{len(causes)} causes'}")
    folded = any(len(causes) > MOST_IDS for _, causes in other_answers(diagnosis))
    first, *more = parts or [""]
    return "; ".join([first, *(part[0].lower() + part[1:] for part in more)]) + (
        " (`tb-diagnose --full` lists them)" * folded
    )


def in_short(found: list[str]) -> str:
    """`train.py:31, train.py:40`, the first few."""
    more = f" and {len(found) - MOST_PLACES:,} more" if len(found) > MOST_PLACES else ""
    return ", ".join(f"`{place}`" for place in found[:MOST_PLACES]) + more
