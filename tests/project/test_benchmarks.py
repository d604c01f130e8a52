"""Every benchmark runs, in its smallest form. What it measures is looked at by people: no test asserts a figure."""

from __future__ import annotations

import subprocess
import sys

import pytest
from places import ROOT

BENCHMARKS = ROOT / "tests" / "benchmarks"
SMALLEST = {
    "fleet.py review 40": "unchanged / first",
    "fleet.py listing 2000": "KB at most",
    "fleet.py index 20000": "memory",
    "fleet.py memory 40": "of the workers",
    "growth.py probe_samples": "2,048: ",
    "large.py 0.01": "images, 0.01 of the size",
    "large_file.py 1 1": "TensorBoard's reader in Python",
    "many_runs.py 24": "command line: all after",
    "noting.py 1": "convolutional, 300 batches, noted",
    "overhead.py 1 founding autolog log": "log: ",
    "routes.py 20 4": "times import tensorboard",
    "soak.py 0.4": "memory, the logs on disk",
    "tab.py 20 1": "20 runs of a SummaryWriter",
}
"""By command: what its last figures say."""


def test_every_benchmark_is_tried():
    assert {command.split()[0] for command in SMALLEST} == {path.name for path in BENCHMARKS.glob("*.py")}


@pytest.mark.slow
@pytest.mark.parametrize("command", SMALLEST)
def test_a_benchmark_runs(command):
    script, *arguments = command.split()
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert SMALLEST[command] in done.stdout
