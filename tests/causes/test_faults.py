"""Recorded runs: each fault is named first where it is shown, and the setups without a fault are left alone.

The evidence is in `tests/recordings/faults`, so that a verdict is the same on every machine. `test_trained.py` trains.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

import pytest
import recorded

from demo.matrix import harm, judging, plan
from demo.matrix.judging import Verdict
from demo.matrix.plan import Job
from tb_diagnose.causes import CATALOGUE

GOOD = ("learning", "reached", "levelled off")
"""Statuses of a run that nothing keeps from learning."""

each_shown = pytest.mark.parametrize(
    "job", [pytest.param(job, id=f"{job.fault}-{job.setup}") for job in recorded.shown()]
)
each_twin = pytest.mark.parametrize("job", [pytest.param(job, id=job.setup) for job in recorded.twins()])


@lru_cache(None)
def load(job: Job) -> recorded.Recorded:
    return recorded.load(job)


@lru_cache(None)
def verdict_on(job: Job) -> Verdict:
    return judging.verdict_on(load(job).evidence)


@each_shown
def test_a_fault_does_harm_where_it_is_shown(job):
    if not getattr(plan.fault(job.fault), "NOTE_ONLY", False):
        outcome = load(job).outcome
        assert harm.harmful(outcome, [load(job.twin).outcome]), outcome


@each_shown
def test_a_fault_is_named_first(job):
    verdict = verdict_on(job)
    assert not verdict.failed
    if getattr(plan.fault(job.fault), "NOTE_ONLY", False):
        assert not verdict.probable and job.fault in dict(verdict.notes), verdict
    else:
        assert verdict.named[:1] == (job.fault,), verdict


@each_twin
def test_a_setup_that_learns_is_left_alone(job):
    verdict = verdict_on(job)
    assert verdict.status in GOOD
    assert not verdict.probable and not verdict.failed
    assert not load(job).outcome["warnings"], "The recorder had something to complain about."


def test_every_cause_is_shown():
    not_shown = [id_ for id_ in CATALOGUE if not plan.fault(id_).SHOWN_ON]
    assert not_shown == [], "Name setups in SHOWN_ON of their files in demo/faults."


def test_recordings_are_small_and_none_is_left_over():
    wanted = {recorded.path_of(job) for job in [*recorded.shown(), *recorded.twins()]}
    there = set(recorded.FOLDER.glob("*.json.gz"))
    assert there - wanted == set(), f"Run: {recorded.MAKE}"
    assert sum(path.stat().st_size for path in there) <= recorded.MOST_BYTES


def test_a_recording_keeps_every_bit():
    job = next(job for job in recorded.twins() if recorded.path_of(job).is_file())
    again = recorded.dump(load(job))
    assert gzip.decompress(again) == gzip.decompress(recorded.path_of(job).read_bytes())
