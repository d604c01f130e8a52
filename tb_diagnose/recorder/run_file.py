"""The event file of one run: opened behind what is in the folder, written at steps that only grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tb_diagnose import event_file, storage


class RunFile:
    """Writes the events of one run.

    Args:
        logdir: Folder of the run; events go to its sub-folder `diagnosis`.
    """

    def __init__(self, logdir: str) -> None:
        self.folder = storage.join(logdir, event_file.RUN)
        self.step = 0
        self._file: event_file.EventFile | None = None

    @property
    def is_open(self) -> bool:
        """Whether events can be written."""
        return self._file is not None

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
        last = event_file.newest(self.folder)
        self.step = max(first_step, 0 if last is None else last.last_step + 1)
        so_far = None if last is None else last.get("iterations")
        resumed = bool(iterations) and so_far is not None and iterations >= so_far[-1]
        self._file = event_file.EventFile(self.folder, self.step)
        if resumed and last is not None:
            return int(last.epochs[-1])
        self._file.write(self.step, facts={"run_start": self.step})
        return 0

    def write_facts(self, facts: Mapping[str, Any]) -> None:
        """Writes facts; those that are None are unknown, and left out."""
        self._opened().write(self.step, facts={name: value for name, value in facts.items() if value is not None})

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
        self._opened().write(self.step, epoch=epoch, series=series, metrics=metrics)
        self.step += 1

    def close(self) -> None:
        """Closes the file; `open` opens another."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _opened(self) -> event_file.EventFile:
        if self._file is None:
            raise ValueError(f"no event file is open in {self.folder!r}")
        return self._file
