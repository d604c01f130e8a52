"""The same runs on another backend: trained, judged and counted beside those of TensorFlow."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from places import ROOT
from rich.console import Console

from demo.matrix import __main__ as command
from demo.matrix import plan

SETUP = "threshold_logits"


@pytest.mark.slow
def test_harmful_runs_are_made_again_on_another_backend(tmp_path):
    sick = next(job for job in plan.fault_jobs(["learning_rate_too_low"], [SETUP], [0]) if job.faults)
    command.train([sick, *plan.twins([SETUP], [0, 1])], tmp_path / "there", 2, Console(quiet=True))
    words = ["--root", str(tmp_path / "here"), "--beside", str(tmp_path / "there"), "--setups", SETUP, "--sample", "5"]
    done = subprocess.run(
        [sys.executable, "-m", "demo.matrix.backends", *words],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Named first there: 1 of 1, 100.0%" in done.stdout and "Named first here: 1 of 1, 100.0%" in done.stdout
    assert "False alarms here: 0 of 1." in done.stdout
    facts = list((tmp_path / "here").rglob("outcome.json"))
    assert len(facts) == 2, "The run and its twin."
