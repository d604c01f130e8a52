"""One event file of TensorBoard that is being written: each event is flushed, so that it is there whole or not."""

from __future__ import annotations

import os
import socket
import time
from typing import Any

from tb_diagnose import storage


class EventWriter:
    """Writes events into a new file.

    Args:
        folder: Where it goes; made when missing.
        start_step: TensorBoard step at which this writer begins: what an earlier one wrote from there on is replaced.

    Raises:
        OSError: the folder cannot be made or written.
    """

    _count = 0

    def __init__(self, folder: str, start_step: int) -> None:
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog
        from tensorboard.summary.writer.record_writer import RecordWriter

        storage.make_folder(folder)
        EventWriter._count += 1
        # Files are read in the order of their names: of those of one second, too, the later one comes later.
        writer = f"{socket.gethostname()}.{os.getpid()}.{EventWriter._count:06d}"
        self.path = storage.join(folder, f"events.out.tfevents.{int(time.time()):010d}.{writer}.diagnosis")
        self._file = storage.create(self.path)
        self._records = RecordWriter(self._file)
        self.write(Event(wall_time=time.time(), file_version="brain.Event:2"))
        session = SessionLog(status=SessionLog.START)
        self.write(Event(wall_time=time.time(), step=start_step, session_log=session))

    def write(self, event: Any) -> None:
        """Writes one event and flushes it."""
        self._records.write(event.SerializeToString())
        self._file.flush()

    def close(self) -> None:
        """Closes the file; writing afterwards is an error."""
        self._file.close()
