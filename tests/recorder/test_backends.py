"""The same faults on TensorFlow, JAX and PyTorch: named first on each, with nothing untried for the backend's sake."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from on_backend import run_on

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
    found = run_on(backend, SCRIPT, str(tmp_path))[-1]
    for name, backends in NAMED.items():
        assert found[name]["warnings"] == []
        if backend in backends:
            assert found[name]["named"][:1] == [name], found[name]
        # Labels of more than two classes are not ranked, whatever the backend.
        assert set(found[name]["untold"]) <= {"inverted_score"}, found[name]["untold"]
    assert found["healthy"]["named"] == [] and found["healthy"]["status"] in ("reached", "learning")
