"""What is said of a run before it is over: a contradiction before the first step, and the first stall, each once.

Judging is reading: it is done between epochs, seldom enough to cost a hundredth of the time.
"""

from __future__ import annotations

import time
from typing import Any

from tb_diagnose.recorder import watchers

SHARE = 0.01
"""Share of the time that is spent on looking."""
EPOCHS = 5
"""Epochs that a stall must have lasted: a slow start of three or four looks the same, and a false alarm costs trust."""
_SAID: set[tuple[str, str]] = set()
"""Folders of runs, and what was said of each: a loop may call `fit` for every single epoch of one run."""


class Notices:
    """Says, at most once each, what cannot wait for the end of a run.

    Args:
        run: The run; its event file is open.
    """

    def __init__(self, run: watchers.Run) -> None:
        self._run = run
        self._next_look = float("inf")
        self._has_stalled = False
        self.said: tuple[str, ...] = ()
        """Ids of the causes that were named."""

    def before_first_step(self) -> None:
        """Says what contradicts itself in the settings and the data, before time is spent on it."""
        from tb_diagnose.report.verdict import warning

        found = warning(self._look())
        if found is not None:
            self._say(*found)

    def between_epochs(self) -> None:
        """Says that a run has come to a halt, and what to change, while there is still something to save."""
        if self._has_stalled or time.monotonic() < self._next_look:
            return
        from tb_diagnose.report.verdict import is_news, verdict_lines

        diagnosis = self._look()
        if is_news(diagnosis) and _is_plain(diagnosis):
            self._has_stalled = True
            headline, *_ = verdict_lines(diagnosis)
            first = diagnosis.probable_causes[0]
            self._say(f"{headline} What to change: {first.finding.fix or first.cause.fix}", first.cause.id)

    def _look(self) -> Any:
        from tb_diagnose.api import newest

        began = time.monotonic()
        diagnosis = newest(self._run.folder, self._run.logdir)
        ended = time.monotonic()
        self._next_look = ended + (ended - began) / SHARE
        return diagnosis

    def _say(self, sentence: str, cause: str) -> None:
        self.said += (cause,)
        if (self._run.folder, cause) in _SAID:
            return
        _SAID.add((self._run.folder, cause))
        from tb_diagnose.api import report_address

        where = report_address(self._run.logdir)
        print(f"tb_diagnose: {sentence}{f' {where}' if where else ''}", flush=True)


def _is_plain(diagnosis: Any) -> bool:
    """Whether a halt is long enough, and its first cause a fault: what is left when all else is cleared can wait."""
    status = diagnosis.status
    if not diagnosis.probable_causes[0].cause.is_fault:
        return False
    return status.name == "diverged" or (status.since is not None and status.until - status.since + 1 >= EPOCHS)
