"""`autolog`: every `fit` of a program is logged, without a change to the calls."""

from __future__ import annotations

import itertools
import os
import re
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from tb_diagnose import storage
from tb_diagnose.recorder import arguments, fit_hook, processes, source_lines
from tb_diagnose.recorder.callback import NOT_LOGGED, KerasCallback
from tb_diagnose.recorder.guard import warn


@dataclass(frozen=True)
class Settings:
    """What `autolog` was called with; see there."""

    logdir: str
    probe_samples: int
    verbose: int
    source: bool
    trial: bool


_settings: list[Settings] = []
"""The settings in force; empty while nothing is logged by itself."""
_FOLDERS: weakref.WeakKeyDictionary[Any, tuple[tuple[int, str], str]] = weakref.WeakKeyDictionary()
"""Folder of each model that was logged, for a process and a logdir: a second `fit` of it goes on in its folder."""
LONGEST_NAME = 60
"""Characters of a folder's name: file systems take 255 bytes, and a character may have four of them."""


class Autolog:
    """What `autolog` returns. As a context manager, it puts back what was in force before."""

    def __init__(self, before: list[Settings]) -> None:
        self._before = before

    def __enter__(self) -> Autolog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _set(self._before)


def autolog(
    logdir: str | os.PathLike[str] = "logs",
    *,
    disable: bool = False,
    probe_samples: int = 512,
    verbose: int = 1,
    source: bool = True,
    trial: bool = False,
) -> Autolog:
    """Logs every `fit` after it, each into a folder of its own below `logdir`.

    The folder is named for the model and numbered: `logs/sequential_1`. A second `fit` of the same model goes on in
    its folder. A call with a `KerasCallback` of its own is left to that. Calls inside of others, as a tuner makes
    them, have their folders too. Calling it again changes the settings.

    Example:

    ```python
    tb_diagnose.autolog("logs")
    model.fit(x, y, epochs=10)
    ```

    As a context manager it ends with the block:

    ```python
    with tb_diagnose.autolog("logs"):
        model.fit(x, y, epochs=10)
    ```

    Args:
        logdir: Folder of the runs. Defaults to `"logs"`.
        disable: `True` ends it: nothing is logged by itself any more. Defaults to `False`.
        probe_samples: Samples of the probe batch; with 0 the data are not looked at. Defaults to `512`.
        verbose: 1 prints a short verdict at the end of each `fit`, and a line at the first stall and where the settings
            contradict the data, before the first step; 0 nothing. Defaults to `1`.
        source: Whether the lines of the program that make layers, `compile` and `fit` go into the event file, so that
            a finding can name them; without them it names the file and the line alone. Defaults to `True`.
        trial: Whether a `fit` that has stalled, is unfinished, does not generalize or has diverged is followed by a
            trial of what its diagnosis proposes, as with `KerasCallback(..., trial=True)`. Defaults to `False`.

    Raises:
        TypeError: `logdir` is not a path.
        ValueError: `probe_samples` is below 0. A `logdir` that cannot be written is a warning: runs go on unlogged.
    """
    before = list(_settings)
    if disable:
        _set([])
        return Autolog(before)
    try:
        path = arguments.check_logdir(logdir)
    except arguments.LogdirError as error:
        warn(f"tb_diagnose: nothing is logged. {error}")
        _set([])
        return Autolog(before)
    _set([Settings(path, arguments.check_probe_samples(probe_samples), verbose, bool(source), bool(trial))])
    return Autolog(before)


def _set(settings: list[Settings]) -> None:
    _settings[:] = settings
    if settings:
        source_lines.start(settings[0].source)
        fit_hook.start_automatic(_callback)
    else:
        source_lines.stop()
        fit_hook.stop_automatic()


def _callback(model: Any, given: Mapping[str, Any]) -> KerasCallback | None:
    """The callback of one call; None where nothing can be written, which is said."""
    settings = _settings[0]
    try:
        callback = KerasCallback(
            _folder(model, settings.logdir),
            probe_samples=settings.probe_samples,
            verbose=settings.verbose,
            trial=settings.trial,
        )
    except arguments.LogdirError as error:
        warn(f"{NOT_LOGGED} {error}")
        return None
    callback.is_automatic = True
    return callback


def _folder(model: Any, logdir: str) -> str:
    """Folder of a model's run: the one that it has, or the first that is free.

    A process that was forked off has folders of its own, and so has a `fit` inside another of the same model: two
    writers in one folder could not be read.

    Raises:
        LogdirError: a folder cannot be made.
    """
    key = os.getpid(), logdir
    known = _FOLDERS.get(model)
    nested = fit_hook.current(model) is not None
    if known is not None and known[0] == key and not nested:
        return known[1]
    name = folder_name(str(model.name))
    if not processes.is_chief():
        return storage.join(logdir, name)  # it is not made: the chief has another
    for number in itertools.count(1):
        folder = storage.join(logdir, f"{name}_{number}")
        try:
            if storage.make_new_folder(folder):
                break
        except OSError as error:
            raise arguments.LogdirError(
                f"`logdir` cannot be written. Expected: a folder that this user may write. Received: {logdir!r} "
                f"({error})."
            ) from error
    if not nested:
        _FOLDERS[model] = key, folder
    return folder


def folder_name(model_name: str) -> str:
    """A model's name as that of a folder, without the number that Keras gives: ours would stand beside it."""
    return re.sub(r"[^\w.-]+", "_", re.sub(r"_\d+$", "", model_name))[:LONGEST_NAME] or "model"
