"""Where in the user's program a finding is, as a report says it: `train.py:31`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit, Finding
from tb_diagnose.evidence.source import read
from tb_diagnose.fixes.program_edits import place_of

FED = ("data", "training")
"""Families of causes that are in what `fit` is given."""


def places(finding: Finding, family: str, facts: Mapping[str, Any]) -> list[str]:
    """File and line of what a finding would change, or else of the layers that show it; none that were not noted.

    Args:
        finding: The finding.
        family: The family of its cause: what is in the data is told by the line that gives them to `fit`.
        facts: The facts of its run.
    """
    source = read(facts)
    if not finding.edits and family in FED:
        return [] if source.fit is None else [str(source.fit)]
    found = [place_of(edit, source) for edit in finding.edits] or [source.layer(name) for name in finding.layers]
    return list(dict.fromkeys(str(place) for place in found if place is not None))


def place(edits: Sequence[Edit], facts: Mapping[str, Any]) -> str | None:
    """File and line of the first of some edits that belong to one line; None where it was not noted."""
    source = read(facts)
    found = [place_of(edit, source) for edit in edits]
    return next((str(known) for known in found if known is not None), None)
