"""The scalars of `keras.callbacks.TensorBoard` beside our events, so that TensorBoard's own tabs show the run, too.

As Keras writes them: `epoch_loss` in `train` and in `validation`, so that both are lines of one chart, and the first
epoch at step 0. One event an epoch in each, of some hundred bytes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

from tb_diagnose import storage
from tb_diagnose.event_writer import EventWriter

TAG = "epoch_"
TRAINING, VALIDATION = "train", "validation"
OURS = ".diagnosis"
"""How the names of our files end."""
_BEGAN = int(time.time())
"""When this process began to log: who has written a file since then may still have it open."""


class Scalars:
    """Writes the metrics of one run's epochs.

    Where somebody else writes into `train` or `validation`, nothing is written: TensorBoard follows one file of a
    folder, and would not show theirs to its end.

    Args:
        logdir: Folder of the run.
    """

    def __init__(self, logdir: str) -> None:
        # The program may go into another folder while it trains.
        place = logdir if storage.is_remote(logdir) else os.path.abspath(logdir)
        self._folders = {part: storage.join(place, part) for part in (TRAINING, VALIDATION)}
        self._writers: dict[str, EventWriter] = {}
        self._is_damaged = False
        self._is_taken: bool | None = None

    def write(self, step: int, metrics: Mapping[str, float]) -> None:
        """Writes one epoch.

        Args:
            step: The epoch, from 0.
            metrics: By Keras's names; those of validation begin with `val_`.

        Raises:
            OSError: a folder cannot be written.
        """
        if self._is_taken is None:
            self._is_taken = any(map(_is_written_by_others, self._folders.values()))
        if self._is_taken:
            return
        validation = {name.removeprefix("val_"): value for name, value in metrics.items() if name.startswith("val_")}
        training = {name: value for name, value in metrics.items() if not name.startswith("val_")}
        try:
            for part, values in ((TRAINING, training), (VALIDATION, validation)):
                if values:
                    self._write(part, step, values)
        except OSError:
            self._is_damaged = True  # a file may end in half an event
            raise

    def close(self) -> None:
        """Closes the files."""
        writers, self._writers = self._writers, {}
        for writer in writers.values():
            writer.close()

    def _write(self, part: str, step: int, values: Mapping[str, float]) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        if self._is_damaged:
            with suppress(OSError):
                self.close()
            self._is_damaged = False
        writer = self._writers.get(part)
        if writer is None or not (storage.is_remote(writer.path) or storage.exists(writer.path)):
            writer = self._writers[part] = EventWriter(self._folders[part], step)
        event = Event(wall_time=time.time(), step=step)
        for name, value in values.items():
            event.summary.value.add(tag=TAG + name, simple_value=value)
        writer.write(event)


def _is_written_by_others(folder: str) -> bool:
    """Whether a folder holds an event file that is not ours and was begun since this process logs."""
    for name in storage.names_in(folder):
        _, _, rest = name.partition("tfevents.")
        began = rest.partition(".")[0]
        if began.isdigit() and int(began) >= _BEGAN and not name.endswith(OURS):
            return True
    return False


def shown_already(callbacks: Any, logdir: str) -> bool:
    """Whether Keras's own callback writes the same where the user will look at this run: in its folder or beside it.

    Args:
        callbacks: The callbacks of the call of `fit`, a list of them.
        logdir: Folder of the run.
    """
    beside = storage.parent(logdir)
    return any(_is_in(folder, beside) for folder in _folders_of_keras(callbacks))


def _folders_of_keras(callbacks: Collection[Any]) -> Iterator[str]:
    import keras

    for callback in callbacks:
        if isinstance(callback, keras.callbacks.TensorBoard):
            yield os.fspath(callback.log_dir)


def _is_in(folder: str, other: str) -> bool:
    """Whether a folder is another one, or is below it."""
    if storage.is_remote(folder) or storage.is_remote(other):
        return f"{folder.rstrip('/')}/".startswith(f"{other.rstrip('/')}/")
    inner, outer = (os.path.realpath(storage.located(each)) for each in (folder, other))
    return inner == outer or inner.startswith(os.path.join(outer, ""))
