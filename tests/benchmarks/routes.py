"""How long answers of the plugin take while TensorBoard loads many runs, and what an import costs.

    python tests/benchmarks/routes.py [RUNS] [SECONDS]

Twenty clients ask a TensorBoard that was just started on 1,000 runs of a `SummaryWriter`: the list, rows, a report, a
picture's numbers, and TensorBoard's own list of scalars beside them. Prints the 50th and 99th percentile of each. Then
the imports, each in a new process, beside `import tensorboard`. No test asserts these figures.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(path) for path in (TESTS / "benchmarks", TESTS, TESTS.parent)]

from conftest import Server, running  # noqa: E402
from many_runs import write  # noqa: E402

CLIENTS, PAUSE = 20, 1.0
"""Clients, and seconds between two questions of one of them."""
ROWS = 8
"""Rows that a tab asks for at once."""
TIMES = 5
"""Processes whose median an import is."""
IMPORTS = {
    "import tensorboard": "import tensorboard",
    "import tb_diagnose": "import tb_diagnose",
    "tb-diagnose --help": "from tb_diagnose.cli.main import main; main(['--help'])",
}


class Clients:
    """All clients of one server.

    Args:
        server: The server.
        runs: Its runs.
        until: Time (`time.monotonic`) at which they end.
    """

    def __init__(self, server: Server, runs: int, until: float) -> None:
        self._server, self._until = server, until
        self._names = [f"group{number // 100:03}/run{number:05}" for number in range(runs)]
        self._lock = threading.Lock()
        self.took: dict[str, list[float]] = defaultdict(list)
        self.failed = 0

    def ask(self) -> None:
        """Has all of them ask until the end."""
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _client(self, number: int) -> None:
        drawn = random.Random(number)
        time.sleep(PAUSE * number / CLIENTS)
        while time.monotonic() < self._until:
            self._one("list of runs", "data/plugin/diagnosis/api/runs")
            names = drawn.sample(self._names, min(ROWS, len(self._names)))
            self._one(f"{ROWS} rows", "data/plugin/diagnosis/api/rows", name=names)
            self._one("report", "data/plugin/diagnosis/api/diagnosis", run=names[0])
            self._one("numbers of a picture", "data/plugin/diagnosis/api/series", run=names[0], name="accuracy")
            self._one("TensorBoard's own scalars", "data/plugin/scalars/tags")
            time.sleep(PAUSE)

    def _one(self, what: str, path: str, **query: str | list[str]) -> None:
        began = time.perf_counter()
        answer = self._server.get(path, **query)
        took = time.perf_counter() - began
        with self._lock:
            if answer.status == 200:
                self.took[what].append(took)
            else:  # a run that is not loaded yet
                self.failed += 1


def routes(runs: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), runs)
        with running(Path(folder) / "logs", Path(folder) / "log.txt") as server:
            clients = Clients(server, runs, time.monotonic() + seconds)
            clients.ask()
            loaded = len(server.get("data/plugin/scalars/tags").json)
    print(f"{CLIENTS} clients, {seconds:g} s from the start on; {loaded:,} of {runs:,} runs were loaded at the end")
    for what, took in clients.took.items():
        middle, late = (statistics.quantiles(took, n=100, method="inclusive")[place] for place in (49, 98))
        print(f"  {what}: 50th percentile {middle * 1000:,.0f} ms, 99th {late * 1000:,.0f} ms ({len(took):,} answers)")
    print(f"  answers other than 200, of runs that were not loaded yet: {clients.failed:,}", flush=True)


def imports() -> None:
    took = {name: statistics.median(_seconds(code) for _ in range(TIMES)) for name, code in IMPORTS.items()}
    own = took["import tensorboard"]
    for name, seconds in took.items():
        print(f"{name}: {seconds:.2f} s, {seconds / own:.2f} times import tensorboard")


def _seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]]
    routes(int(given[0]) if given else 1_000, given[1] if len(given) > 1 else 60.0)
    imports()
