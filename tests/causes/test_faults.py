"""Real runs, a small fixed part of the matrix: each fault is named first where it is shown, the setups are left alone."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from demo import threshold
from demo.matrix import harm, judging, plan, training, workers
from demo.matrix.judging import Verdict
from demo.matrix.plan import Job
from demo.setups import SETUPS
from tb_diagnose import diagnose
from tb_diagnose.causes import CATALOGUE

pytestmark = pytest.mark.slow

FAULTS = {id_: importlib.import_module(f"demo.faults.{id_}") for id_ in CATALOGUE}
PROCESSES = 2
SHOWN = [Job(id_, plan.strongest(id_), setup, 0) for id_, fault in FAULTS.items() for setup in fault.SHOWN_ON]
TWINS = plan.twins(list(SETUPS), (0,))

Trained = Callable[[Job], tuple[dict[str, Any], Verdict]]
each_shown = pytest.mark.parametrize("job", [pytest.param(job, id=f"{job.fault}-{job.setup}") for job in SHOWN])
each_twin = pytest.mark.parametrize("job", [pytest.param(job, id=job.setup) for job in TWINS])


@pytest.fixture(scope="session")
def trained(request, tmp_path_factory) -> Trained:
    """`trained(job)` is the outcome of a run and the verdict on it; all that the session needs are trained at once."""
    root = tmp_path_factory.mktemp("faults")
    wanted = [item.callspec.params["job"] for item in request.session.items if "job" in _params(item)]
    jobs = sorted({*wanted, *(job.twin for job in wanted)}, key=lambda job: job.path)
    given = [(job, str(root / job.path)) for job in jobs]
    outcomes = {jobs[i]: found for i, found in workers.run(training.train, given, PROCESSES)}

    def of(job: Job) -> tuple[dict[str, Any], Verdict]:
        outcome = outcomes[job]
        assert isinstance(outcome, dict) and "seconds" in outcome, f"{job.path} was not trained: {outcome}"
        return outcome, judging.judge(str(root / job.path))

    return of


def _params(item: Any) -> dict[str, Any]:
    return item.callspec.params if hasattr(item, "callspec") else {}


@each_shown
def test_a_fault_is_named_first(trained, job):
    outcome, verdict = trained(job)
    assert not verdict.failed
    if getattr(FAULTS[job.fault], "NOTE_ONLY", False):
        assert not verdict.probable and job.fault in dict(verdict.notes)
        return
    assert harm.harmful(outcome, [trained(job.twin)[0]]), f"it does no harm: {outcome}"
    assert verdict.named[:1] == (job.fault,), verdict


@each_twin
def test_a_setup_that_learns_is_left_alone(trained, job):
    outcome, verdict = trained(job)
    assert verdict.status in ("learning", "reached"), outcome
    assert not verdict.probable and not verdict.failed and not outcome["warnings"]


def test_every_cause_is_shown():
    assert [id_ for id_ in CATALOGUE if not FAULTS[id_].SHOWN_ON] == []
    assert {job.setup for job in SHOWN} <= set(SETUPS)


@pytest.mark.parametrize("form", threshold.FORMS)
def test_the_threshold_program(tmp_path, form):
    threshold.train(form, str(tmp_path), seed=0)
    (found,) = diagnose(tmp_path)
    probable = [n.cause.id for n in found.probable_causes]
    if form == "as_asked":
        assert set(probable) == {"output_activation", "unscaled_inputs"}
        assert "duplicate_rows" in [n.cause.id for n in found.notes]
    elif form == "sigmoid":
        assert probable[0] == "unscaled_inputs"
    else:
        assert found.status.name == "reached" and not probable
