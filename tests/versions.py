"""Which versions work: the wheel in clean environments with older and newer libraries, the tables of docs/versions.md.

    python tests/versions.py [PYTHON ...]           # viewers of logs: 9 environments of an interpreter, a minute each
    python tests/versions.py --train [PYTHON ...]   # programs that train: two of them, with TensorFlow

Each environment is a new one. A viewer imports the package, asks the command line for help and for a diagnosis, and
asks a real TensorBoard for each route of the tab and for another tab. A program that trains logs a small `fit`, which
is then diagnosed, too. Libraries that `setup.py` excludes are put in all the same, and the table says so.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
import conftest  # noqa: E402
from built_wheel import built  # noqa: E402
from conftest import Written, running  # noqa: E402
from places import RECORDINGS  # noqa: E402

NEWEST = ""
TENSORBOARDS = ("2.18.0", "2.19.0", "2.20.0", "2.21.0")
SETUPTOOLS = ("69.5.1", NEWEST)
"""The newest has no `pkg_resources` any more."""
OLD_NUMPY = "1.26.4"
TRAINING: tuple[Mapping[str, str], ...] = (
    {"keras": "3.5.0", "tensorflow-cpu": "2.18.0", "setuptools": "69.5.1"},
    {"keras": "3.10.0", "tensorflow-cpu": "2.20.0", "setuptools": "69.5.1"},
)
"""The oldest that `setup.py` names, and some between these and the newest."""
SHOWN = ("tensorboard", "numpy", "setuptools")
CAUSE = "output_activation"
ROUTES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("runs", {}),
    ("rows", {"name": "stalled"}),
    ("diagnosis", {"run": "stalled"}),
    ("compare", {"run": "stalled", "other": "healthy"}),
    ("sweep", {}),
    ("evidence", {"run": "stalled"}),
    ("series", {"run": "stalled", "name": "probe_accuracy"}),
    ("export", {"run": "stalled", "form": "markdown"}),
    ("export", {"run": "stalled", "form": "html"}),
    ("openapi", {}),
)
FIT = """
import sys, keras, numpy, tb_diagnose
keras.utils.set_random_seed(1)
x = numpy.random.default_rng(0).normal(size=(256, 3)).astype("float32")
layers = [keras.Input((3,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="relu")]
net = keras.Sequential(layers)
net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
y = (x[:, 0] > 0).astype("int64")
net.fit(x, y, epochs=8, verbose=0, callbacks=[tb_diagnose.KerasCallback(sys.argv[1], verbose=0)])
"""


class NotWorkingError(Exception):
    """Something that does not work, as a line of the table says it."""


def run(*command: object, cwd: Path) -> str:
    """Standard output of a command; never in the checkout, whose package would be found first.

    Raises:
        NotWorkingError: it failed.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        problems = [line for line in said if line.startswith("ERROR") or "Error: " in line]
        raise NotWorkingError((problems or said or [f"exit status {done.returncode}"])[-1])
    return done.stdout


class Environment:
    """A virtual environment with the wheel in it.

    Args:
        folder: Where it goes.
        interpreter: The Python that it is of.
        wheel: The wheel.
        pins: Versions by package; `NEWEST` for the newest that fits.

    Raises:
        NotWorkingError: no such environment can be made.
    """

    def __init__(self, folder: Path, interpreter: str, wheel: Path, pins: Mapping[str, str]) -> None:
        self._folder = folder
        self.python = folder / "venv" / "bin" / "python"
        run(interpreter, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
        needed = [line.split(";")[0] for line in _requirements(wheel) if "extra ==" not in line]
        # What is pinned may be excluded by the wheel: its own words on it are told by `excluded`.
        free = [each for each in needed if not each.startswith(("tensorboard", "numpy"))]
        pinned = [name + (f"=={version}" if version else "") for name, version in pins.items()]
        self._pip("install", "--quiet", "--no-compile", "--only-binary", ":all:", "--upgrade", *pinned, *free)
        self._pip("install", "--quiet", "--no-deps", wheel)

    def _pip(self, *words: object) -> str:
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--python", self.python)
        return run(*pip, *words, cwd=self._folder)

    def versions(self) -> dict[str, str]:
        """What is installed, by package."""
        rows = json.loads(self._pip("list", "--format", "json"))
        return {row["name"].lower().replace("_", "-"): row["version"] for row in rows}

    def excluded(self) -> str:
        """Which requirement of the package is not met; "" where all are."""
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "check"]
        said = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False).stdout
        unmet = [
            line.split("requirement ")[1].split(",")[0] for line in said.splitlines() if line.startswith("tb-diag")
        ]
        return ", ".join(unmet)

    def view(self, logdir: Path) -> None:
        """Does what somebody does who looks at logs.

        Raises:
            NotWorkingError: something of it does not work.
        """
        run(self.python, "-c", "import tb_diagnose; tb_diagnose.diagnose", cwd=self._folder)
        command = self.python.with_name("tb-diagnose")
        run(command, "--help", cwd=self._folder)
        expect(named(run(command, "--json", logdir, cwd=self._folder)), "`tb-diagnose LOGDIR`")
        run(self.python, "-m", "tensorboard.main", "--version", cwd=self._folder)
        try:
            with running(logdir, self._folder / "log.txt", python=str(self.python)) as server:
                server.runs(stalled=6, healthy=8)
                for route, query in ROUTES:
                    answer = server.api(route, **query)
                    expect({route: answer.status}, f"the route `{route}`", {route: 200})
                expect(named(json.dumps([server.api("diagnosis", run="stalled").json])), "the tab")
                for path in ("data/plugin/diagnosis/static/index.js", "data/plugin/scalars/tags", "data/runs"):
                    expect({path: server.get(path).status}, path, {path: 200})
                server.scalars("keras3_stalled/train")
                listing = server.get("data/plugins_listing").json
                expect({"enabled": listing["diagnosis"]["enabled"]}, "the list of tabs", {"enabled": True})
        except (AssertionError, pytest.fail.Exception) as error:
            said = [line for line in str(error).splitlines() if line.strip()] or ["no answer"]
            raise NotWorkingError(f"tensorboard: {said[-1]}") from error

    def train(self, logdir: Path) -> None:
        """Logs a `fit`, and diagnoses it.

        Raises:
            NotWorkingError: something of it does not work.
        """
        run(self.python, "-c", FIT, logdir / "stalled", cwd=self._folder)
        expect(named(run(self.python.with_name("tb-diagnose"), "--json", logdir, cwd=self._folder)), "a logged `fit`")


