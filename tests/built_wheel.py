"""The wheel of the package, built anew."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from places import ROOT


def built(folder: Path) -> Path:
    """Builds the wheel from a copy: setuptools leaves a build folder whose old files get into the next wheel.

    Args:
        folder: A new or empty folder for both.
    """
    source, wheels = folder / "source", folder / "wheels"
    source.mkdir()
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "tb_diagnose", source / "tb_diagnose", ignore=shutil.ignore_patterns("__pycache__"))
    words = ("wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), ".")
    subprocess.run([sys.executable, "-m", "pip", *words], cwd=source, check=True, stdin=subprocess.DEVNULL)
    (wheel,) = wheels.glob("*.whl")
    return wheel
