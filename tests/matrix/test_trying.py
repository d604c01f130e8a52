"""The trial column of the matrix: a sick run and healthy ones are trained, tried and counted."""

from __future__ import annotations

import json

import pytest
from rich.console import Console

from demo.matrix import __main__ as command
from demo.matrix import plan, trying

SETUP = "threshold_logits"


@pytest.mark.slow
def test_a_trial_is_made_judged_and_counted(tmp_path, capsys):
    sick = next(job for job in plan.fault_jobs(["learning_rate_too_low"], [SETUP], [0]) if job.faults)
    twins = plan.twins([SETUP], [0, 1])
    command.train([sick, *twins], tmp_path / "runs", 2, Console(quiet=True))
    events = {path: path.read_bytes() for path in (tmp_path / "runs").rglob("*tfevents*")}
    kept = tmp_path / "tried.json"
    words = ["--root", str(tmp_path / "runs"), "--seeds", "0", "--result", str(kept)]
    assert trying.main(words) == 0
    said = capsys.readouterr().out
    assert "A change proven, of these: 1 of 1, 100.0%" in said, said
    assert "Named first after it: 1 of 1, 100.0%" in said and "False alarms after: 0 of 2, 0.0%" in said, said
    assert "Trials that raised: 0 of 3" in said
    made = json.loads(kept.read_text())
    assert set(made) == {sick.path, *(job.path for job in twins)}
    assert made[sick.path]["trial"]["rows"][0]["verdict"] == "as it is"
    assert made[sick.path]["verdict"]["probable"][0][0] == "learning_rate_too_low"
    assert {path: path.read_bytes() for path in events} == events, "a trial is written into a copy"
    # What was made is not made again.
    kept.write_text(json.dumps({**made, sick.path: {"error": "a test wrote this"}}))
    assert trying.main(words) == 0
    assert "Trials that raised: 1 of 3" in capsys.readouterr().out
