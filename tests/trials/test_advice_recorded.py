"""Every recorded fault: what its report proposes is applied to the program that it is for, and runs."""

from __future__ import annotations

import advising
import pytest
import recorded
from advising import Program

from demo.matrix import judging, plan
from demo.matrix.plan import Job

QUICK = ("hidden_activation-regression", "label_encoding-digits_cnn", "optimizer_unsuited-regression")
"""Recordings that the quick tests follow: layers, data and compile."""


def _name(job: Job) -> str:
    return f"{job.fault}-{job.setup}"


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(job, id=_name(job), marks=[] if _name(job) in QUICK else [pytest.mark.slow])
        for job in recorded.shown()
    ],
)
def test_what_a_report_proposes_runs(job):
    setup = plan.build(job)
    fit = {"epochs": setup.epochs, "batch_size": setup.batch_size, "shuffle": setup.shuffle}
    program = Program(setup.model, setup.x, setup.labels[0], fit)
    for fix, edits in advising.advised(judging.diagnosis_of(recorded.load(job).evidence)).values():
        advising.follow(program, fix, edits)
