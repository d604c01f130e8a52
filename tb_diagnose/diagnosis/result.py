"""The result of judging one run."""

from __future__ import annotations

from dataclasses import dataclass, field

from tb_diagnose.causes import Cause, Finding
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.skill import Progress
from tb_diagnose.status.status import Status


@dataclass(frozen=True)
class Named:
    """A finding with the cause that saw it, and what it brings about, in the order of the chain."""

    cause: Cause
    finding: Finding
    consequences: tuple[Named, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """What is known of one training.

    Args:
        training: Its name.
        status: Whether it is stalled, since when and where.
        headline: One sentence.
        probable_causes: Roots, the most probable first; empty for a healthy run.
        notes: Other findings: less likely causes, and what is worth knowing of a healthy run.
        cleared: Causes that were tried and found fine, or, mechanisms in a run that learns, without harm.
        untried: Causes and the evidence that they would need.
        failed: Causes whose code raised, with the error.
        evidence: What it was judged from.
        progress: The curve that was judged.
    """

    training: str
    status: Status
    headline: str
    probable_causes: tuple[Named, ...] = ()
    notes: tuple[Named, ...] = ()
    cleared: tuple[tuple[Cause, Finding], ...] = ()
    untried: tuple[tuple[Cause, tuple[str, ...]], ...] = ()
    failed: tuple[tuple[Cause, str], ...] = ()
    evidence: Evidence = field(repr=False, kw_only=True)
    progress: Progress | None = field(default=None, repr=False)

    def __str__(self) -> str:
        from tb_diagnose.report.text import text

        return text(self)
