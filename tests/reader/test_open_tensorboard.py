"""A TensorBoard that is running is found by the note that it leaves, and only if it shows the run."""

from __future__ import annotations

import dataclasses
import os
import socket
import tempfile
import time

import pytest
from tensorboard import manager, version

from tb_diagnose.reader.open_tensorboard import address


@pytest.fixture
def note(tmp_path, monkeypatch):
    """`note(logdir=..., ...)` leaves a note as TensorBoard does."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with socket.create_server(("localhost", 0)) as server:
        info = manager.TensorBoardInfo(
            version=version.VERSION,
            start_time=int(time.time()),
            pid=os.getpid(),
            port=server.getsockname()[1],
            path_prefix="",
            logdir=str(tmp_path / "logs"),
            db="",
            cache_key=manager.cache_key(str(tmp_path), [], {}),
        )

        def write(**more):
            manager.write_info_file(dataclasses.replace(info, **more))
            return more.get("port", info.port)

        yield write


def test_the_report_of_a_run_has_an_address(tmp_path, note):
    run = str(tmp_path / "logs" / "a b" / "run+1")
    assert address(run) is None
    port = note()
    assert address(run) == f"http://localhost:{port}/#diagnosis&p.diagnosis.run=a%20b%2Frun%2B1"
    note(path_prefix="/foo/")
    assert address(run) == f"http://localhost:{port}/foo/#diagnosis&p.diagnosis.run=a%20b%2Frun%2B1"


def test_a_logdir_is_relative_to_where_tensorboard_was_started(tmp_path, note):
    note(logdir="logs")
    assert address(str(tmp_path / "logs" / "run")) is not None
    assert address(str(tmp_path / "other" / "run")) is None


def test_another_logdir_and_one_that_no_longer_runs(tmp_path, note):
    note(logdir=str(tmp_path / "logs2"))
    assert address(str(tmp_path / "logs" / "run")) is None
    with socket.create_server(("localhost", 0)) as server:
        gone = server.getsockname()[1]
    note(port=gone)
    assert address(str(tmp_path / "logs" / "run")) is None


def test_notes_that_are_no_notes(tmp_path, note):
    (tmp_path / ".tensorboard-info").mkdir()
    (tmp_path / ".tensorboard-info" / "pid-1.info").write_text("{")
    assert address(str(tmp_path / "logs" / "run")) is None
    note(logdir="", db="sqlite:x", cache_key="?")
    assert address(str(tmp_path / "logs" / "run")) is None
