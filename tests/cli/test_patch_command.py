"""`tb-diagnose patch`: from a stalled run to a program that learns."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from tb_diagnose.recorder import source_lines

PROGRAM = """import keras
import numpy as np

import tb_diagnose

LOGS = "logs/run1"
rng = np.random.default_rng(0)
keras.utils.set_random_seed(0)
x_train = rng.normal(size=(600, 8)).astype("float32")
y_train = (x_train[:, 0] + x_train[:, 1] > 0).astype("float32")

model = keras.Sequential(
    [
        keras.Input((8,)),
        keras.layers.Dense(16, "relu"),
        keras.layers.Dense(
            1,
            activation="softmax",  # one unit
        ),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(
    x_train, y_train, epochs=40, verbose=0, callbacks=[tb_diagnose.KerasCallback(LOGS, (x_train, y_train), verbose=0)]
)
accuracy = history.history["accuracy"][-1]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty git repository that is the working directory."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    yield tmp_path
    source_lines.stop()


def trained(text: str, source: bool = True) -> float:
    """Accuracy of a program, noted while it runs."""
    Path("train.py").write_text(text)
    keras.backend.clear_session()
    source_lines.start(source)
    try:
        return runpy.run_path("train.py")["accuracy"]
    finally:
        source_lines.stop()


def command(*words: str) -> subprocess.CompletedProcess[bytes]:
    line = [sys.executable, "-m", "tb_diagnose", *words]
    return subprocess.run(line, capture_output=True, env={**os.environ, "COLUMNS": "200"})


@pytest.mark.filterwarnings("ignore:You are using a softmax")
def test_a_stalled_program_learns_with_its_patch(folder):
    stalled = trained(PROGRAM)
    made = command("patch", "logs")
    assert (made.returncode, made.stderr) == (0, b"")
    subprocess.run(["git", "apply", "-"], input=made.stdout, check=True)
    new = Path("train.py").read_text()
    assert '            activation="sigmoid",  # one unit\n' in new
    assert stalled < 0.6 and trained(new.replace("run1", "run2")) > 0.8
    report = command("logs", "--markdown").stdout.decode()
    assert "- **line:** `train.py:16`" in report


@pytest.mark.filterwarnings("ignore:You are using a softmax")
def test_runs_are_chosen_and_what_is_left_is_said(folder):
    trained(PROGRAM.replace("            1,\n", "            N,\n").replace("LOGS =", "N = 1\nLOGS ="))
    trained(PROGRAM.replace("run1", "named").replace('activation="softmax",  # one unit', '"softmax",'))
    newest = command("patch", "logs")
    assert newest.returncode == 0 and b'+            "sigmoid",' in newest.stdout
    assert b"this is for named, the newest run with an edit" in newest.stderr
    other = command("patch", "logs", "--run", "run1")
    assert (other.returncode, other.stdout) == (1, b"")
    assert other.stderr.startswith(b"tb-diagnose: train.py:17: Output activation")
    assert b"Not in the diff: train.py has changed since the run." in other.stderr
    assert command("patch", "logs", "--run", "nobody").returncode == 2


def test_a_folder_without_runs_or_edits(folder, written):
    assert command("patch", "nowhere").returncode == 2
    written(folder / "logs", healthy=True)
    made = command("patch", "logs")
    assert (made.returncode, made.stdout) == (1, b"") and b"no run has an edit" in made.stderr
    Path("empty").mkdir()
    assert command("patch", "empty").returncode == 2
