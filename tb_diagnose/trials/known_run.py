"""The run that a trial is about: the newest of a logdir, or a short control run that is logged for the purpose."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tb_diagnose import api, event_file, storage
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.reader import logdir as logdirs
from tb_diagnose.recorder import watchers
from tb_diagnose.recorder.data import Data
from tb_diagnose.status.outputs import worst_first
from tb_diagnose.trials.changed_copy import changed_copy
from tb_diagnose.trials.isolation import isolated
from tb_diagnose.trials.time_limit import TimeOverError, within_time
from tb_diagnose.trials.training import deadline

CUT_SHORT = ("crashed", "diverged")
"""Statuses of runs that may have ended before their epochs were over because something is wrong."""
EPOCHS = 10
"""Epochs of a control run where nobody has said how many."""


@dataclass(frozen=True)
class KnownRun:
    """A run, as it was logged.

    Args:
        diagnosis: Its diagnosis.
        folder: Where its event files are; None where they are gone.
    """

    diagnosis: Diagnosis
    folder: str | None

    @property
    def epochs(self) -> int:
        """Epochs that it has finished; where it was cut short by what is wrong with it, those that were planned."""
        evidence = self.diagnosis.evidence
        planned, finished = evidence.get("planned_epochs"), evidence.finished_epochs
        cut_short = self.diagnosis.status.name in CUT_SHORT
        return int((max(planned or 0, finished) if cut_short else finished or planned) or EPOCHS)

    @property
    def batch_size(self) -> int | None:
        found = self.diagnosis.evidence.get("batch_size")
        return None if found is None else int(found)

    @property
    def seconds(self) -> float:
        """What it took, as far as it was noted."""
        seconds = self.diagnosis.evidence.get("seconds")
        return 0.0 if seconds is None else float(np.nansum(seconds))

    @property
    def seconds_an_epoch(self) -> float | None:
        """Of a usual epoch; None where it was not noted. The first one, in which the step is built, counts if alone."""
        seconds = self.diagnosis.evidence.get("seconds")
        if seconds is None:
            return None
        known = seconds[np.isfinite(seconds)]
        return float(np.median(known[1:] if len(known) > 1 else known)) if len(known) else None

    @property
    def seconds_to_start(self) -> float:
        """By how much its first epoch, in which the step is built, took longer than a usual one."""
        seconds, usual = self.diagnosis.evidence.get("seconds"), self.seconds_an_epoch
        if seconds is None or usual is None or len(seconds) < 2 or not np.isfinite(seconds[0]):
            return 0.0
        return max(float(seconds[0]) - usual, 0.0)

    @property
    def steps_an_epoch(self) -> int | None:
        """Steps of an epoch; None where they were not noted."""
        found = self.diagnosis.evidence.get("steps_per_epoch")
        return int(found) if found else None

    def seconds_a_step(self, batch_size: int, steps_an_epoch: int) -> float:
        """Of a step of a trial; 0 where nothing is known. A trial may be made with other samples than the run, or with
        larger batches, which take as much longer at most.

        Args:
            batch_size: Of the trial.
            steps_an_epoch: Of the trial: taken where those of the run were not noted.
        """
        larger = max(batch_size / (self.batch_size or batch_size), 1.0)
        return larger * (self.seconds_an_epoch or 0.0) / max(self.steps_an_epoch or steps_an_epoch, 1)


def worst_output(diagnosis: Diagnosis) -> str | None:
    """Name of the output that a run is judged by, of a model with several; None for one."""
    states = diagnosis.evidence.get("output_states")
    explained = {name for named in diagnosis.probable_causes for name in named.finding.outputs}
    return worst_first(states, explained)[0].name if states else None


def newest(logdir: str | os.PathLike[str]) -> KnownRun:
    """The newest run below a folder, with its diagnosis.

    Raises:
        FileNotFoundError, NotADirectoryError: there is no such folder, or tb_diagnose has logged nothing in it.
        NewerSchemaError: a later version wrote it.
    """
    path = logdirs.check(logdir)
    parts = [part for folder in logdirs.folders(path)[0] for part in folder.runs.values()]
    own = [part for part in parts if os.path.basename(part.rstrip("/")) == event_file.RUN]
    dated = [(evidence.last_sign or 0.0, part) for part in own if (evidence := event_file.newest(part)) is not None]
    if not dated:
        raise FileNotFoundError(
            "`logdir` has no run that a trial could be about. Expected: a folder that KerasCallback, autolog or log "
            f"has written to. Received: {path!r}."
        )
    folder = max(dated)[1]
    return KnownRun(api.newest(folder, os.path.basename(storage.parent(folder))), folder)


def control(model: Any, data: Data, validation: Data | None, fit: Mapping[str, Any], ends: float) -> KnownRun | None:
    """Trains an unchanged copy once, logged into a folder that is gone afterwards, to know what to try.

    Args:
        model: The user's model.
        data: What it is trained on.
        validation: Validation samples, or None.
        fit: Arguments of `fit`.
        ends: Time (`time.monotonic`) at which it is ended, however far it is: what model and data are is logged first,
            and tells some causes without a step.

    Returns:
        The run; None where it was ended before anything was logged.

    Raises:
        Exception: whatever copying the model raises. A training that raises has a diagnosis, too.
    """
    with tempfile.TemporaryDirectory() as folder:
        with isolated(0), watchers.silent(), suppress(TimeOverError):
            within_time(ends, partial(_log_control, model, data, validation, fit, ends, folder))
        with suppress(FileNotFoundError):
            return KnownRun(api.newest(storage.join(folder, event_file.RUN), "control"), None)
        return None


def _log_control(
    model: Any, data: Data, validation: Data | None, fit: Mapping[str, Any], ends: float, folder: str
) -> None:
    from tb_diagnose.recorder.callback import KerasCallback

    copy = changed_copy(model, [])
    callback = KerasCallback(folder, data, validation, verbose=0)
    labels = [part and (part.y if part.several is None else part.several) for part in (data, validation)]
    given = None if validation is None else (validation.x, labels[1])
    with suppress(Exception):  # its diagnosis says why
        copy.fit(
            data.x, labels[0], sample_weight=data.sample_weight, validation_data=given, verbose=0,
            callbacks=[callback, deadline(ends)], **fit,
        )  # fmt: skip
