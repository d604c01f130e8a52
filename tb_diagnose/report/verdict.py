"""The few lines that are printed at the end of `fit`."""

from __future__ import annotations

from collections.abc import Collection

from tb_diagnose import storage
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.fixes.places import places
from tb_diagnose.report.sections import in_short
from tb_diagnose.report.wording import worded

AT_ONCE = ("stalled", "diverged")
"""Statuses that are said while the run still trains."""
CERTAIN = 1.0
"""Certainty of a contradiction: no measurement is needed to know it."""
HARMFUL = 0.9
"""Harm from which it leaves nothing to train for."""


def is_news(diagnosis: Diagnosis) -> bool:
    """Whether somebody should hear of it while the run trains: it has come to a halt, and what to change is known.

    A run that has written its last epoch is about to end; then it has its verdict.
    """
    planned, epochs = diagnosis.evidence.get("planned_epochs"), diagnosis.evidence.epochs
    is_over = planned is not None and len(epochs) > 0 and epochs[-1] >= planned
    return diagnosis.status.name in AT_ONCE and bool(diagnosis.probable_causes) and not is_over


def contradiction(diagnosis: Diagnosis) -> Named | None:
    """The first finding of a run before its first step that settings and data alone make certain; None without one."""
    return next(
        (
            named
            for named in diagnosis.probable_causes
            if named.cause.family in ("configuration", "data")
            and named.finding.certainty >= CERTAIN
            and named.finding.harm >= HARMFUL
        ),
        None,
    )


def warning(diagnosis: Diagnosis) -> tuple[str, str] | None:
    """What is said of such a run: a line, and the id of the cause; None of one that has finished an epoch."""
    named = contradiction(worded(diagnosis))
    if named is None or diagnosis.evidence.finished_epochs:
        return None
    return f"{named.finding.saw} What to change: {named.finding.fix or named.cause.fix}", named.cause.id


def verdict(diagnosis: Diagnosis, logdir: str, said: Collection[str] = ()) -> str:
    """The few lines that the callback prints at the end of `fit`.

    Args:
        diagnosis: Of the run that has ended.
        logdir: Its folder.
        said: Ids of the causes that were explained before: they are not explained again.
    """
    lines = verdict_lines(diagnosis, said)
    return "\n".join(
        [
            f"tb_diagnose: {lines[0]}",
            *(f"  {line}" for line in lines[1:]),
            f"  The whole report: tensorboard --logdir {storage.parent(logdir)}, then the Diagnosis tab.",
        ]
    )


def verdict_lines(diagnosis: Diagnosis, said: Collection[str] = ()) -> list[str]:
    """The headline, and for each of the first causes what was measured and what to change."""
    diagnosis = worded(diagnosis)
    lines = [diagnosis.headline]
    for named in diagnosis.probable_causes[:2]:
        if named.cause.id in said:
            continue
        found = in_short(places(named.finding, named.cause.family, diagnosis.evidence.facts)).replace("`", "")
        lines += [
            f"{named.cause.title}: {named.finding.saw}",
            f"What to change{f', {found}' if found else ''}: {named.finding.fix or named.cause.fix}",
        ]
    return lines
