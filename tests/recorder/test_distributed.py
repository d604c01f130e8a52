"""Several devices and several processes: one run, one event file, and training as without logging."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

import tb_diagnose

HERE = Path(__file__).parent
PATH = os.pathsep.join([str(HERE.parent.parent), str(HERE.parent), str(HERE)])
TIME = 240
"""Seconds after which processes that wait for each other are ended. It took 15 to 60; once they never met, before
anything was logged, so they are started again then."""
TRIES = 3

pytestmark = pytest.mark.slow


def start(script: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """A process of a script that lies beside this file."""
    command = [sys.executable, str(HERE / script), *arguments]
    surroundings = {**os.environ, "PYTHONPATH": PATH, "TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=surroundings)


def finished(processes: list[subprocess.Popen[str]]) -> list[tuple[int, str, str]]:
    """Exit status, output and errors of each."""
    try:
        found = [(process.communicate(timeout=TIME), process) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, *said) for said, process in found]


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.mark.parametrize("kind", ["data", "model"])
def test_devices_of_jax(tmp_path, kind):
    if find_spec("jax") is None:
        pytest.skip("needs jax")
    ((status, output, errors),) = finished([start("sharded.py", str(tmp_path), kind)])
    assert status == 0, errors
    found = json.loads(output.splitlines()[-1])
    assert found["devices"] == 4 and found["same"] and found["warnings"] == []
    assert found["epochs"] == [0, 1, 2, 3] and found["sample_count"] == 64 and found["has_gradients"]


def met(folder, logdirs):
    """What two processes of torch said that have met, each with its logdir."""
    for attempt in range(TRIES):
        meeting = str(folder / f"meeting{len(logdirs)}-{attempt}")
        with suppress(subprocess.TimeoutExpired):
            each = [(str(rank), meeting, *map(str, logdirs[rank : rank + 1])) for rank in (0, 1)]
            return finished([start("two_processes.py", *arguments) for arguments in each])
    raise AssertionError(f"They did not meet in {TRIES} tries.")


def test_two_processes_of_torch(tmp_path):
    if find_spec("torch") is None:
        pytest.skip("needs torch")
    weights = []
    (tmp_path / "file").write_text("no folder: only the first process needs one")
    for logdirs in ([], [tmp_path / "run", tmp_path / "file" / "run"]):
        done = met(tmp_path, logdirs)
        assert [status for status, _, _ in done] == [0, 0], done
        assert all("tb_diagnose" not in errors for _, _, errors in done), done
        weights += [output.splitlines()[-1] for _, output, _ in done]
    assert len(set(weights)) == 1
    assert len(list((tmp_path / "run" / "diagnosis").iterdir())) == 1
    (diagnosis,) = tb_diagnose.diagnose(str(tmp_path / "run"))
    evidence = diagnosis.evidence
    assert evidence.epochs.tolist() == [0, 1, 2, 3] and evidence.get("sample_count") == 256
    assert evidence.get("iterations").tolist() == [0, 4, 8, 12]
    assert evidence.get("learning_rate").tolist() == pytest.approx([0.01] * 4)


def test_two_workers_of_tensorflow(tmp_path):
    pytest.importorskip("tensorflow")
    results = []
    for more in ([], [str(tmp_path)]):
        addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
        configs = [{"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}} for index in (0, 1)]
        results.append(finished([start("two_workers.py", *more, TF_CONFIG=json.dumps(config)) for config in configs]))
        if not more and any(status for status, _, _ in results[0]):
            import keras

            reason = results[0][0][2].strip().splitlines()[-1]
            pytest.xfail(f"Keras {keras.__version__} itself does not train so: {reason}")
    assert [status for status, _, _ in results[1]] == [0, 0], results[1]
    assert len({output.splitlines()[-1] for result in results for _, output, _ in result}) == 1
    (folder,) = tmp_path.iterdir()
    assert len(list((folder / "diagnosis").iterdir())) == 1
