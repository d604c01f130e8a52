"""A sweep: its runs ranked by score, and what tells the scores apart, of runs that are known by settings and scores."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tb_diagnose.diagnosis.better_run import better_runs
from tb_diagnose.diagnosis.score import Score
from tb_diagnose.diagnosis.sweep import RankedRun, Setting, Sweep, SweepRun, sweep

ACCURACY = "validation accuracy"


def made(settings, *scores, status="stalled", name=None):
    """A run with these scores, each of a kind and its value; a number alone is a validation accuracy."""
    pairs = [score if isinstance(score, tuple) else (ACCURACY, score) for score in scores]
    return SweepRun(
        name or repr(settings), status, None, settings, tuple(Score(kind, "", value) for kind, value in pairs)
    )


def separating(runs):
    return [setting.name for setting in sweep(runs).separating]


def one_rate_learns(
    rates=(1.0, 0.1, 0.01, 0.001), good=0.01, seeds=3, score=lambda good, noise: 0.1 + 0.8 * good + noise
):
    rng = np.random.default_rng(0)
    return [
        made({"hparams.rate": rate, "hparams.seed": seed}, score(rate == good, rng.normal(scale=0.005)))
        for rate in rates
        for seed in range(seeds)
    ]


@pytest.mark.parametrize("good", [1.0, 0.1, 0.01, 0.001])
def test_twelve_runs_of_which_one_rate_learns(good):
    found = sweep(one_rate_learns(good=good))
    assert (found.score, found.higher_is_better) == (ACCURACY, True)
    (rate,) = found.separating
    assert rate.name == "hparams.rate" and rate.explains > 0.95
    assert [(part.value, part.runs) for part in rate.parts] == [(0.001, 3), (0.01, 3), (0.1, 3), (1.0, 3)]
    best = max(rate.parts, key=lambda part: part.median)
    assert best.value == good and best.best == max(best.scores) == best.scores[0]
    assert [run.settings[0] for run in found.runs[:3]] == [good] * 3


def test_statuses_say_nothing_of_it():
    """All are stalled, and one rate is far better than the others."""
    assert {run.status for run in one_rate_learns()} == {"stalled"}
    assert separating(one_rate_learns()) == ["hparams.rate"]


def test_a_loss_is_better_the_lower_it_is_and_a_diverged_run_is_the_worst():
    def loss(good, noise):
        return "loss", 0.1 if good else math.inf if noise > 0 else 1e6 * (1 - noise)

    found = sweep(one_rate_learns(score=loss))
    assert (found.score, found.higher_is_better) == ("loss", False)
    assert [setting.name for setting in found.separating] == ["hparams.rate"]
    assert [run.score for run in found.runs[:3]] == [0.1] * 3 and found.runs[-1].score == math.inf


def test_one_far_loss_does_not_hide_the_rest():
    runs = [made({"units": units}, ("loss", units / 100 + seed / 1000)) for units in (4, 8) for seed in range(6)]
    runs[-1] = made({"units": 8}, ("loss", 1e9))
    assert separating(runs) == ["units"]


def random_search(best, count=30):
    rng = np.random.default_rng(1)
    runs = []
    for _ in range(count):
        rate, units, kind = 10 ** rng.uniform(-5, 0), int(rng.integers(8, 256)), str(rng.choice(["a", "b"]))
        score = float(np.clip(best(np.log10(rate)) + rng.normal(scale=0.03), 0, 1))
        runs.append(made({"hparams.rate": float(rate), "hparams.units": units, "hparams.kind": kind}, score))
    return runs


@pytest.mark.parametrize(
    "best",
    [
        pytest.param(lambda power: 0.5 + 0.08 * power, id="rising"),
        pytest.param(lambda power: 0.1 + 0.8 * math.exp(-(((power + 2.5) / 0.7) ** 2)), id="best in the middle"),
    ],
)
def test_a_rate_of_its_own_in_each_run(best):
    rate = sweep(random_search(best)).separating[0]
    assert rate.name == "hparams.rate"
    assert sum(part.runs for part in rate.parts) == 30 and 3 <= len(rate.parts) <= 5
    edges = [edge for part in rate.parts for edge in (part.value, part.to)]
    assert edges == sorted(edges)


def random_sweep(rng, scores, count=24):
    return [
        made(
            {f"p{n}": int(rng.integers(n)) for n in (2, 3, 4, 6, 10)}
            | {"rate": float(10 ** rng.uniform(-5, 0)), "kind": str(rng.choice(["a", "b", "c"]))},
            scores(rng),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    "scores",
    [
        pytest.param(lambda rng: float(rng.uniform(0.1, 0.99)), id="any score"),
        pytest.param(lambda rng: float(rng.choice([0.1, 0.95]) + rng.normal(scale=0.01)), id="good or bad"),
        pytest.param(lambda rng: ("loss", float(rng.lognormal(sigma=3))), id="losses"),
    ],
)
def test_chance_separates_nothing(scores):
    rng = np.random.default_rng(0)
    claims = sum(bool(separating(random_sweep(rng, scores))) for _ in range(200))
    assert claims <= 10  # one in twenty is what is allowed for


def test_few_runs_are_ranked_and_nothing_is_claimed():
    found = sweep([made({"rate": rate}, 0.9 if rate == 1 else 0.1, name=f"run{rate}") for rate in (1, 2, 3, 4, 5)])
    assert [run.run for run in found.runs] == ["run1", "run2", "run3", "run4", "run5"]
    assert [(setting.name, setting.separates) for setting in found.settings] == [("rate", None)]


def test_where_nothing_is_known_and_where_nothing_differs():
    nothing, alike = sweep([made({}, 0.1 * place) for place in range(8)]), sweep([made({"units": 8}, 0.5)] * 4)
    assert nothing.settings == alike.settings == ()
    assert (nothing.are_settings_known, alike.are_settings_known) == (False, True)
    assert sweep([]).runs == ()


def test_all_scores_alike():
    assert separating([made({"units": units}, 0.5) for units in (4, 8) for _ in range(6)]) == []
    assert separating([made({"units": units}, ("loss", math.inf)) for units in (4, 8) for _ in range(6)]) == []


def test_runs_without_the_score_come_last_the_worst_of_them_at_the_end():
    runs = [made({"units": place}, 0.1 * place, name=f"run{place}") for place in range(6)]
    runs += [
        made({"units": 7}, status="crashed", name="crashed"),
        made({"units": 8}, status="learning", name="learning"),
    ]
    found = sweep(runs)
    assert [run.run for run in found.runs] == ["run5", "run4", "run3", "run2", "run1", "run0", "learning", "crashed"]
    assert found.runs[-1].score is None


def test_the_score_is_one_that_half_of_the_runs_have():
    both, one = (ACCURACY, 0.5), ("accuracy", 0.7)
    assert sweep([made({}, both, one)] * 3 + [made({}, one)] * 3).score == ACCURACY
    assert sweep([made({}, both, one)] * 2 + [made({}, one)] * 3).score == "accuracy"
    assert sweep([made({}, both, one)] * 2 + [made({})] * 8).score == ACCURACY
    assert sweep([made({})] * 3).score is None


def test_losses_of_two_functions_are_not_compared():
    def run(function):
        return SweepRun("run", "not judged", None, {}, (Score("loss", function, 0.5),))

    assert sweep([run("mean_squared_error")] * 3).score == "loss (mean_squared_error)"
    assert sweep([run("mean_squared_error")] * 3 + [run("mean_absolute_error")]).score is None


def test_a_thousand_runs():
    found = sweep(random_sweep(np.random.default_rng(0), lambda rng: float(rng.uniform()), 1000))
    assert len(found.runs) == 1000 and found.separating == []
    assert found.runs[0].score == max(run.score for run in found.runs)


def ranked(run, status, score, *settings):
    return RankedRun(run, score, status, None, settings)


def found(*runs):
    settings = tuple(Setting(name, (), None, None, ()) for name in ("learning_rate", "units"))
    return Sweep("accuracy", True, settings, runs, True)


def test_beside_a_stalled_run_stands_the_better_one_that_differs_least():
    far, near = ranked("far", "reached", 0.99, 0.001, 64), ranked("near", "learning", 0.9, 0.001, 8)
    held = ranked("held", "stalled", 0.1, 0.01, 8)
    (pair,) = better_runs(found(far, near, held))
    assert (pair.run.run, pair.better.run, pair.differences) == ("held", "near", (("learning_rate", 0.01, 0.001),))


@pytest.mark.parametrize(
    "other",
    [
        ranked("worse", "reached", 0.05, 0.001, 8),
        ranked("stalled, too", "stalled", 0.3, 0.001, 8),
        ranked("the same", "reached", 0.9, 0.01, 8),
        ranked("unknown", "reached", 0.9, None, 8),
    ],
    ids=lambda run: run.run,
)
def test_no_run_stands_beside_one_that_it_does_not_help(other):
    held = ranked("held", "stalled", 0.1, 0.01, 8)
    assert better_runs(found(*sorted((other, held), key=lambda run: -run.score))) == []
