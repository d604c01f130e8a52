"""Whichever function of the recorder fails, on each backend: training goes on, the same, and it is told once."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from on_backend import run_on

SCRIPT = Path(__file__).parent / "failing_calls.py"
QUIET = {
    "source_lines": "the lines of a program are an extra",
    "own_frames": "so is a traceback without our frames",
    "forward.blank": "a guess at the inputs, which some models do not take",
    "output_losses.OutputLosses.labels_of": "validation samples that Keras refuses when it gets there",
}
"""What may fail without a word, and why."""
PARTS = 3
FEWEST = 80
"""Functions in a part; there are about 400."""


def kind_of(text: str) -> str:
    """What failed, whenever it was."""
    return re.sub(r" (after|of) epoch \d+", "", text.partition(" failed (")[0])


@pytest.mark.slow
@pytest.mark.parametrize(("part", "backend"), list(enumerate(["tensorflow", "jax", "torch"])))
def test_whatever_fails_training_is_the_same(tmp_path, part, backend):
    """A third of the functions on each backend: `python failing_calls.py FOLDER` takes all of them."""
    if find_spec(backend) is None:
        pytest.skip(f"needs {backend}")
    *rounds, last = run_on(backend, SCRIPT, str(tmp_path), str(part), str(PARTS))
    for found in rounds:
        assert "error" not in found, found
        assert found["same"], found
        kinds = [kind_of(text) for text in found["told"]]
        assert len(kinds) == len(set(kinds)), found
        loud = [name for name in found["raised"] if not any(name.startswith(quiet) for quiet in QUIET)]
        assert bool(loud) <= bool(found["told"]), found
    assert sum(len(found["raised"]) for found in rounds) >= last["wanted"] > FEWEST
    assert last["missed"] == []
