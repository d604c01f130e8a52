"""A few runs trained here and now, from `fit` to the verdict.

Floating point differs between processors, so every run is far from the limits that decide: the margins are the
constants below. Runs near a limit are tested on recorded evidence, in `test_faults.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import recorded

from demo import threshold
from demo.matrix import judging, plan, training, workers
from demo.matrix.judging import Verdict
from demo.matrix.plan import Job

pytestmark = pytest.mark.slow

SKILL_LOST = 0.5
"""Least skill that a fault costs here, where 0.05 counts as harm (`harm.LEAST`)."""
WEIGHT = 0.7
"""Least weight of a fault here, where 0.25 is enough to be named."""
BESIDE = 0.5
"""Whatever else is named has less than this share of its weight."""
LEARNED = 0.9
"""Least skill of the setup without a fault, and least accuracy of the threshold program without its faults."""
PROCESSES = 2

FAULTS = (
    ("output_activation", "digits_cnn"),  # configuration
    ("label_encoding", "digits_cnn"),  # configuration, and Keras raises
    ("invalid_inputs", "tabular_binary"),  # data, and the loss is NaN
    ("constant_inputs", "digits_cnn"),  # data
    ("learning_rate_too_low", "tokens_conv"),  # training
    ("vanishing_gradients", "tokens_conv"),  # mechanism
    ("constant_prediction", "tabular_binary"),  # mechanism
)
JOBS = [Job(fault, plan.strongest(fault), setup, recorded.SEED) for fault, setup in FAULTS]
HEALTHY = JOBS[0].twin
THRESHOLD = {"fixed": 5, "as_asked": 3, "sigmoid": 3}
"""Epochs by form: as many as its verdict needs, at 2,000 steps each."""

Trained = Callable[[Job | str], tuple[Any, Verdict]]


def train(what: Job | str, folder: str) -> Any:
    """What a worker process does: the outcome of a job, or the last accuracy of a form of the threshold program."""
    training.one_thread()
    if isinstance(what, Job):
        return training.train(what, folder)
    return {"accuracy": threshold.train(what, folder, recorded.SEED, epochs=THRESHOLD[what])}


@pytest.fixture(scope="module")
def trained(request, tmp_path_factory) -> Trained:
    """`trained(job)` or `trained(form)` is how that run ended and the verdict on it; all are trained at once."""
    root = tmp_path_factory.mktemp("trained")
    asked = {item.name for item in request.session.items}
    wanted = [what for what in [*THRESHOLD, HEALTHY, *JOBS] if what == HEALTHY or any(_name(what) in n for n in asked)]
    folders = [str(root / str(number)) for number in range(len(wanted))]
    results = {
        wanted[i]: result for i, result in workers.run(train, list(zip(wanted, folders, strict=True)), PROCESSES)
    }

    def of(what: Job | str) -> tuple[Any, Verdict]:
        result = results[what]
        assert isinstance(result, dict) and "broken" not in result, f"{what} was not trained: {result}"
        return result, judging.judge(folders[wanted.index(what)])

    return of


def _name(what: Job | str) -> str:
    return what if isinstance(what, str) else f"{what.fault}-{what.setup}"


def named_without_doubt(verdict: Verdict, count: int = 1) -> set[str]:
    """The ids named first, as many as `count`; asserts that they are far above all others."""
    first, others = verdict.probable[:count], verdict.probable[count:]
    assert first and not verdict.failed, verdict
    least = min(weight for _, weight in first)
    assert least >= WEIGHT and all(weight < BESIDE * least for _, weight in others), verdict
    return {id_ for id_, _ in first}


@pytest.mark.parametrize("job", JOBS, ids=_name)
def test_a_fault_far_from_any_limit_is_named(trained, job):
    outcome, verdict = trained(job)
    lost = recorded.load(job.twin).outcome["score"] - (outcome["score"] or 0.0)
    assert outcome["error"] or lost > SKILL_LOST, outcome
    assert named_without_doubt(verdict) == {job.fault}


def test_a_setup_that_learns_is_left_alone(trained):
    outcome, verdict = trained(HEALTHY)
    assert outcome["score"] > LEARNED
    assert verdict.status in ("learning", "reached")
    assert not verdict.probable and not verdict.failed and not outcome["warnings"]


def test_the_threshold_program_as_asked(trained):
    _, verdict = trained("as_asked")
    assert named_without_doubt(verdict, 2) == set(verdict.named) == {"output_activation", "unscaled_inputs"}
    assert "duplicate_rows" in dict(verdict.notes)


def test_the_threshold_program_with_sigmoid(trained):
    _, verdict = trained("sigmoid")
    assert named_without_doubt(verdict) == set(verdict.named) == {"unscaled_inputs"}


def test_the_threshold_program_fixed(trained):
    result, verdict = trained("fixed")
    assert result["accuracy"] > LEARNED
    assert verdict.status in ("learning", "reached")
    assert not verdict.probable and not verdict.failed
