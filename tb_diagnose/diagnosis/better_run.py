"""Beside a run that is stalled: one of the same folder that is not, and what was set otherwise for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tb_diagnose.diagnosis.sweep import RankedRun, Sweep
from tb_diagnose.status.status import GOOD

HELD = ("stalled", "diverged")
"""Statuses of runs that others may show a way out of."""
MOST = 2
"""Settings at most in which the two differ: of more nobody knows which one it was."""


@dataclass(frozen=True)
class BetterRun:
    """A run that is held, and a better one that hardly differs.

    Args:
        run: The run that is held.
        better: The better one.
        differences: By setting, its value in the one and in the other.
    """

    run: RankedRun
    better: RankedRun
    differences: tuple[tuple[str, Any, Any], ...]


def better_runs(found: Sweep) -> list[BetterRun]:
    """For each run that is held the better one that differs least, where it differs in a setting or two."""
    names = [setting.name for setting in found.settings]
    pairs = []
    for run in found.runs:
        if run.status not in HELD or run.score is None:
            continue
        others = [
            BetterRun(run, other, _differences(names, run, other))
            for other in found.runs[: found.runs.index(run)]
            if other.status in GOOD and other.score != run.score
        ]
        near = min(others, key=lambda pair: len(pair.differences), default=None)
        if near is not None and 1 <= len(near.differences) <= MOST and _is_known(near):
            pairs.append(near)
    return pairs


def _differences(names: list[str], run: RankedRun, other: RankedRun) -> tuple[tuple[str, Any, Any], ...]:
    values = zip(names, run.settings, other.settings, strict=True)
    return tuple((name, its, theirs) for name, its, theirs in values if its != theirs)


def _is_known(pair: BetterRun) -> bool:
    return all(its is not None and theirs is not None for _, its, theirs in pair.differences)
