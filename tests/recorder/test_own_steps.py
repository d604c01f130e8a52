"""A custom `train_step` is read on each backend: what is healthy is left alone, and a fault in it is seen."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from on_backend import run_on

SCRIPT = Path(__file__).parent / "own_steps.py"
HEALTHY = ("variational", "contrastive", "contrastive with labels", "logits")
NO_LOSS_KNOWN = {"variational", "contrastive", "contrastive with labels"}


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_what_a_step_of_its_own_does(tmp_path, backend):
    if find_spec(backend) is None:
        pytest.skip(f"needs {backend}")
    found = run_on(backend, SCRIPT, str(tmp_path))[-1]
    for name, program in found.items():
        assert program["warnings"] == [] and program["failed"] == [], (name, program)
        assert program["losses"][1] < program["losses"][0]
        assert (program["step"]["kind"], program["step"]["uses_compiled_loss"]) == ("train_step", False)
    for name in HEALTHY:
        assert found[name]["named"] == [] and found[name]["step"].get("reads") is None, (name, found[name])
        expected = {"not judged"} if name in NO_LOSS_KNOWN else {"reached", "learning"}
        assert found[name]["status"] in expected, (name, found[name])
    for name in ("squares of pairs", "products of pairs", "a metric of all"):
        assert found[name]["step"]["broadcasts"] is False and "loop_loss" not in found[name]["named"], found[name]
    for name in ("squares of all", "products of all"):
        assert found[name]["step"]["broadcasts"] is True and found[name]["named"][0] == "loop_loss", found[name]
    twice = found["softmax twice"]
    assert (twice["step"]["reads"], twice["step"]["layer"]) == ("softmax", "answers")
    assert "output_activation" in twice["named"] + twice["notes"], twice
