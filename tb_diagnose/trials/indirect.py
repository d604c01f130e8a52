"""What other copies tell of a fix that cannot be tried itself: its shadow, the same taken away; or the run as it is."""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes._tries import REPORTED
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.diagnosis.trial import WORTHWHILE, shown
from tb_diagnose.trials.judging import LEVEL
from tb_diagnose.trials.made import Made


def told_by_shadow(control: Made, made: Made, gain: float, chance: float) -> str:
    """Why the fix was not tried, and what its shadow tells of it.

    Args:
        control: The run as it is.
        made: The shadow.
        gain: Skill above the control's.
        chance: The probability of that by chance, corrected.
    """
    shadow = made.candidate.shadow
    assert shadow is not None
    if control.reason:
        return shadow.untold
    values = [_value(each) for each in (made, control)]
    measure = next(iter(made.outcomes.values())).score.measure
    figures = f"{shadow.untold} With {shadow.words} {measure} is {shown(values[0])} ({shown(values[1])} as it is)"
    if chance < LEVEL and gain <= -WORTHWHILE:
        return f"{figures}: the fix is likely to help."
    return f"{figures}: no clear difference, so the fix may bring little."


def only_reported(control: Made, diagnosis: Diagnosis) -> str:
    """Why another metric was not tried, and what shows that the one that the run has is wrong."""
    evidence = diagnosis.evidence
    for name in ("val_accuracy", "accuracy"):
        series = evidence.get(name)
        known = series[np.isfinite(series)] if series is not None else np.zeros(0)
        if len(known) and control.outcomes:
            measure = next(iter(control.outcomes.values())).score.measure
            return (
                f"{REPORTED.untold} Copies of the run as it is have an {measure} of {shown(_value(control))} by what "
                f"they answer; fit reported {shown(float(known[-1]))}."
            )
    return REPORTED.untold


def _value(made: Made) -> float:
    return sum(outcome.score.value for outcome in made.outcomes.values()) / len(made.outcomes)
