"""A report of a run whatever was written into its file: one that cannot be told is told to be unreadable."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tb_diagnose.diagnosis import engine
from tb_diagnose.diagnosis.result import Diagnosis

Told = TypeVar("Told")


def told(diagnosis: Diagnosis, tell: Callable[[Diagnosis], Told]) -> Told:
    """What `tell` makes of a run; where that raises, what it makes of a run that cannot be read, and why.

    A file that another program wrote, or that was damaged, may hold facts of any form. Causes are asked with care; a
    report that fails must not hide those of other runs.

    Args:
        diagnosis: One run.
        tell: Makes a report, or a part of one.
    """
    try:
        return tell(diagnosis)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other runs are shown
        return tell(engine.unreadable(diagnosis.run, error))
