"""A few runs trained here and now, from `fit` to the verdict.

Floating point differs between processors, so every run is far from the limits that decide: the margins are the
constants below. What is said of runs near a limit is tested on recorded evidence, in `test_faults.py`.
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
from tb_diagnose import diagnose

pytestmark = pytest.mark.slow

SKILL_LOST = 0.5
"""Least skill that a fault costs here, where 0.05 counts as harm (`harm.LEAST`)."""
WEIGHT = 0.7
"""Least weight of a fault here, where 0.25 is enough to be named."""
ALONE = 0.5
"""Another fault named beside it has less than this share of its weight."""
LEARNED = 0.9
"""Least accuracy of the threshold program with its faults mended, and skill of the setup without a fault."""

FAULTS = [
    ("output_activation", "digits_cnn"),  # configuration
    ("label_encoding", "digits_cnn"),  # configuration, and Keras raises
    ("invalid_inputs", "tabular_binary"),  # data, and the loss is NaN
    ("constant_inputs", "digits_cnn"),  # data
    ("learning_rate_too_low", "tokens_conv"),  # training
    ("vanishing_gradients", "tokens_conv"),  # mechanism
    ("constant_prediction", "tabular_binary"),  # mechanism
]
JOBS = [Job(fault, plan.strongest(fault), setup, recorded.SEED) for fault, setup in FAULTS]
HEALTHY = JOBS[0].twin
PROCESSES = 2

Trained = Callable[[Job], tuple[dict[str, Any], Verdict]]


@pytest.fixture(scope="module")
def trained(request, tmp_path_factory) -> Trained:
    """`trained(job)` is the outcome of a run and the verdict on it; all are trained at once."""
    root = tmp_path_factory.mktemp("trained")
    names = {getattr(item, "callspec", None) and item.callspec.id for item in request.session.items}
    jobs = [job for job in JOBS if _name(job) in names] + [HEALTHY]
    given = [(job, str(root / job.path)) for job in jobs]
    outcomes = {jobs[i]: outcome for i, outcome in workers.run(training.train, given, PROCESSES)}

    def of(job: Job) -> tuple[dict[str, Any], Verdict]:
        outcome = outcomes[job]
        assert isinstance(outcome, dict) and "seconds" in outcome, f"{job.path} was not trained: {outcome}"
        return outcome, judging.judge(str(root / job.path))

    return of


def _name(job: Job) -> str:
    return f"{job.fault}-{job.setup}"


@pytest.mark.parametrize("job", JOBS, ids=_name)
def test_a_fault_far_from_any_limit_is_named_alone(trained, job):
    outcome, verdict = trained(job)
    lost = recorded.load(job.twin).outcome["score"] - (outcome["score"] or 0.0)
    assert outcome["error"] or lost > SKILL_LOST, outcome
    assert not verdict.failed
    (first, weight), *others = verdict.probable
    assert first == job.fault and weight >= WEIGHT, verdict
    assert all(beside < ALONE * weight for _, beside in others), verdict


def test_a_setup_that_learns_is_left_alone(trained):
    outcome, verdict = trained(HEALTHY)
    assert outcome["score"] > LEARNED
    assert verdict.status == "reached"
    assert not verdict.probable and not verdict.failed and not outcome["warnings"]


@pytest.mark.parametrize("form", threshold.FORMS)
def test_the_threshold_program(tmp_path, form):
    accuracy = threshold.train(form, str(tmp_path), seed=0)
    (found,) = diagnose(tmp_path)
    weights = {named.cause.id: named.finding.weight for named in found.probable_causes}
    if form == "as_asked":
        assert set(weights) == {"output_activation", "unscaled_inputs"}
        assert "duplicate_rows" in [named.cause.id for named in found.notes]
    elif form == "sigmoid":
        assert next(iter(weights)) == "unscaled_inputs"
    else:
        assert accuracy > LEARNED
        assert found.status.name == "reached" and not weights
    assert all(weight >= WEIGHT for weight in weights.values()), weights
