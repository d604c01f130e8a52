"""A process that is killed while it writes: every epoch that it had reported is in the file, which every reader opens.

A few times here. `python tests/reader/test_killed.py 200` kills as many writers, and has both loaders of TensorBoard
read all of their files; with `fit` behind it, each of them is a process that trains.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # for `python` on this file
from conftest import epoch_of, facts_of, running  # noqa: E402

from tb_diagnose import event_file  # noqa: E402
from tb_diagnose.event_data import EventData  # noqa: E402

TIMES = 8
LONGEST = 0.3
"""Seconds after its first epoch within which a writer is killed: it writes some hundred epochs in them."""
FIT = """
import sys, keras, numpy, tb_diagnose
x = numpy.random.default_rng(0).normal(size=(64, 3)).astype("float32")
net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
told = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: print(epoch, flush=True))
net.fit(x, x[:, 0] > 0, epochs=10**6, verbose=0, callbacks=[told, tb_diagnose.KerasCallback(sys.argv[1], verbose=0)])
"""
"""An epoch is told when the next one begins: then `fit` is through with it, callbacks and all."""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


def killed_writer(folder: Path, after: float) -> int:
    """Writes epochs in a process of its own until that is killed; the last epoch that it told."""
    told, tell = os.pipe()
    writer = os.fork()
    if writer == 0:
        try:
            file = event_file.EventFile(str(folder / "diagnosis"), 0)
            file.write(0, facts={"run_start": 0, **facts_of("sigmoid")})
            for epoch in range(1, 10**6):
                series, metrics = epoch_of(epoch, healthy=True)
                file.write(epoch, epoch=epoch, series=series, metrics=metrics)
                os.write(tell, b"%d\n" % epoch)
        finally:
            os._exit(1)
    os.close(tell)
    reported = os.read(told, 100)
    time.sleep(after)
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    while more := os.read(told, 2**16):
        reported = reported[-20:] + more
    os.close(told)
    return int(reported.split()[-1])


def assert_whole(folder: Path, reported: int) -> None:
    """Every epoch that was reported is there, and one more at most; the file is a whole one as readers see it."""
    data = EventData({".": str(folder / "diagnosis")})
    assert data.damaged == data.unreadable == []
    evidence = event_file.newest(str(folder / "diagnosis"))
    finished = [epoch for epoch in evidence.epochs.tolist() if epoch > 0]
    assert finished == list(range(1, len(finished) + 1))
    assert reported <= len(finished) <= reported + 1, (reported, len(finished))


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of a fork beside threads: the child only writes
@pytest.mark.parametrize("seed", range(TIMES))
def test_every_epoch_that_was_reported_is_there(tmp_path, seed):
    assert_whole(tmp_path, killed_writer(tmp_path, random.Random(seed).uniform(0, LONGEST)))


def killed_fit(folder: Path, after: float) -> int:
    """Trains in a process of its own until that is killed; the last epoch that `fit` was through with."""
    command = [sys.executable, "-c", FIT, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        lines = [process.stdout.readline() for _ in range(5)]
        time.sleep(after)
        process.kill()
        lines += process.stdout.readlines()
    return int([line for line in lines if line.endswith(b"\n")][-1])


@pytest.mark.slow
def test_every_epoch_of_fit_is_there(tmp_path):
    assert_whole(tmp_path, killed_fit(tmp_path, 0.0))


def main(times: int, killed: Callable[[Path, float], int] = killed_writer) -> None:
    """Kills writers, and has all readers look at what they left."""
    chance = random.Random(time.time_ns())
    with tempfile.TemporaryDirectory() as folder:
        root, epochs = Path(folder) / "logs", {}
        for number in range(times):
            name = f"run{number:04}"
            epochs[name] = killed(root / name, chance.uniform(0, LONGEST))
            assert_whole(root / name, epochs[name])
        for flags in ((), ("--load_fast=false",)):
            with running(root, Path(folder) / "log.txt", "--reload_interval", "5", *flags) as server:
                rows = server.runs(**{name: 0 for name in epochs})
                for name, reported in epochs.items():
                    assert rows[name]["status"] != "unreadable" and rows[name]["epochs"] >= reported
        count = sum(epochs.values())
    print(f"{times} writers killed, {count:,} epochs reported, none lost; listed by both loaders")


if __name__ == "__main__":
    main(int(sys.argv[1]), killed_fit if sys.argv[2:] == ["fit"] else killed_writer)
