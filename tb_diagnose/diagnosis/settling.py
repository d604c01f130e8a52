"""Answers and a curve -> what is named: a stall that no cause speaks for is none."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from tb_diagnose.causes import Cause, Finding
from tb_diagnose.diagnosis.ranking import concerns, rank
from tb_diagnose.diagnosis.result import Named
from tb_diagnose.diagnosis.trying import Tried
from tb_diagnose.status.status import BESIDE_THE_CURVE, GOOD, Status

AT_REST = ("levelled off", "reached")
"""Statuses of a curve that rises no more."""


@dataclass(frozen=True)
class Settled:
    """What is said of one curve.

    Args:
        status: Its status.
        probable: What is to be changed.
        notes: The other findings.
        fine: Causes that are fine, or do no harm.
    """

    status: Status
    probable: tuple[Named, ...]
    notes: tuple[Named, ...]
    fine: tuple[tuple[Cause, str], ...]


def settled(tried: Tried, status: Status) -> Settled:
    """Ranks the findings under a status, and under what it is otherwise where none of them speaks for it.

    Args:
        tried: The answers of all causes.
        status: Status by the curve.
    """
    found = _ranked(tried, status)
    while status.otherwise is not None and not found.probable:
        status = status.otherwise
        found = _ranked(tried, status)
    return found


def _ranked(tried: Tried, status: Status) -> Settled:
    """Probable causes, notes, and what is fine: in a run that learns, a mechanism such as dead units does no harm."""
    learns = status.name in (*GOOD, *BESIDE_THE_CURVE)
    harmless: list[tuple[Cause, Finding]] = [
        pair for pair in tried.found if learns and pair[0].family == "mechanism" and not concerns(pair[0], status)
    ]
    # What has come to rest does not go on: the curve decides, not what its second half would lead to.
    ended = [pair for pair in tried.found if status.name in AT_REST and pair[0].is_status == "unfinished"]
    left = dataclasses.replace(tried, found=[pair for pair in tried.found if pair not in (*harmless, *ended)])
    fine = [*tried.fine, *((entry, f"No harm here: {finding.saw}") for entry, finding in harmless)]
    fine += [(entry, f"{status.sentence}.") for entry, _ in ended]
    return Settled(status, *rank(left, status), tuple(fine))
