"""Every kind of model on every backend: the run is the same to the last bit, and nothing is untried for its sake.

`python tests/recorder/test_kinds.py` writes the README's table of kinds again.
"""

from __future__ import annotations

import functools
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import model_kinds
import pytest
from on_backend import run_on

README = Path(__file__).parent.parent.parent / "README.md"
BEGIN, END = "<!-- kinds -->", "<!-- /kinds -->"
RUN = Path(__file__).parent / "model_kinds_run.py"
MODULES = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
OF_BACKEND = {"gradient_norm", "probe_training_loss", "training_step", "probe_loss", "layers"}
"""Evidence that a backend might not give."""
PAIRS = [(backend, name) for backend in MODULES for name in model_kinds.of(backend)]


@functools.cache
def results(backend: str) -> dict[str, dict[str, Any]]:
    """What the process of a backend printed, by kind."""
    if find_spec(MODULES[backend]) is None:
        pytest.skip(f"needs {backend}")
    with tempfile.TemporaryDirectory() as folder:
        found = run_on(backend, RUN, folder)
    return {result["kind"]: result for result in found}


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "name"), PAIRS)
def test_a_kind_of_model(backend, name):
    found, kind = results(backend)[name], model_kinds.KINDS[name]
    assert "error" not in found, found["error"]
    assert found["different"] == [] and found["warnings"] == [] and found["failed"] == []
    assert found["epochs"][-model_kinds.EPOCHS :] == list(range(1, model_kinds.EPOCHS + 1))
    assert set(found["named"]) <= {"too_few_epochs", *kind.named}, found["named"]
    missing = {cause: set(names) & OF_BACKEND for cause, names in found["untold"].items()}
    assert not kind.has_loss or not any(missing.values()), missing


def with_table(readme: str) -> str:
    """The README with a fresh table of kinds."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin and end, f"README.md needs {BEGIN} and {END} around the table of kinds."
    return f"{before}{begin}\n{model_kinds.table()}\n{end}{after}"


def test_the_readme_lists_the_kinds():
    readme = README.read_text(encoding="utf-8")
    assert readme == with_table(readme), "Run: python tests/recorder/test_kinds.py"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
