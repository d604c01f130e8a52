"""Does a fault do harm? Its training is held against those of the healthy twins: same setup, all seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

LEAST = 0.05
"""Skill that a run must be worse by: less is not worth a diagnosis."""
SPREADS = 3.0
"""Standard deviations of the twins that luck with the seed may cost."""
ERRORS = 2.0
"""Standard errors, from the number of validation rows."""
CLEARLY_FINE = 0.5
"""Share of the margin within which validation counts as clearly fine: then a worse figure on the training rows, as
Dropout or augmentation brings it, is no harm."""

Outcome = Mapping[str, Any]


def harmful(outcome: Outcome, twins: Sequence[Outcome]) -> bool:
    """Whether a run came to harm.

    It did when it raised, when a fault changed the metrics and accuracy is no longer that of the predictions, when its skill on the validation rows is not finite or worse than the twins' by more than
    the margin (the largest of 0.05, three standard deviations of the twins and two standard errors), or when its
    skill on the training rows is, while the one on the validation rows is not clearly fine.

    Args:
        outcome: Of the run with a fault.
        twins: Of its healthy twins that were trained to the end, at least one.
    """
    if outcome["error"] is not None or outcome.get("misreported"):
        return True
    short = shortfall(outcome, twins, "score")
    return short > 1 or (shortfall(outcome, twins, "training_score") > 1 and short > CLEARLY_FINE)


def shortfall(outcome: Outcome, twins: Sequence[Outcome], name: str) -> float:
    """By how many margins a skill is below the twins' mean; infinite where it is not a number."""
    theirs = np.array([twin[name] for twin in twins], float)
    error = max((twin.get("score_error") or 0.0) for twin in twins)
    spread = theirs.std(ddof=1) if len(theirs) > 1 else 0.0
    margin = max(LEAST, SPREADS * spread, ERRORS * error)
    value = outcome[name]
    return float("inf") if value is None else float((theirs.mean() - value) / margin)
