"""Ten thousand runs: what the Diagnosis tab and the command line add to TensorBoard's own reading of the same logdir.

    python tests/benchmarks/many_runs.py [TRAININGS] [--load_fast=false]

Prints seconds and megabytes, and each as a ratio to TensorBoard's own within the same run. The logs are what a
`SummaryWriter` writes: 100 epochs of loss and accuracy in training and validation, and the learning rate, in one file.
(Keras writes two files a run, and TensorBoard's fast loader keeps each open: many systems allow too few.)
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import numpy as np

EPOCHS = 100
PAGE = 8
MOST = 100
"""Names that one request may ask for."""


def write_one(folder: Path, epochs: int = EPOCHS) -> None:
    """One run that learns, and one that stands still."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    for kind, level in (("good", 0.95), ("bad", 0.5)):
        writer = EventFileWriter(str(folder / kind))
        for epoch in range(epochs):
            accuracy = 0.5 + (level - 0.5) * (1 - 0.9**epoch) + 0.002 * np.sin(epoch)
            values = {"learning_rate": 1e-3}
            for part, gap in (("train", 0.0), ("val", 0.01)):
                values |= {f"accuracy/{part}": accuracy - gap, f"loss/{part}": 1.2 - accuracy + gap}
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=v) for tag, v in values.items()])
            writer.add_event(Event(wall_time=1.7e9 + epoch, step=epoch, summary=summary))
        writer.close()


def write(root: Path, count: int, epochs: int = EPOCHS) -> None:
    write_one(root / "first", epochs)
    for number in range(count):
        kind = "bad" if number % 10 == 7 else "good"
        shutil.copytree(root / "first" / kind, root / "logs" / f"group{number // 100:03}" / f"run{number:05}")


def get(port: int, path: str):
    with urllib.request.urlopen(f"http://localhost:{port}/{path}", timeout=600) as answer:
        return json.loads(answer.read())


def resident(process: int) -> float:
    """Megabytes of a process and its children."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,rss"], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()[1:]]
    family = {process}
    for _ in range(5):
        family |= {pid for pid, parent, _ in rows if parent in family}
    return sum(rss for pid, _, rss in rows if pid in family) / 1024


def served(logdir: Path, count: int, flags: list[str]) -> None:
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--port", "0", *flags]
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            port = None
            while port is None:
                time.sleep(0.05)
                log.seek(0)
                found = re.search(r"http://[^:]+:(\d+)/", log.read())
                port = int(found.group(1)) if found else None
            while len(get(port, "data/plugin/scalars/tags")) < count:
                time.sleep(0.5)
            own = time.perf_counter() - began
            before = resident(server.pid)
            print(f"TensorBoard has loaded its {count:,} runs after {own:.1f} s, with {before:,.0f} MB")
            took = {}

            def timed(name: str, path: str):
                start = time.perf_counter()
                answer = get(port, path)
                took[name] = time.perf_counter() - start
                return answer

            timed("TensorBoard's own list of runs", "data/runs")
            timed("TensorBoard's own list of scalars", "data/plugin/scalars/tags")
            listed = timed("the list of runs", "data/plugin/diagnosis/api/runs")["runs"]
            assert len(listed) == count, len(listed)
            names = "&".join(f"name={quote(row['run'])}" for row in listed[:PAGE])
            timed(f"the first {PAGE} rows, judged", f"data/plugin/diagnosis/api/rows?{names}")
            timed("one report", f"data/plugin/diagnosis/api/diagnosis?run={quote(listed[0]['run'])}")
            began = time.perf_counter()
            for start in range(0, count, MOST):
                names = "&".join(f"name={quote(row['run'])}" for row in listed[start : start + MOST])
                assert all(get(port, f"data/plugin/diagnosis/api/rows?{names}")["rows"].values())
            took["a filter by status, which needs all rows"] = time.perf_counter() - began
            for name, seconds in took.items():
                print(f"{name}: {seconds:.2f} s, {seconds / own:.1%} of TensorBoard's loading")
            after = resident(server.pid)
            print(f"memory: {after - before:+,.0f} MB, {(after - before) / before:+.1%}")
        finally:
            server.terminate()


def read(logdir: Path, count: int) -> None:
    command = [sys.executable, "-u", "-m", "tb_diagnose", str(logdir), "--jobs", str(os.cpu_count())]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reading:
        reading.stdout.readline()
        print(f"command line: first line after {time.perf_counter() - began:.1f} s")
        lines = reading.stdout.read().splitlines()
    summary = next(line for line in lines if line.startswith(f"{count:,} runs"))
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processors = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"command line: all after {took:.1f} s, {processors:.1f} s of the processors: {summary}")


if __name__ == "__main__":
    counts = [int(word) for word in sys.argv[1:] if word.isdigit()]
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), (counts or [10_000])[0])
        flags = [word for word in sys.argv[1:] if word.startswith("--")]
        for start in ("first start", "second start, with the verdicts of the first on disk"):
            print(f"-- {start}")
            cache = ["--diagnosis_cache", str(Path(folder) / "cache")]
            served(Path(folder) / "logs", (counts or [10_000])[0], [*cache, *flags])
        read(Path(folder) / "logs", (counts or [10_000])[0])
