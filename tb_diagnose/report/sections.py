"""The parts that text, Markdown and notebook blocks have in common."""

from __future__ import annotations

from collections.abc import Sequence

from tb_diagnose.causes import Cause
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.fixes.beside_code import beside_code
from tb_diagnose.fixes.line import Line
from tb_diagnose.fixes.places import places
from tb_diagnose.report.advice import ALL_IS_WELL

AS_LINES = "As the lines below."
"""What is to be changed, where the lines of the program say all of it."""
AS_KERAS_HAS_IT = "as Keras has it"
"""Of a line whose words in the program are not known."""
MOST_PLACES = 3
"""Lines of the user's program that a sentence names; of more it says how many."""


def labelled(named: Named, arrow: str, diagnosis: Diagnosis, code: Sequence[Line] = ()) -> list[tuple[str, str]]:
    """What a report says of a finding, each with its label; empty parts are left out.

    Args:
        named: The finding.
        arrow: What stands between the links of the chain.
        diagnosis: What it is a part of.
        code: The lines that the report shows in a block of their own.
    """
    parts = [
        ("measured", named.finding.saw),
        ("expected", named.finding.expected),
        ("change", beside_code(named.finding.fix or named.cause.fix, code) or AS_LINES),
        ("line", in_short(places(named.finding, named.cause.family, diagnosis.evidence.facts))),
        ("trial", diagnosis.trial.about(named.cause.id) if diagnosis.trial is not None else None),
        ("leads to", arrow.join(_chain(named, diagnosis))),
    ]
    return [(label, value) for label, value in parts if value]


def _chain(named: Named, diagnosis: Diagnosis) -> list[str]:
    """Titles of what a cause leads to; none where a cause before it has led there already."""
    chain = [consequence.cause.title for consequence in named.consequences]
    for before in diagnosis.probable_causes:
        if before is named:
            break
        if chain == [consequence.cause.title for consequence in before.consequences]:
            return []
    return chain


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
    return "Other causes: " + ", ".join(_of_each(label, len(causes)) for label, causes in answers)


def _of_each(label: str, count: int) -> str:
    what = label[0].lower() + label[1:]
    return f"{count} {what if count == 1 else what.replace('does not', 'do not')}"


def folded_answers(diagnosis: Diagnosis) -> str:
    """`Others: 24 checked, fine; 8 do not apply; 3 could not be told (--full)`; empty where there is nothing."""
    given = [
        (diagnosis.fine, "checked, fine"),
        (diagnosis.does_not_apply, "do not apply"),
        (diagnosis.could_not_tell, "could not be told"),
    ]
    parts = [f"{len(causes)} {_agreeing(what, len(causes))}" for causes, what in given if causes]
    return f"Others: {'; '.join(parts)} (--full)" if parts else ""


def _agreeing(what: str, count: int) -> str:
    return what.replace("do not", "does not") if count == 1 else what


def note_kind(diagnosis: Diagnosis) -> str:
    """What a note is called: of a healthy run, nothing is an order."""
    return "If you want" if diagnosis.status.name in ALL_IS_WELL else "Note"


def in_short(found: list[str]) -> str:
    """`train.py:31, train.py:40`, the first few."""
    more = f" and {len(found) - MOST_PLACES:,} more" if len(found) > MOST_PLACES else ""
    return ", ".join(f"`{place}`" for place in found[:MOST_PLACES]) + more
