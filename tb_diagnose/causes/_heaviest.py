"""One answer for a cause that looks for several troubles."""

from __future__ import annotations

from collections.abc import Sequence

from tb_diagnose.causes import CouldNotTell, Finding

Trouble = Finding | CouldNotTell | None
"""What one check answers: a finding, an open question, or None for nothing."""


def heaviest(troubles: Sequence[Trouble]) -> Trouble:
    """The heaviest finding; without one, everything that is missing to tell; None where all is fine."""
    findings = [trouble for trouble in troubles if isinstance(trouble, Finding)]
    if findings:
        return max(findings, key=lambda finding: finding.weight)
    missing = [name for trouble in troubles if isinstance(trouble, CouldNotTell) for name in trouble.missing]
    return CouldNotTell(tuple(dict.fromkeys(missing))) if missing else None
