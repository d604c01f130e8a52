"""A model on several devices is trained and logged; a Dataset that is parted among them is not observed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("tensorflow")
HERE = Path(__file__).parent


@pytest.mark.slow
def test_two_devices(tmp_path):
    path = os.pathsep.join([str(HERE.parent.parent), str(HERE.parent)])
    script = [sys.executable, str(HERE / "mirrored.py"), str(tmp_path)]
    done = subprocess.run(script, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    for form in ("arrays", "dataset"):
        assert found[form]["same"] and found[form]["warnings"] == []
        assert found[form]["epochs"][-2:] == [1, 2] and not found[form]["facts"]["error"]
    arrays, dataset = found["arrays"], found["dataset"]
    assert arrays["facts"]["sample_count"] == 48 and arrays["facts"]["validation_sample_count"] == 16
    assert arrays["probe_loss"] and arrays["epochs"][0] == 0
    assert dataset["facts"]["sample_count"] is None and dataset["fed"] == [] and not dataset["probe_loss"]
