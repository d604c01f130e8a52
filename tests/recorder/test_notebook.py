"""`%load_ext tb_diagnose`: each `fit` shows its report, and nothing is imported or logged before that."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from places import ROOT

import tb_diagnose
from tb_diagnose.recorder import fit_hook, notebook

FIT = "history = small_run.model().fit(small_run.X, small_run.Y, epochs=3, verbose=0)"


@pytest.fixture
def cell(tmp_path, monkeypatch):
    """`cell(code)` runs a cell, and gives what it shows."""
    monkeypatch.chdir(tmp_path)
    tb_diagnose.autolog(disable=True)
    shell = InteractiveShell.instance()  # `display` looks for it

    def run(code):
        with capture_output() as shown:
            shell.run_cell(code).raise_error()
        return shown

    run("import keras, small_run")
    yield run
    notebook.unload_ipython_extension(shell)
    InteractiveShell.clear_instance()
    tb_diagnose.autolog(disable=True)


def test_each_fit_shows_its_report(cell, tmp_path):
    assert cell("%load_ext tb_diagnose").stdout == ""
    shown = cell(FIT)
    (report,) = shown.outputs
    assert '<div class="tb-diagnose">' in report.data["text/html"] and "logs/sequential_1" in report.data["text/html"]
    assert report.data["text/plain"].startswith("logs/sequential_1  ") and shown.stdout == ""
    assert len(cell(FIT).outputs) == 1
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == ["sequential_1", "sequential_2"]


def test_loading_it_again_shows_once_and_unloading_ends_it(cell):
    cell("%load_ext tb_diagnose")
    cell("%reload_ext tb_diagnose")
    notebook.load_ipython_extension(None)
    assert len(cell(FIT).outputs) == 1
    cell("%unload_ext tb_diagnose")
    assert fit_hook.is_automatic() is None
    shown = cell(FIT)
    assert (shown.outputs, shown.stdout) == ([], "")


def test_a_logdir_and_a_callback_of_ones_own(cell, tmp_path):
    cell("import tb_diagnose; tb_diagnose.autolog('mine')\n%load_ext tb_diagnose")
    (report,) = cell(FIT).outputs
    assert "mine/sequential_1" in report.data["text/plain"]
    fit = FIT.replace("verbose=0", "verbose=0, callbacks=[tb_diagnose.KerasCallback('own/run', verbose={})]")
    (report,) = cell(fit.format(1)).outputs
    assert "own/run" in report.data["text/plain"]
    assert cell(fit.format(0)).outputs == []
    cell("%unload_ext tb_diagnose")
    assert fit_hook.is_automatic() is not None, "what the notebook switched on stays on"


def test_a_contradiction_is_said_before_the_first_step(cell):
    cell("%load_ext tb_diagnose")
    cell("model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, activation='softmax')])")
    cell("model.compile(loss='categorical_crossentropy')")
    shown = cell("try: model.fit(small_run.X, small_run.Y, verbose=0)\nexcept ValueError: pass")
    (line,) = shown.stdout.splitlines()
    assert line.startswith("tb_diagnose: Class numbers from 0 to ") and "sparse_categorical_crossentropy" in line
    assert len(shown.outputs) == 1


def test_a_fit_that_raises_has_its_report(cell):
    cell("%load_ext tb_diagnose")
    (report,) = cell("try: small_run.model().fit(small_run.X, small_run.Y[:3])\nexcept ValueError: pass").outputs
    assert "crashed" in report.data["text/plain"]


def test_a_later_cell_still_chooses_the_backend():
    program = (
        "import sys, tb_diagnose; tb_diagnose.load_ipython_extension(None); "
        "print([m for m in ('keras', 'tensorflow', 'numpy') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown == "[]\n"


def test_the_demo_notebook(cell, tmp_path):
    cells = json.loads((ROOT / "demo" / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    shown = [cell("".join(each["source"])) for each in cells if each["cell_type"] == "code"]
    sick, fixed = [output.data["text/plain"] for one in shown for output in one.outputs]
    assert "Unscaled inputs" in sick
    assert sick.startswith("logs/sequential_1  ") and fixed.startswith("logs/sequential_2  ")
    sick_run, fixed_run = tb_diagnose.diagnose(str(tmp_path / "logs"))
    assert [named.cause.id for named in sick_run.probable_causes] == ["unscaled_inputs"]
    assert not any(named.cause.id == "unscaled_inputs" for named in fixed_run.probable_causes + fixed_run.notes)
