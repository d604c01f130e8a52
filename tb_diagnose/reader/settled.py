"""Until when a judgement holds without a new event: a run that is silent has crashed, or has ended."""

from __future__ import annotations

import time

from tb_diagnose.evidence import Evidence
from tb_diagnose.reader import third_party

UNSETTLED = 30.0
"""Seconds after which a run without a finished epoch, or one that could not be read, is judged anew: its process may
end, or its file system come back, without a new event."""


def settled_until(evidence: Evidence, status: str) -> float:
    """Wall time in s until which the status of a run holds as long as nothing is written to it; infinite for ever.

    Args:
        evidence: The run.
        status: Name of its status.
    """
    if status == "crashed":
        return float("inf")
    if status == "unreadable" or evidence.finished_epochs == 0:
        return time.time() + UNSETTLED
    ends = float("-inf") if evidence.last_sign is None else evidence.last_sign + third_party.OVER
    return ends if ends > time.time() else float("inf")
