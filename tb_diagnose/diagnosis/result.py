"""The result of judging one run."""

from __future__ import annotations

from dataclasses import dataclass, field

from tb_diagnose.causes import Cause, Finding
from tb_diagnose.diagnosis.trial import Trial
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.outputs import OutputState
from tb_diagnose.status.skill import Progress
from tb_diagnose.status.status import Status


@dataclass(frozen=True)
class Origins:
    """What is known of the causes of a mechanism for which no fault was found.

    Args:
        fine: Causes that bring it about and were cleared.
        could_not_tell: Those that could not be tried.
    """

    fine: tuple[Cause, ...] = ()
    could_not_tell: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Named:
    """A finding with the cause that made it.

    Args:
        cause: The cause.
        finding: What it found.
        consequences: Mechanisms and outcomes that it brings about, in the order of the chain.
        set_aside_by: The more certain cause that leaves the same traces, of a note that was set aside.
        origins: Of a mechanism without a fault.
    """

    cause: Cause
    finding: Finding
    consequences: tuple[Named, ...] = ()
    set_aside_by: Cause | None = None
    origins: Origins | None = None


@dataclass(frozen=True)
class Diagnosis:
    """What is known of one run.

    Args:
        run: Its name.
        status: Whether it is stalled, since when and where.
        headline: One sentence.
        probable_causes: What is to be changed, the most harmful first; empty for a healthy run.
        notes: Other findings: less likely causes, what was set aside, and what is worth knowing of a healthy run.
        fine: Causes that were tried and found fine, or, mechanisms in a run that learns, without harm; with the number.
        does_not_apply: Causes of which the run has nothing, with why.
        could_not_tell: Causes that could not be tried, and the evidence that they would need.
        failed: Causes whose code raised, with the error.
        evidence: What it was judged from.
        progress: The curve that was judged.
        output: The output that the status is about, of a model with several.
        trial: What each change brought, where a trial was made of the run.
    """

    run: str
    status: Status
    headline: str
    probable_causes: tuple[Named, ...] = ()
    notes: tuple[Named, ...] = ()
    fine: tuple[tuple[Cause, str], ...] = ()
    does_not_apply: tuple[tuple[Cause, str], ...] = ()
    could_not_tell: tuple[tuple[Cause, tuple[str, ...]], ...] = ()
    failed: tuple[tuple[Cause, str], ...] = ()
    evidence: Evidence = field(repr=False, kw_only=True)
    progress: Progress | None = field(default=None, repr=False)
    output: OutputState | None = field(default=None, repr=False)
    trial: Trial | None = field(default=None, repr=False)

    @property
    def proven(self) -> tuple[Named, ...]:
        """The findings whose changes, together, a trial has proven to bring most; empty where it has proven none, or
        where it was of findings that are not there any more."""
        winner = None if self.trial is None else self.trial.winner
        found = {named.cause.id: named for named in (*self.probable_causes, *self.notes)}
        if winner is None or not set(winner.causes) <= set(found):
            return ()
        return tuple(found[cause] for cause in winner.causes)

    @property
    def to_change(self) -> tuple[Named, ...]:
        """The findings whose changes are to be made: the proven ones, or else the probable causes. A run without a
        probable cause has none: a trial alone raises no alarm."""
        return (self.proven or self.probable_causes) if self.probable_causes else ()

    def __str__(self) -> str:
        from tb_diagnose.report.text import text

        return text(self)

    def _repr_html_(self) -> str:
        from tb_diagnose.report import notebook

        return notebook.block([(self.run, self)])
