"""How far a run has come: `epoch 18 of 30, running, 2 min left`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tb_diagnose.evidence import Evidence
from tb_diagnose.status.liveness import is_alive

RECENT = 5
"""Epochs whose length tells how long the others will take."""
MINUTE, HOUR = 60, 3600


def extent(evidence: Evidence, alive: Callable[[Evidence], bool] = is_alive) -> str:
    """The clause; empty for a run that has had all its epochs, or of which nobody knows how many are planned.

    Args:
        evidence: One run.
        alive: Tells whether its process may still be at work.
    """
    planned = evidence.get("planned_epochs")
    if planned is None or evidence.get("error") or not evidence.finished_epochs:
        return ""
    last = int(evidence.epochs[-1])
    if last >= planned:
        return ""
    come = f"epoch {last:,} of {planned:,}"
    if not alive(evidence):
        return come
    seconds = evidence.get("seconds")
    known = np.zeros(0) if seconds is None else seconds[np.isfinite(seconds)][-RECENT:]
    return f"{come}, running" + (f", {_left(float(np.median(known)) * (planned - last))}" if len(known) else "")


def _left(seconds: float) -> str:
    if seconds < MINUTE:
        return "less than a minute left"
    minutes = round(seconds / MINUTE)
    if seconds < HOUR:
        return f"{minutes} min left"
    return f"{minutes // 60:,} h {minutes % 60} min left"
