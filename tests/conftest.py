"""What the tests share: synthetic runs, and a real TensorBoard to look at them."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
for _library in ("OMP", "OPENBLAS"):  # on small arrays more threads wait for one another, for minutes on a busy machine
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from tb_diagnose.event_file import EventFile  # noqa: E402

# No example has a deadline: a busy machine takes its time. `--hypothesis-profile=long` is for an hour of fuzzing.
settings.register_profile("quick", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=25_000)
settings.load_profile("quick")

# Behind `&` a shell lets a process ignore Ctrl+C, and so what it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

PATIENCE = 60.0
"""Seconds after which a server that has not answered never will. No machine needs as long."""
LAYERS = ("dense", "dense_1", "dense_2")


@dataclass
class Written:
    """A synthetic run on disk, which can be continued.

    Args:
        folder: Its folder, the `logdir` that a `KerasCallback` would have been given.
        healthy: Accuracy rises to 0.99 with a sigmoid output; otherwise it stays at 0.5 with a relu.
        rows: A dictionary of series for each epoch, as written: what a reader must return.
    """

    folder: Path
    healthy: bool
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._file = EventFile(str(self.folder / "diagnosis"), 0)
        self.event_file = Path(self._file.path)
        self._file.write(0, facts={"run_start": 0, **facts_of("sigmoid" if self.healthy else "relu")})

    def add_epochs(self, count: int) -> None:
        """Writes the next `count` epochs."""
        for _ in range(count):
            epoch = len(self.rows) + 1
            row, metrics = epoch_of(epoch, self.healthy)
            self._file.write(epoch, epoch=epoch, series=row, metrics=metrics)
            self.rows.append(row | metrics)

    def column(self, name: str) -> np.ndarray:
        """A series as written, shape `(epoch, ...)`, in the precision of the file."""
        return np.array([row[name] for row in self.rows], "<f4")


def facts_of(activation: str) -> dict[str, Any]:
    """Facts of a run of a classifier whose last layer has this activation."""
    units = dict(zip(LAYERS, (8, 4, 1), strict=True))
    layers = [
        {
            "name": name,
            "class": "Dense",
            "activation": activation if name == LAYERS[-1] else "relu",
            "units": units[name],
        }
        | {"initializer": "GlorotUniform", "trainable": True, "weighted": True, "parameters": 40}
        for name in LAYERS
    ]
    return {
        "layers": layers,
        "loss_function": {"name": "binary_crossentropy", "from_logits": False, "custom": False},
        "optimizer": {"name": "adam", "config": {"learning_rate": 0.001}},
        "output": {"name": LAYERS[-1], "activation": activation, "units": 1},
        "compiled_metrics": ["accuracy"],
        "environment": {"keras": "3.15.1", "backend": "tensorflow", "host": "elsewhere", "process": 1},
        "sample_count": 1000,
        "probe_sample_count": 512,
        "steps_per_epoch": 32,
        "label_form": "binary",
        "label_counts": [500, 500],
        "label_min": 0.0,
        "label_max": 1.0,
        "classes": ["0", "1"],
        "baseline_accuracy": 0.5,
        "baseline_loss": float(np.log(2)),
    }


def epoch_of(epoch: int, healthy: bool) -> tuple[dict[str, Any], dict[str, float]]:
    """Series and Keras metrics of one epoch; no two epochs are alike."""
    wiggle = 0.004 * np.sin(2.4 * epoch)
    accuracy = min(0.5 + 0.13 * epoch, 0.99) if healthy else 0.5 + wiggle
    loss = 0.6 / epoch if healthy else 0.72 + wiggle
    counts = np.array([[20, 2, 1, 1, 1, 1, 1, 1, 2, 20]] if healthy else [[50, 0, 0, 0, 0, 0, 0, 0, 0, 0]])
    series = {
        "learning_rate": 0.001,
        "seconds": 0.5 + wiggle,
        "iterations": 32.0 * epoch,
        "probe_loss": loss,
        "probe_accuracy": accuracy,
        "prediction_mean": np.array([0.5 + wiggle]),
        "prediction_std": np.array([0.4 if healthy else 0.05]),
        "prediction_histogram": counts,
        "prediction_edges": np.linspace(0, 1, 11),
        "gradient_norm": np.array([0.1, 0.2, 0.3]) / np.sqrt(epoch),
        "weight_norm": np.array([2.0, 1.5, 1.0]) + 0.01 * epoch,
        "dead_fraction": np.array([0.0, 0.0, 0.0 if healthy else 1.0]),
        "update_ratio": np.full(3, 0.003 + wiggle / 10),
    }
    return series, {"loss": loss, "accuracy": accuracy}


@pytest.fixture(scope="session")
def written() -> Callable[..., Written]:
    """`written(logdir, name="run1", epochs=6, *, healthy=False)` writes a run without Keras.

    A stalled one stays at accuracy 0.5 and its probable cause is `output_activation` (relu before
    binary_crossentropy); a healthy one reaches 0.99. `.add_epochs(n)` continues it, `.column(series)` is
    what was written, `.event_file` the file.
    """

    def write(logdir: str | os.PathLike[str], name: str = "run1", epochs: int = 6, *, healthy: bool = False) -> Written:
        run = Written(Path(logdir) / name, healthy)
        run.add_epochs(epochs)
        return run

    return write


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """A running TensorBoard.

    Args:
        url: Its address, with a "/" at the end.
        log_file: Where its output goes.
    """

    def __init__(self, url: str, log_file: Path) -> None:
        self.url = url
        self._log_file = log_file

    @property
    def log(self) -> str:
        """What TensorBoard has printed so far."""
        return self._log_file.read_text(errors="replace")

    def get(self, path: str, method: str = "GET", **query: str | list[str]) -> Answer:
        """Sends one request; `path` is sent as it is."""
        pairs = [
            (name, item) for name, value in query.items() for item in (value if isinstance(value, list) else [value])
        ]
        search = "&".join(f"{name}={quote(item, safe='')}" for name, item in pairs)
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        try:
            connection.request(method, f"{urlsplit(self.url).path}{path}" + (f"?{search}" if search else ""))
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read())
        finally:
            connection.close()

    def api(self, route: str, **query: str | list[str]) -> Answer:
        """One of the plugin's own routes."""
        return self.get(f"data/plugin/diagnosis/api/{route}", **query)

    def runs(self, **epochs: int) -> dict[str, dict[str, Any]]:
        """The rows of all runs by name, once those named have been read up to these epochs."""

        def read() -> dict[str, dict[str, Any]] | None:
            listed = self.api("runs").json["runs"]
            names = [row["run"] for row in listed if row["status"] is None]
            found = [row for row in listed if row["status"] is not None]
            for start in range(0, len(names), 100):
                some = self.api("rows", name=names[start : start + 100]).json["rows"]
                found += [row for rows in some.values() for row in rows]
            rows = {row["run"]: row for row in found}
            complete = all(name in rows and rows[name]["epochs"] >= count for name, count in epochs.items())
            return rows if complete else None

        return until(read, lambda: f"TensorBoard never had {epochs}: {self.api('runs').text}")

    def scalars(self, run: str) -> dict[str, Any]:
        """Tags of TensorBoard's own Scalars tab by run, once that run has been read."""
        tags = lambda: self.get("data/plugin/scalars/tags").json  # noqa: E731
        return until(lambda: run in tags() and tags(), lambda: f"TensorBoard never had {run}: {tags()}")


