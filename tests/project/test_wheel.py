"""The wheel in a clean environment without Keras and TensorFlow: what a viewer of logs installs."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from built_wheel import built
from places import ROOT

pytestmark = pytest.mark.slow


def run(*command, cwd: Path) -> str:
    """Standard output of a command that must succeed; never in the checkout, whose package would be found first."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return built(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """Python of a clean environment in which nothing but the wheel was asked for."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=folder)
    return python


@pytest.fixture
def logdir(tmp_path, written):
    written(tmp_path / "logs", "stalled")
    written(tmp_path / "logs", "healthy", 8, healthy=True)
    return tmp_path / "logs"


def test_everything_of_the_package_is_in_the_wheel(wheel):
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tb_diagnose").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("tb_diagnose/")}
    assert packed == files
    assert {"tb_diagnose/py.typed", "tb_diagnose/plugin/API.md", "tb_diagnose/plugin/static/index.js"} <= packed


def test_nothing_but_the_package_is_in_the_wheel(wheel):
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tb_diagnose"}


def test_the_license_is_in_the_wheel(wheel):
    assert [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" in name and name.endswith("/LICENSE")]


def test_keras_is_not_a_dependency(python, tmp_path):
    installed = {
        row["name"].lower() for row in json.loads(run(python, "-m", "pip", "list", "--format=json", cwd=tmp_path))
    }
    assert {"tb-diagnose", "tensorboard", "numpy", "rich"} <= installed
    assert not {"keras", "tensorflow", "tensorflow-cpu"} & installed


def test_the_dependencies_agree(python, tmp_path):
    assert "No broken requirements" in run(python, "-m", "pip", "check", cwd=tmp_path)


def test_the_command_line_diagnoses(python, logdir):
    found = json.loads(run(python.with_name("tb-diagnose"), "--json", logdir, cwd=logdir))
    assert {row["run"]: row["status"] for row in found} == {"stalled": "stalled", "healthy": "reached"}
    assert [cause["id"] for cause in found[1]["probable_causes"]] == ["output_activation"]


def test_the_package_diagnoses(python, logdir):
    program = f"import tb_diagnose; print([d.status.name for d in tb_diagnose.diagnose({str(logdir)!r})])"
    assert run(python, "-c", program, cwd=logdir).splitlines()[-1] == "['reached', 'stalled']"


def test_the_tab_opens(python, logdir, tensorboard):
    with tensorboard(logdir, python=str(python)) as server:
        rows = server.runs(stalled=6, healthy=8)
        assert {name: row["status"] for name, row in rows.items()} == {"stalled": "stalled", "healthy": "reached"}
        assert server.get("data/plugins_listing").json["diagnosis"]["enabled"] is True
        assert (
            server.get("data/plugin/diagnosis/static/index.js").body
            == (ROOT / "tb_diagnose/plugin/static/index.js").read_bytes()
        )
