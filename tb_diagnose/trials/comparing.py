"""Each change of a trial beside the run as it is: how much it brings, and whether chance could have done it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_diagnose.diagnosis.trial import PROVEN, WORTHWHILE
from tb_diagnose.trials.judging import Difference, difference, holm, verdict
from tb_diagnose.trials.made import Made

LOOKS = 2
"""How often the verdicts are looked at: after the seeds that were asked for, and after those that follow where nothing
is proven by them. Every probability is multiplied by it (Bonferroni), as if both looks were always taken."""


@dataclass(frozen=True)
class Compared:
    """One change beside the control.

    Args:
        made: What was made of it.
        gain: Skill above the control's, the mean over their common seeds; None where they have none.
        chance: Probability of it by chance alone, corrected for the number of changes and of looks; NaN for one seed.
    """

    made: Made
    gain: float | None = None
    chance: float = float("nan")

    @property
    def verdict(self) -> str:
        """What its row is called, where it has a gain."""
        assert self.gain is not None
        return verdict(self.gain, self.chance)


def compared(control: Made, others: Sequence[Made], kept_aside: bool) -> list[Compared]:
    """Every change beside the control.

    Args:
        control: The run as it is.
        others: The changes.
        kept_aside: Whether each seed is measured on other samples.
    """
    pairs = [(made, _difference(control, made, kept_aside)) for made in others]
    corrected = iter(holm([found.chance for _, found in pairs if found is not None]))
    return [
        Compared(made) if found is None else Compared(made, found.gain, float(np.minimum(LOOKS * next(corrected), 1.0)))
        for made, found in pairs
    ]


def undecided(control: Made, others: Sequence[Made], kept_aside: bool) -> list[Made]:
    """The changes that bring enough from several seeds, but may do so by chance; none where any is proven.

    Args:
        control: As for `compared`.
        others: As for `compared`.
        kept_aside: As for `compared`.
    """
    able = [
        each
        for each in compared(control, others, kept_aside)
        if each.gain is not None and each.made.candidate.shadow is None
    ]
    if any(each.verdict == PROVEN for each in able):
        return []
    from_several = [each for each in able if np.isfinite(each.chance)]
    return [each.made for each in from_several if each.gain is not None and each.gain >= WORTHWHILE]


def _difference(control: Made, made: Made, kept_aside: bool) -> Difference | None:
    """How much better a change is than the control on their common seeds; None where they have none.

    A control that raises answers nothing, which is worth what the best constant answer is: a skill of 0.
    """
    seeds = [seed for seed in made.outcomes if seed in control.outcomes or control.reason]
    if not seeds:
        return None
    changed = [made.outcomes[seed].score.skills for seed in seeds]
    if control.reason:
        before = [np.zeros_like(skills) for skills in changed]
    else:
        before = [control.outcomes[seed].score.skills for seed in seeds]
    return difference(before, changed, same_samples=not kept_aside)
