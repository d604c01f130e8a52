"""Accuracies and scores in percent and as fractions -> all as fractions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tb_diagnose.reader.points import Points

FRACTION = 1.001
"""Largest accuracy that is a fraction: the rest of it is rounding."""
MOST = 1000.0
"""Largest value that can be meant in percent, ten times what is possible; what is above is a count."""


def as_fractions(points: Mapping[str, Points]) -> dict[str, Points]:
    """The curves with accuracies and scores as fractions.

    A curve above 1 is in percent, and so is one that fits the others better so: 1 % beside 1.05 %, but 0.91 beside
    96 %. Counts stay as they are.
    """
    largest = {name: _largest(curve) for name, curve in points.items() if _is_share(name)}
    in_percent = [value for value in largest.values() if FRACTION < value <= MOST]
    if not in_percent:
        return dict(points)
    usual = float(np.median(in_percent))
    return {
        name: Points(curve.steps, curve.times, curve.values / 100)
        if name in largest and _means_percent(largest[name], usual)
        else curve
        for name, curve in points.items()
    }


def _is_share(name: str) -> bool:
    return name.removeprefix("val_") in ("accuracy", "score", "baseline") or name.endswith(("_accuracy", "acc"))


def _largest(curve: Points) -> float:
    return float(curve.values[np.isfinite(curve.values)].max(initial=0.0))


def _means_percent(largest: float, usual: float) -> bool:
    """Whether a curve is in percent, where others of the same run have `usual` percent for their largest value."""
    if largest > MOST:
        return False
    if largest > FRACTION:
        return True
    return largest > 0 and abs(np.log(largest / usual)) < abs(np.log(100 * largest / usual))
