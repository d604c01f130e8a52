"""A real Dask scheduler and real workers, as processes on this machine."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

import pytest
from conftest import PATIENCE
from fleet_logs import command, copies
from places import ROOT

for _name in ("pyarrow", "distributed"):
    pytest.importorskip(_name)

SLOW = """
import builtins, pathlib, time
_open = builtins.open
def open(path, *arguments, **options):
    if "tfevents" in str(path):
        pathlib.Path({begun!r}).touch()
        time.sleep({seconds})
    return _open(path, *arguments, **options)
builtins.open = open
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def process(*words, path=str(ROOT), flags=()):
    """A process of its own, with its output; it is ended with the block."""
    environment = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__ADMIN__LOG_FORMAT": "%(message)s"}
    with subprocess.Popen(
        [sys.executable, *flags, "-m", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=tempfile.gettempdir(),  # -m looks there first
    ) as made:
        try:
            yield made
        finally:
            made.kill()


@contextmanager
def scheduler():
    port = free_port()
    with process("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.1)
        yield f"tcp://127.0.0.1:{port}"


def worker(address, path=str(ROOT), flags=()):
    """A worker without a nanny: when it is killed, nobody starts another one."""
    words = ("distributed.cli.dask_worker", address, "--nthreads", 1, "--no-dashboard", "--no-nanny")
    return process(*words, path=path, flags=flags)


def registered(made):
    """Waits until a worker has registered."""
    for line in made.stdout:
        if "Registered to" in line:
            return
    pytest.fail("The worker has ended.")


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_loses_nothing(tmp_path, written):
    logs, begun, site = tmp_path / "logs", tmp_path / "begun", tmp_path / "site"
    copies(written(tmp_path / "first", "bad").folder, logs, 70)
    copies(written(tmp_path / "first", "good", healthy=True).folder, logs, 30, start=70)
    site.mkdir()
    (site / "sitecustomize.py").write_text(SLOW.format(begun=str(begun), seconds=60))
    with (
        scheduler() as address,
        worker(address, os.pathsep.join([str(site), str(ROOT)])) as first,
        worker(address) as second,
    ):
        registered(first)
        registered(second)
        with process("tb_diagnose", "review", logs, "--out", tmp_path / "index", "--scheduler", address) as review:
            end = time.monotonic() + PATIENCE
            while not begun.exists():
                assert time.monotonic() < end and review.poll() is None
                time.sleep(0.1)
            first.send_signal(signal.SIGKILL)  # it has begun with a run, and has not ended it
            said = review.stdout.read()
            assert review.wait() == 0, said
    assert "Read 100 folders" in said and "100 runs: 70 stalled, 30 reached" in said
    assert command("fleet", tmp_path / "index").stdout.startswith("100 runs: 70 stalled, 30 reached")


@pytest.mark.slow
def test_workers_of_another_version_or_without_tb_diagnose_are_named(tmp_path, written):
    written(tmp_path / "logs", "run1")
    other = tmp_path / "other" / "tb_diagnose"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    (other / "_version.py").write_text('__version__ = "0.0.1"')
    absent = tmp_path / "absent" / "tb_diagnose"
    absent.mkdir(parents=True)
    (absent / "__init__.py").write_text("raise ImportError('there is no tb_diagnose')")
    for path, sentence in ((other.parent, "has tb_diagnose 0.0.1, and this is"), (absent.parent, "has no tb_diagnose")):
        with scheduler() as address, worker(address, str(path)) as made:
            registered(made)
            done = command("review", tmp_path / "logs", "--out", tmp_path / "index", "--scheduler", address)
        assert done.returncode == 2 and sentence in done.stderr, done.stderr
        assert len([line for line in done.stderr.splitlines() if line.startswith("tb-diagnose:")]) == 1


@pytest.mark.slow
def test_a_folder_that_a_worker_does_not_see_is_a_sentence(tmp_path, written):
    from tb_diagnose.fleet.cluster import Cluster
    from tb_diagnose.fleet.engine import results
    from tb_diagnose.fleet.run_folder import EventFile, run_folders

    (elsewhere,) = run_folders("/only/here", [EventFile("run1", "events.out.tfevents.1", 1, "", 0.0)])
    cluster = Cluster("local", pytest.fail)
    try:
        with pytest.raises(OSError, match="A worker does not see '/only/here'"):
            list(results([(elsewhere,)], cluster))
    finally:
        cluster.close()
