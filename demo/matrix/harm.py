"""Whether a fault does harm: its run is compared with the healthy twins, the same setup from all seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

LEAST = 0.05
"""Skill that a run must be worse by: less is not worth a diagnosis."""
DEVIATIONS = 3.0
"""Standard deviations of the twins that luck with the seed may cost."""
ERRORS = 2.0
"""Standard errors, from the number of validation samples."""
CLEARLY_FINE = 0.5
"""Share of the margin within which validation counts as clearly fine: then a lower skill on the training samples, as
Dropout or augmentation brings it, is no harm."""

Outcome = Mapping[str, Any]


def harmful(outcome: Outcome, twins: Sequence[Outcome]) -> bool:
    """Whether a run came to harm.

    It did when it raised; when the reported accuracy is not that of the predictions; when its skill on the validation
    samples is not finite, or below the twins' by more than the margin (the largest of 0.05, three standard deviations
    of the twins and two standard errors); or when its skill on the training samples is, while the one on the
    validation samples is not clearly fine.

    Args:
        outcome: How the run with the fault ended.
        twins: How its healthy twins ended that were trained to the end, at least one.
    """
    if outcome["error"] is not None or outcome.get("misreported"):
        return True
    short = shortfall(outcome, twins, "score")
    return short > 1 or (shortfall(outcome, twins, "training_score") > 1 and short > CLEARLY_FINE)


def shortfall(outcome: Outcome, twins: Sequence[Outcome], name: str) -> float:
    """By how many margins a skill is below the twins' mean; infinite where it is not a number."""
    skills = np.array([twin[name] for twin in twins], float)
    error = max((twin.get("score_error") or 0.0) for twin in twins)
    deviation = skills.std(ddof=1) if len(skills) > 1 else 0.0
    margin = max(LEAST, DEVIATIONS * deviation, ERRORS * error)
    value = outcome[name]
    return float("inf") if value is None else float((skills.mean() - value) / margin)
