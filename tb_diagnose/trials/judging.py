"""Whether a change helps by more than chance: a paired t-test with two sources of chance, corrected by Holm.

Two things differ by chance between two runs: the seeds, and which samples were kept aside. The variance of the
mean gain is the sum of both: that of the paired differences over the seeds, which share weights and order as far as
the change leaves them, and that of the differences on each sample. The first one is known from few values, the second
one from many: by Cochran and Cox (Experimental Designs, 1950) the values of t that each of them asks for are weighted
by the variances. That errs on the safe side nearly everywhere (Welch's degrees of freedom do not: a variance that came
out small by luck would count as known). A permutation of three seeds could never give less than 1/8, so it could prove
nothing; a test over the samples alone would take the luck of a seed for an effect.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_diagnose.diagnosis.trial import LITTLE, NO_HELP, PROVEN, WORSE, WORTHWHILE
from tb_diagnose.trials.held_out import FOLDS

LEVEL = 0.05
"""Chance that any change of a trial is called proven that does not help; the same for "makes it worse"."""
POINTS = 4_001
"""Points of the numerical integral of Student's distribution: its error is far below what is decided by it."""
MOST_FREEDOM = 1_000
"""Degrees of freedom beyond which it does not change any more."""
LEAST_CHANCE = 1e-9
"""Probability below which none is told from another."""


@dataclass(frozen=True)
class Difference:
    """How much better one is than the other.

    Args:
        gain: Mean difference over the seeds.
        chance: Probability of such a difference, or a larger one to the same side, where there is none; NaN for a
            single seed.
    """

    gain: float
    chance: float


def difference(
    control: Sequence[np.ndarray], changed: Sequence[np.ndarray], *, same_samples: bool = True
) -> Difference:
    """How much better `changed` is than `control`.

    Args:
        control: Skill by sample for each seed, shape `(sample,)` each.
        changed: The same, of the same seeds. Where a change drops samples it may have other lengths.
        same_samples: Whether all seeds are measured on the same samples; otherwise each on others.
    """
    by_seed = np.array([new.mean() - old.mean() for old, new in zip(control, changed, strict=True)])
    gain, seeds = float(by_seed.mean()), len(by_seed)
    if seeds < 2:
        return Difference(gain, float("nan"))
    of_seeds = float(by_seed.var(ddof=1)) / seeds
    of_samples = _of_samples(control, changed) if same_samples else _of_other_samples(control, changed)
    if of_seeds + of_samples == 0:
        return Difference(gain, 0.5 if gain == 0 else 0.0)
    samples = min(len(scores) for scores in (*control, *changed))
    return Difference(gain, chance_of(gain, [(of_seeds, seeds - 1), (of_samples, samples - 1)]))


def chance_of(gain: float, variances: Sequence[tuple[float, int]]) -> float:
    """Probability of a gain, or a larger one to the same side, by Cochran and Cox; from one source of chance, that of
    Student's distribution.

    Args:
        gain: The gain.
        variances: Its variance from each source of chance, with its degrees of freedom.
    """
    whole = sum(variance for variance, _ in variances)
    chances = np.geomspace(0.5, LEAST_CHANCE, POINTS)
    asked = np.zeros(POINTS)  # values of t that each of these probabilities asks for
    for variance, freedom in variances:
        asked += variance / whole * _beyond(chances, max(freedom, 1))
    return float(np.exp(np.interp(abs(gain) / np.sqrt(whole), asked, np.log(chances))))


def _of_samples(control: Sequence[np.ndarray], changed: Sequence[np.ndarray]) -> float:
    """Variance of the mean gain from the choice of samples."""
    sides = (changed, control)
    if len({len(scores) for side in sides for scores in side}) == 1:  # the same samples: each is compared with itself
        by_sample = np.mean(changed, axis=0) - np.mean(control, axis=0)
        return _variance(by_sample) / len(by_sample)
    return sum(_variance(np.concatenate(list(side))) / min(map(len, side)) for side in sides)


def _variance(values: np.ndarray) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _of_other_samples(control: Sequence[np.ndarray], changed: Sequence[np.ndarray]) -> float:
    """The same where each seed has samples that others have not, up to the number of parts that there are.

    What differs from part to part is in the variance over the seeds, too: counted twice, it errs on the safe side.
    """
    parts = [_of_samples([old], [new]) for old, new in zip(control, changed, strict=True)]
    return sum(parts) / len(parts) / min(len(parts), FOLDS)


def _beyond(chances: np.ndarray, freedom: int) -> np.ndarray:
    """The values of t beyond which these probabilities lie, from 0.5 down."""
    values, of_values = _distribution(min(freedom, MOST_FREEDOM))
    return np.asarray(np.interp(np.log(chances), np.log(of_values[::-1]), values[::-1]))


@functools.lru_cache(maxsize=64)
def _distribution(freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """Values of t from 0, and the probability beyond each: the integral of a power of the cosine."""
    # Most points are where small probabilities are: near a right angle, or at small angles where there is much freedom.
    angles = (
        np.pi / 2 * (1 - np.geomspace(1, LEAST_CHANCE, POINTS))
        if freedom < 10
        else np.linspace(0, np.pi / 2, POINTS)[:-1]
    )
    heights = np.cos(angles) ** (freedom - 1)
    # By the trapezoidal rule: `np.trapezoid` begins with NumPy 2. The rest, up to the right angle, is next to nothing.
    parts = np.append((heights[:-1] + heights[1:]) / 2 * np.diff(angles), heights[-1] * (np.pi / 2 - angles[-1]) / 2)
    beyond = parts[::-1].cumsum()[::-1]
    chances = 0.5 * beyond / beyond[0]
    told = chances > LEAST_CHANCE / 10
    return np.sqrt(freedom) * np.tan(angles[told]), chances[told]


def holm(chances: Sequence[float]) -> list[float]:
    """Probabilities corrected for their number (Holm, 1979); NaN stays NaN and counts as one of them."""
    corrected, largest = [float("nan")] * len(chances), 0.0
    order = sorted((i for i, chance in enumerate(chances) if not np.isnan(chance)), key=lambda i: chances[i])
    for place, index in enumerate(order):
        largest = max(largest, min((len(chances) - place) * chances[index], 1.0))
        corrected[index] = largest
    return corrected


def verdict(gain: float, chance: float) -> str:
    """What a row is called.

    Args:
        gain: Skill above the control's.
        chance: Its probability by chance, corrected for the number of rows; NaN where it is not known.
    """
    beyond = chance < LEVEL
    if beyond and gain >= WORTHWHILE:
        return PROVEN
    if beyond and gain <= -WORTHWHILE:
        return WORSE
    return LITTLE if gain >= WORTHWHILE or (beyond and gain > 0) else NO_HELP