def until(attempt: Callable[[], Any], otherwise: Callable[[], str]) -> Any:
    """The first true value of `attempt()`; the test fails with `otherwise()` after `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = attempt()
        if value:
            return value
        time.sleep(0.1)
    pytest.fail(otherwise())


@contextmanager
def running(logdir: str | os.PathLike[str], log: Path, *flags: str, python: str = sys.executable) -> Iterator[Server]:
    """Runs the real program on a free port; its output goes into the file `log`."""
    command = [python, "-m", "tensorboard.main", "--logdir", os.fspath(logdir), "--port", "0"]
    command += ["--diagnosis_cache", "off", *flags]
    # Not the checkout: there, Python would find its tb_diagnose before an installed one.
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=log.parent)
    try:

        def address() -> str | None:
            match = re.search(r"TensorBoard \S+ at (http://\S+/)", log.read_text(errors="replace"))
            assert match or process.poll() is None, f"TensorBoard ended:\n{log.read_text(errors='replace')}"
            return match and match[1]

        server = Server(until(address, log.read_text), log)
        until(lambda: server.get("data/plugins_listing").status == 200, log.read_text)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def tensorboard(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`with tensorboard(logdir, *flags, python=...) as server:` runs the real program on a free port."""

    def run(logdir: str | os.PathLike[str], *flags: str, python: str = sys.executable) -> Any:
        return running(logdir, tmp_path_factory.mktemp("tensorboard") / "log.txt", *flags, python=python)

    return run


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium of this machine."""
    from browsing import chromium  # needs playwright, which most tests do not

    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page on which the browser must have reported no error when the test ends."""
    from browsing import quiet_page

    with quiet_page(browser) as opened:
        yield opened


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-pictures", action="store_true", help="write tests/pictures again instead of comparing")
