"""The event file of one run: opened behind what is in the folder, written at steps that only grow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import Any

from tb_diagnose import event_file, storage
from tb_diagnose.recorder import processes
from tb_diagnose.recorder.guard import OURS, warn


class _Nowhere:
    """The file of a process that trains along and writes nothing: it measures all the same, as the others may wait."""

    def write(self, step: int, **_: Any) -> None:
        """Writes nothing."""

    def close(self) -> None:
        """Closes nothing."""


class RunFile:
    """Writes the events of one run; of several processes that train one model together, the chief does.

    Args:
        logdir: Folder of the run; events go to its sub-folder `diagnosis`.
    """

    def __init__(self, logdir: str) -> None:
        self.folder = storage.join(logdir, event_file.RUN)
        self.step = 0
        self._file: event_file.EventFile | _Nowhere | None = None
        self._facts: dict[str, Any] = {}
        self._is_damaged = False
        self._place = self.folder

    @property
    def is_open(self) -> bool:
        """Whether a run goes on here."""
        return self._file is not None

    @property
    def is_written(self) -> bool:
        """Whether its events are written by this process."""
        return isinstance(self._file, event_file.EventFile)

    def open(self, iterations: int | None, first_step: int = 0) -> int:
        """Opens an event file behind what is in the folder: a resumed run goes on, another one starts anew.

        Args:
            iterations: Steps that the optimizer has taken; None when unknown.
            first_step: TensorBoard step to begin with, at least.

        Returns:
            Epochs that were finished before: 0 for a new run.

        Raises:
            OSError: the folder cannot be read or written.
            NewerSchemaError: a later version wrote into it.
        """
        self.close()
        # The program may go into another folder while it trains.
        self._place = self.folder if storage.is_remote(self.folder) else os.path.abspath(self.folder)
        writes, last = processes.is_chief(), None
        with nullcontext() if writes else suppress(OSError):
            last = event_file.newest(self._place)
        self.step = max(first_step, 0 if last is None else last.last_step + 1)
        so_far = None if last is None else last.get("iterations")
        resumed = bool(iterations) and so_far is not None and iterations >= so_far[-1]
        self._file = event_file.EventFile(self._place, self.step) if writes else _Nowhere()
        self._facts, self._is_damaged = {}, False
        if resumed and last is not None:
            return int(last.epochs[-1])
        self._file.write(self.step, facts={"run_start": self.step})
        return 0

    def write_facts(self, facts: Mapping[str, Any]) -> None:
        """Writes facts; those that are None are unknown, and left out."""
        known = {name: value for name, value in facts.items() if value is not None}
        self._facts |= known
        self._write(self.step, facts=known)

    def write_epoch(
        self, epoch: int, series: Mapping[str, Any], metrics: Mapping[str, float], step: int | None = None
    ) -> None:
        """Writes the record of one epoch.

        Args:
            epoch: Finished epochs.
            series: Series by the names in `evidence.SERIES`.
            metrics: What Keras reported, by its names.
            step: TensorBoard step; one after the last by default.

        Raises:
            ValueError: `step` is before the last one.
        """
        if step is not None and step < self.step:
            raise ValueError(f"`step` must grow. Expected: at least {self.step}. Received: {step}.")
        self.step = self.step if step is None else step
        self._write(self.step, epoch=epoch, series=series, metrics=metrics)
        self.step += 1

    def close(self) -> None:
        """Closes the file; `open` opens another."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _write(self, step: int, **what: Any) -> None:
        if self._file is None:
            raise ValueError(f"no event file is open in {self.folder!r}")
        if isinstance(self._file, event_file.EventFile):
            self._file = self._sound(self._file)
        try:
            self._file.write(step, **what)
        except OSError:
            self._is_damaged = True
            raise

    def _sound(self, file: event_file.EventFile) -> event_file.EventFile:
        """The file, or one in its place where somebody has deleted it, or where it ends in half an event."""
        gone = not storage.is_remote(file.path) and not storage.exists(file.path)
        if not gone and not self._is_damaged:
            return file
        with suppress(OSError):
            file.close()
        other = event_file.EventFile(self._place, self.step)
        self._is_damaged = False
        if gone:
            other.write(self.step, facts={"run_start": self.step, **self._facts})
            warn(
                f"{OURS}the event file in {self.folder!r} was deleted while the model trains. A new one is written; "
                "the epochs before it are lost."
            )
        return other
