"""The same faults on TensorFlow, JAX and PyTorch: named first on each, with nothing untried for the backend's sake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "backend_faults.py"
NAMED = {
    "hidden_activation": {"tensorflow", "jax", "torch"},
    "disconnected_gradient": {"tensorflow", "jax", "torch"},
    "output_activation": {"jax", "torch"},  # on TensorFlow, Keras undoes the softmax
    "healthy": set(),
}
"""The backends on which each program is at fault."""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_faults_are_named_on_each_backend(tmp_path, backend):
    if find_spec(backend) is None:
        pytest.skip(f"needs {backend}")
    path = str(SCRIPT.parent.parent.parent)
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, str(SCRIPT), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    for name, backends in NAMED.items():
        assert found[name]["warnings"] == []
        if backend in backends:
            assert found[name]["named"][:1] == [name], found[name]
        # Labels of more than two classes are not ranked, whatever the backend.
        assert set(found[name]["untold"]) <= {"inverted_score"}, found[name]["untold"]
    assert found["healthy"]["named"] == [] and found["healthy"]["status"] in ("reached", "learning")
