"""The names of event files are in the order in which these were begun, for TensorBoard reads them in that order."""

from __future__ import annotations

from unittest import mock

from tb_diagnose import event_writer
from tb_diagnose.event_writer import EventWriter


def test_names_of_one_second_are_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(EventWriter, "_count", 5)
    with mock.patch.object(event_writer.time, "time", return_value=1.7e9):
        writers = [EventWriter(str(tmp_path), step) for step in range(200)]
    for writer in writers:
        writer.close()
    paths = [writer.path for writer in writers]
    assert paths == sorted(paths) and len(set(paths)) == 200
