"""What a trial tries: the changes of a diagnosis, one by one, together, and joined one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tb_diagnose.causes import Edit, Try
from tb_diagnose.causes._tries import REPORTED
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.fixes.phrases import phrases

MOST_NOTES = 3
"""Notes that are tried beside the probable causes: each takes a share of the budget."""
UNDECIDED = "What to change is not one certain edit: it leaves something to decide."
UNPATCHED = "tried here, not in the patch"
"""What a row says of a change that leaves something to decide."""


@dataclass(frozen=True)
class Candidate:
    """One change to try.

    Args:
        causes: Ids of the causes that it is the change of, in the order of the diagnosis; none for the control.
        titles: Their titles.
        edits: What is changed.
        reason: Why it cannot be tried, one sentence; "" where it can.
        tries: Those of the edits that no patch shows, as their findings say them.
    """

    causes: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    reason: str = ""
    tries: tuple[Try, ...] = ()

    @property
    def changes(self) -> tuple[str, ...]:
        """What is changed, a phrase each."""
        own = [edit for each in self.tries for edit in each.edits]
        return (
            *phrases([edit for edit in self.edits if edit not in own]),
            *(f"{each.words} ({UNPATCHED})" for each in self.tries),
        )

    @property
    def left_out(self) -> str:
        """What of the fix is not tried, one sentence; "" where all of it is."""
        return next((each.untold for each in self.tries if each.untold and not each.is_shadow), "")

    @property
    def only_reports(self) -> bool:
        """Whether it changes a metric alone: what the control has learned tells what is to be reported."""
        return self.reason == REPORTED.untold

    @property
    def shadow(self) -> Try | None:
        """The try that takes away what the fix would add; None where the change is the fix itself."""
        return next((each for each in self.tries if each.is_shadow), None)


CONTROL = Candidate()
"""The run as it is."""


def singles(diagnosis: Diagnosis) -> list[Candidate]:
    """The changes of the probable causes, and of the notes that have any; of those with equal edits the first one."""
    probable = [_candidate(named) for named in diagnosis.probable_causes]
    notes = [each for each in map(_candidate, diagnosis.notes) if not each.reason and each.shadow is None]
    found: list[Candidate] = []
    for candidate in [*probable, *notes[:MOST_NOTES]]:
        if not candidate.edits or candidate.edits not in [other.edits for other in found]:
            found.append(candidate)
    return found


def joined(candidates: Iterable[Candidate], diagnosis: Diagnosis) -> Candidate:
    """Several changes as one, in the order in which the patch makes them."""
    order = [named.cause.id for named in (*diagnosis.probable_causes, *diagnosis.notes)]
    parts = sorted(candidates, key=lambda candidate: order.index(candidate.causes[0]))
    pairs = [pair for part in parts for pair in zip(part.causes, part.titles, strict=True)]
    causes = dict(pairs)
    edits = edits_together(part.edits for part in parts)
    tries = [each for part in parts for each in part.tries]
    tries = [each for place, each in enumerate(tries) if each not in tries[:place]]
    return Candidate(tuple(causes), tuple(causes.values()), tuple(edits), tries=tuple(tries))


def edits_together(parts: Iterable[Sequence[Edit]]) -> list[Edit]:
    """The edits of several findings as one list: what another finding changes already is not changed again."""
    edits: list[Edit] = []
    for part in parts:
        # Lines on the data follow one another, so one of them may stand there twice: parts are kept whole.
        if not _is_within(part, edits):
            edits += part
    return edits


def _is_within(edits: Sequence[Edit], others: Sequence[Edit]) -> bool:
    return all(edit in others for edit in edits)


def _candidate(named: Named) -> Candidate:
    finding = named.finding
    causes, titles = (named.cause.id,), (named.cause.title,)
    if not finding.edits:
        attempt = finding.attempt or Try(untold=UNDECIDED)
        if not attempt.edits:
            return Candidate(causes, titles, reason=attempt.untold)
        return Candidate(causes, titles, attempt.edits, tries=(attempt,))
    reported = all(edit.argument == "metrics" for edit in finding.edits)
    return Candidate(causes, titles, finding.edits, REPORTED.untold if reported else "")
