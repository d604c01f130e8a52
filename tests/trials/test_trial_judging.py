"""Whether a change helps: the test and its correction."""

import math

import numpy as np
import pytest

from tb_diagnose.diagnosis.trial import PROVEN
from tb_diagnose.trials.candidates import Candidate
from tb_diagnose.trials.comparing import compared, undecided
from tb_diagnose.trials.judging import LEVEL, chance_of, difference, holm, verdict
from tb_diagnose.trials.made import Made
from tb_diagnose.trials.scoring import Score
from tb_diagnose.trials.training import Outcome

SEEDS, SAMPLES = 3, 200


def student(t, freedom):
    """Probability beyond t, on its side, of Student's distribution."""
    return chance_of(t, [(1.0, freedom)])


@pytest.mark.parametrize(
    ("t", "freedom", "chance"),
    [(6.3138, 1, 0.05), (2.9200, 2, 0.05), (31.599, 2, 0.0005), (2.1318, 4, 0.05), (1.6759, 50, 0.05), (0, 3, 0.5)],
)
def test_the_tail_of_students_distribution_is_that_of_the_tables(t, freedom, chance):
    assert student(t, freedom) == pytest.approx(chance, rel=0.01)


@pytest.mark.parametrize(("seeds", "freedom"), [(3, 2), (6, 5)])
def test_a_gain_is_as_sure_as_the_source_of_chance_that_there_is(seeds, freedom):
    """From seeds alone, or from samples alone, it is the t-test of one of them; from both, something between."""
    rng = np.random.default_rng(0)
    by_seed, by_sample = rng.normal(0.1, 0.05, seeds), rng.normal(0.1, 0.5, SAMPLES)
    nothing = [np.zeros(SAMPLES)] * seeds
    alone = by_seed.mean() / (by_seed.std(ddof=1) / np.sqrt(seeds))
    chance = difference(nothing, [np.full(SAMPLES, each) for each in by_seed]).chance
    assert chance == pytest.approx(student(alone, freedom), rel=0.01)
    chance = difference(nothing, [by_sample] * seeds).chance
    assert chance == pytest.approx(
        student(by_sample.mean() / (by_sample.std(ddof=1) / np.sqrt(SAMPLES)), 199), rel=0.01
    )
    both = difference(nothing, [each + by_sample - by_sample.mean() for each in by_seed])
    t = both.gain / np.sqrt(by_seed.var(ddof=1) / seeds + by_sample.var(ddof=1) / SAMPLES)
    assert student(t, 199) < both.chance < student(t, freedom)


def test_holm_is_worked_out_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    corrected = holm([0.01, float("nan"), 0.2])
    assert corrected[0] == pytest.approx(0.03), "What is not known counts as one of them."
    assert math.isnan(corrected[1])


@pytest.mark.parametrize(
    ("gain", "chance", "called"),
    [
        (0.5, 0.01, "proven"),
        (0.5, 0.2, "helps a little"),
        (0.5, float("nan"), "helps a little"),
        (0.02, 0.01, "helps a little"),
        (0.02, 0.3, "does not help"),
        (-0.02, 0.01, "does not help"),
        (-0.5, 0.3, "does not help"),
        (-0.5, 0.01, "makes it worse"),
    ],
)
def test_a_verdict_needs_both_a_gain_and_more_than_chance(gain, chance, called):
    assert verdict(gain, chance) == called


def scores(rng, level, by_seed, by_sample=0.5):
    """Skill by sample for each seed."""
    return [level + rng.normal(0, by_seed) + rng.normal(0, by_sample, SAMPLES) for _ in range(SEEDS)]


@pytest.mark.parametrize("same_samples", [True, False])
@pytest.mark.parametrize("by_seed", [0.0, 0.02, 0.05, 0.1, 0.3])
def test_chance_alone_proves_nothing_more_often_than_is_said(by_seed, same_samples):
    """Five changes that do nothing, a thousand times: whatever part of the noise the seeds are."""
    rng, trials = np.random.default_rng(1), 1000
    alarms = 0
    for _ in range(trials):
        control = scores(rng, 0.3, by_seed)
        others = [scores(rng, 0.3, by_seed) for _ in range(5)]
        found = [difference(control, changed, same_samples=same_samples) for changed in others]
        gains = zip(found, holm([each.chance for each in found]), strict=True)
        alarms += any(chance < LEVEL and each.gain > 0 for each, chance in gains)
    assert alarms / trials < LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / trials)


@pytest.mark.parametrize("by_seed", [0.02, 0.3])
def test_a_second_look_proves_nothing_more_often_either(by_seed):
    """Three changes that do nothing: those that seem to help get three more seeds where none is proven."""
    rng, trials, alarms = np.random.default_rng(2), 400, 0
    for _ in range(trials):
        made = [made_of(scores(rng, 0.3, by_seed) + scores(rng, 0.3, by_seed)) for _ in range(4)]
        control, *others = made
        first = [of_seeds(each, SEEDS) for each in others]
        further = undecided(control, first, kept_aside=False)
        second = [each if old in further else old for old, each in zip(first, others, strict=True)]
        alarms += any(each.verdict == PROVEN for each in compared(control, second, kept_aside=False))
    assert alarms / trials < LEVEL


def made_of(skills):
    """What a trial made of a change, by its skills by sample for each seed."""
    return Made(Candidate(), {seed: Outcome(Score(each, 0.5, "accuracy"), 1, 1.0) for seed, each in enumerate(skills)})


def of_seeds(made, count):
    return Made(made.candidate, {seed: outcome for seed, outcome in made.outcomes.items() if seed < count})


def test_what_helps_from_every_seed_is_proven_and_luck_of_one_is_not():
    rng = np.random.default_rng(0)
    control = scores(rng, 0.0, 0.02)
    assert difference(control, scores(rng, 0.9, 0.02)).chance < 0.01
    lucky = [control[0], control[1], control[2] + 1.0]
    assert difference(control, lucky).chance > LEVEL


def test_few_samples_prove_more_where_each_seed_has_others():
    """Sixteen samples of two classes: nothing but one answer for all, and nearly all of them right."""
    control = [np.tile([1.0, -1.0], 8)] * 3
    changed = [np.ones(16), np.ones(16), np.r_[np.ones(15), -1.0]]
    same, others = (difference(control, changed, same_samples=same).chance for same in (True, False))
    assert others < same < LEVEL


def test_one_seed_proves_nothing():
    assert math.isnan(difference([np.zeros(SAMPLES)], [np.ones(SAMPLES)]).chance)


def test_a_change_that_drops_samples_is_compared_all_the_same():
    rng = np.random.default_rng(0)
    shorter = [each[:150] for each in scores(rng, 0.9, 0.01)]
    assert difference(scores(rng, 0.0, 0.01), shorter).chance < 0.01
