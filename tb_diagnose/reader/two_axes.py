"""Training counted by batches and validation by epochs, or the other way round, -> one axis.

Both are TensorBoard steps. Which belong together only the times tell at which they were written.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tb_diagnose.reader.points import MAIN, Points

APART = 3
"""Last step of the one over that of the other from which they may count different things."""
NEAR = 0.2
"""Share of the run before its end within which both were written last: otherwise one of them just ended early."""


def on_one_axis(points: Mapping[str, Points]) -> dict[str, Points] | None:
    """The curves over the coarser of two counts, which counts epochs; None where there is one count only.

    Args:
        points: By Keras's names.
    """
    training = [points[name] for name in MAIN if name in points and not name.startswith("val_")]
    validation = [points[name] for name in MAIN if name in points and name.startswith("val_")]
    if not training or not validation:
        return None
    coarse, fine = sorted((training, validation), key=_last_step)
    if _last_step(fine) < APART * max(_last_step(coarse), 1) or not _end_together(coarse, fine):
        return None
    longest = max(coarse, key=lambda curve: len(curve.steps))
    last = _last_step(coarse)
    return {name: _moved(curve, longest) if curve.steps[-1] > last else curve for name, curve in points.items()}


def _last_step(curves: list[Points]) -> int:
    return max(int(curve.steps[-1]) for curve in curves)


def _end_together(coarse: list[Points], fine: list[Points]) -> bool:
    """Whether both were written up to the end of the run, in order, and the coarser as evenly as epochs are."""
    both = [curve.times for curve in (*coarse, *fine)]
    if not all(np.isfinite(times).all() and (np.diff(times) >= 0).all() for times in both):
        return False
    began, ended = min(times[0] for times in both), max(times[-1] for times in both)
    if not ended > began:
        return False
    if any(max(curve.times[-1] for curve in curves) < ended - NEAR * (ended - began) for curves in (coarse, fine)):
        return False
    longest = max(coarse, key=lambda curve: len(curve.steps))
    return bool(longest.steps[0] in (0, 1) and (np.diff(longest.steps) == 1).all())


def _moved(curve: Points, longest: Points) -> Points:
    """A curve with the steps of another, each the first that was written no earlier."""
    at = np.searchsorted(longest.times, curve.times, side="left")
    beyond = at == len(longest.steps)
    return Points(longest.steps[np.minimum(at, len(longest.steps) - 1)] + beyond, curve.times, curve.values)
