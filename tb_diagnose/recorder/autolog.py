"""`autolog`: every `fit` of a program is logged, without a change to the calls."""

from __future__ import annotations

import os
import re
import warnings
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from tb_diagnose import storage
from tb_diagnose.recorder import arguments, fit_hook, source_lines
from tb_diagnose.recorder.callback import KerasCallback


@dataclass(frozen=True)
class Settings:
    """What `autolog` was called with; see there."""

    logdir: str
    probe_samples: int
    verbose: int
    source: bool


_settings: list[Settings] = []
"""The settings in force; empty while nothing is logged by itself."""
_FOLDERS: weakref.WeakKeyDictionary[Any, tuple[str, str]] = weakref.WeakKeyDictionary()
"""Logdir and folder of each model that was logged: a second `fit` of it goes on in its folder."""


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
        probe_samples: Samples of the probe batch. Defaults to `512`.
        verbose: 1 prints a short verdict at the end of each `fit`, 0 nothing. Defaults to `1`.
        source: Whether the lines of the program that make layers, `compile` and `fit` go into the event file, so that
            a finding can name them; without them it names the file and the line alone. Defaults to `True`.

    Raises:
        TypeError: `logdir` is not a path.
        ValueError: `logdir` cannot be written, or `probe_samples` is below 1.
    """
    before = list(_settings)
    if disable:
        _set([])
        return Autolog(before)
    path = arguments.check_logdir(logdir)
    _set([Settings(path, arguments.check_probe_samples(probe_samples), verbose, bool(source))])
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
        return KerasCallback(
            _folder(model, settings.logdir), probe_samples=settings.probe_samples, verbose=settings.verbose
        )
    except arguments.LogdirError as error:
        warnings.warn(f"tb_diagnose: this fit is not logged. {error}", RuntimeWarning, stacklevel=4)
        return None


def _folder(model: Any, logdir: str) -> str:
    """Folder of a model's run: the one that it has, or the first that is free."""
    known = _FOLDERS.get(model)
    if known is not None and known[0] == logdir:
        return known[1]
    # Keras numbers models as well; that number would stand beside ours.
    name = re.sub(r"[^\w.-]+", "_", re.sub(r"_\d+$", "", str(model.name))) or "model"
    number = 1
    while storage.exists(folder := storage.join(logdir, f"{name}_{number}")):
        number += 1
    _FOLDERS[model] = logdir, folder
    return folder
