"""Two faults at once: the patch of the diagnosis is made, and the run is trained again with it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from demo.matrix import judging, patching, plan, training, workers
from demo.matrix.plan import Job

pytestmark = pytest.mark.slow

NOT_A_LINE = ("constant_inputs", "shuffled_labels", "imbalanced_classes")
"""Faults that no line of a program mends."""
KINDS = [
    f"{one}+{other}"
    for first, second in itertools.combinations(plan.PAIRED.values(), 2)
    for one, other in itertools.product(first, second)
    if not {one, other} & set(NOT_A_LINE)
]
JOBS = [Job(kind, "strongest", "digits_cnn", 0) for kind in KINDS] + [
    Job(kind, "strongest", "threshold_logits", 0) for kind in KINDS[::2]
]
NEAR = 0.1
"""Skill below the healthy twin within which a run counts as lifted: twice what the matrix allows, for one training."""
LIFTED, BOTH = 0.9, 0.9
"""Least share of the runs that are lifted, and of those in which both faults are named."""
HARM = 0.3
"""Least skill that a pair costs, so that whatever lifts the run can be seen."""


def patched(job: Job, folder: str) -> dict[str, Any]:
    """What a worker process does: the run, its diagnosis, and the run with the patch.

    Args:
        job: Two faults, or a twin.
        folder: Of the run.
    """
    outcome = training.train(job, folder)
    if not job.faults:
        return {"score": outcome["score"]}
    edits, lacking = patching.edits_of(folder)
    again = (
        {"score": None, "error": f"no edits of {lacking}"}
        if lacking
        else patching.train_patched(job, folder, edits, repeats=1)
    )
    return {"before": outcome["score"], **again, "named": judging.judge(folder).named}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    root = tmp_path_factory.mktemp("patches")
    jobs = [*JOBS, *sorted({job.twin for job in JOBS}, key=lambda job: job.setup)]
    given = [(job, str(root / job.path)) for job in jobs]
    found = {jobs[index]: outcome for index, outcome in workers.run(patched, given, 2)}
    assert not [(job.path, outcome.reason) for job, outcome in found.items() if isinstance(outcome, workers.Lost)]
    return found


def harmful(outcomes):
    """The pairs without which a patch has nothing to lift."""
    return [job for job in JOBS if (outcomes[job]["before"] or 0.0) <= outcomes[job.twin]["score"] - HARM]


def test_at_least_thirty_pairs_do_harm(outcomes):
    found = harmful(outcomes)
    assert len(found) >= 30 and len({job.fault for job in found}) >= 20


def test_both_faults_are_named(outcomes):
    found = harmful(outcomes)
    missed = {job.path: outcomes[job]["named"] for job in found if not set(job.faults) <= set(outcomes[job]["named"])}
    assert len(missed) <= (1 - BOTH) * len(found), missed


def test_the_patch_lifts_the_run(outcomes):
    found = harmful(outcomes)
    left = {
        job.path: (outcomes[job]["score"], outcomes[job]["error"])
        for job in found
        if not (outcomes[job]["score"] or -1.0) >= outcomes[job.twin]["score"] - NEAR
    }
    assert len(left) <= (1 - LIFTED) * len(found), left
