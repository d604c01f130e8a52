"""What is said of a fix that cannot be tried, by its shadow: the same taken away."""

from __future__ import annotations

from tb_diagnose.diagnosis.trial import WORTHWHILE, shown
from tb_diagnose.trials.judging import LEVEL, Difference
from tb_diagnose.trials.running import Made


def told_by_shadow(control: Made, made: Made, found: Difference, chance: float) -> str:
    """Why the fix was not tried, and what its shadow tells of it.

    Args:
        control: The run as it is.
        made: The shadow.
        found: How much better it is than the control.
        chance: The probability of that by chance, corrected for the number of rows.
    """
    shadow = made.candidate.shadow
    assert shadow is not None
    if control.reason:
        return shadow.untold
    values = [
        sum(each.outcomes[seed].score.value for seed in made.outcomes) / len(made.outcomes) for each in (made, control)
    ]
    measure = next(iter(made.outcomes.values())).score.measure
    figures = f"{shadow.untold} With {shadow.words} {measure} is {shown(values[0])} ({shown(values[1])} as it is)"
    if chance < LEVEL and found.gain <= -WORTHWHILE:
        return f"{figures}: the fix is likely to help."
    return f"{figures}: no more than chance allows, so the fix may bring little."
