"""The few lines that are printed at the end of `fit`."""

from __future__ import annotations

from tb_diagnose import storage
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.fixes.places import places
from tb_diagnose.report.sections import in_short
from tb_diagnose.report.wording import worded


def verdict(diagnosis: Diagnosis, logdir: str) -> str:
    """The few lines that the callback prints at the end of `fit`."""
    lines = verdict_lines(diagnosis)
    return "\n".join(
        [
            f"tb_diagnose: {lines[0]}",
            *(f"  {line}" for line in lines[1:]),
            f"  The whole report: tensorboard --logdir {storage.parent(logdir)}, then the Diagnosis tab.",
        ]
    )


def verdict_lines(diagnosis: Diagnosis) -> list[str]:
    """The headline, and for each of the first causes what was measured and what to change."""
    diagnosis = worded(diagnosis)
    lines = [diagnosis.headline]
    for named in diagnosis.probable_causes[:2]:
        found = in_short(places(named.finding, named.cause.family, diagnosis.evidence.facts)).replace("`", "")
        lines += [
            f"{named.cause.title}: {named.finding.saw}",
            f"What to change{f', {found}' if found else ''}: {named.finding.fix or named.cause.fix}",
        ]
    return lines