def _requirements(wheel: Path) -> list[str]:
    import zipfile

    packed = zipfile.ZipFile(wheel)
    (name,) = (name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
    lines = packed.read(name).decode().splitlines()
    return [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]


def named(answer: str) -> dict[str, str | None]:
    """The first cause of the stalled run in an answer."""
    rows = {row["run"]: row["probable_causes"] for row in json.loads(answer)}
    return {"stalled": rows["stalled"][0]["id"] if rows["stalled"] else None}


def expect(found: Mapping[str, object], what: str, wanted: Mapping[str, object] | None = None) -> None:
    """Raises `NotWorkingError` where something else was found; the cause of the stalled run is wanted by default."""
    if found != (wanted or {"stalled": CAUSE}):
        raise NotWorkingError(f"{what}: {dict(found)}, expected {dict(wanted or {'stalled': CAUSE})}")


def combinations() -> Iterator[Mapping[str, str]]:
    """What is tried on each interpreter, of those who look at logs."""
    for tensorboard, setuptools in itertools.product(TENSORBOARDS, SETUPTOOLS):
        yield {"tensorboard": tensorboard, "numpy": NEWEST, "setuptools": setuptools}
    yield {"tensorboard": TENSORBOARDS[-1], "numpy": OLD_NUMPY, "setuptools": NEWEST}


def tried(folder: Path, interpreter: str, wheel: Path, pins: Mapping[str, str], logdir: Path, trains: bool) -> str:
    """One row of the table."""
    installed: Mapping[str, str] = {name: version or "newest" for name, version in pins.items()}
    excluded, result = "", "works"
    try:
        environment = Environment(folder, interpreter, wheel, pins)
        installed = environment.versions()
        excluded = environment.excluded()
        if trains:
            environment.train(folder / "logs")
        environment.view(logdir)
    except NotWorkingError as error:
        result = f"fails: {error}"
    shown = ("keras", *(name for name in pins if name.startswith("tensorflow")), *SHOWN) if trains else SHOWN
    version = run(interpreter, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])", cwd=folder).strip()
    result = result.replace(str(folder), "").replace("|", "/")
    cells = [version, *(installed.get(name, "") for name in shown), f"no: {excluded}" if excluded else "yes", result]
    return f"| {' | '.join(cells)} |"


def main(words: list[str]) -> None:
    trains = "--train" in words
    interpreters = [word for word in words if word != "--train"] or [sys.executable]
    os.environ.pop("PYTHONPATH", None)  # the checkout would be found before the wheel
    conftest.PATIENCE = 300.0  # nothing is compiled yet in a new environment
    columns = ["Python", *(("keras", "tensorflow-cpu") if trains else ()), *SHOWN, "allowed by `setup.py`", "result"]
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel, logdir = built(folder), folder / "logs"
        for name, epochs in (("stalled", 6), ("healthy", 8)):
            Written(logdir / name, name == "healthy").add_epochs(epochs)
        shutil.copytree(RECORDINGS / "keras3_stalled", logdir / "keras3_stalled")
        for interpreter in interpreters:
            for pins in TRAINING if trains else combinations():
                with tempfile.TemporaryDirectory(dir=folder) as one:
                    print(tried(Path(one), interpreter, wheel, pins, logdir, trains), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
