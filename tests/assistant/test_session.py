"""The worked session of the demo, with real training: from a stalled run to a proven patch."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from places import ROOT


@pytest.mark.slow
def test_a_stalled_run_is_patched_and_the_patch_is_proven():
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, str(ROOT / "demo" / "assistant_session.py")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    lines = done.stdout.splitlines()
    assert lines[0].startswith("1. run: stalled")
    assert any(line.startswith("2. diagnose: learning_rate_too_low") for line in lines)
    assert any(line.startswith("3. trial: learning_rate_too_low") and line.endswith(" proven") for line in lines)
    assert "4. patch: applies" in lines
    assert lines[-1].startswith("5. since the last run:") and "gone: learning_rate_too_low" in lines[-1]
    assert "stalled" not in lines[-1]
