"""`%load_ext tb_diagnose`: every `fit` of a notebook is logged, and its report shown under its cell."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from tb_diagnose.on_import import ImportHook
from tb_diagnose.recorder import watchers

_undo: list[Callable[[], Any]] = []
"""What takes the extension back; empty while it is not loaded."""


def load_ipython_extension(ipython: Any) -> None:
    """Called by `%load_ext tb_diagnose`. Keras is not imported by it: a later cell may still choose a backend."""
    if _undo:
        return
    hook = ImportHook("keras", _switch_on)
    _undo.append(hook.remove)
    hook.install()


def unload_ipython_extension(ipython: Any) -> None:
    """Called by `%unload_ext tb_diagnose`: logs and shows as before."""
    while _undo:
        _undo.pop()()


def _switch_on() -> None:
    try:
        from tb_diagnose.recorder import fit_hook
        from tb_diagnose.recorder.autolog import autolog

        if fit_hook.is_automatic() is None:  # else the notebook has said itself what is logged, and where
            logging = autolog()
            _undo.append(lambda: logging.__exit__(None, None, None))
        _undo.append(watchers.watch(None, _shown, watchers.OfTrials(ended=_shown_trial)))
    except Exception as error:  # noqa: BLE001 - the notebook goes on without a diagnosis
        warnings.warn(
            f"tb_diagnose: nothing is logged ({type(error).__name__}: {error}).", RuntimeWarning, stacklevel=2
        )


def _shown(run: watchers.Run, verbose: int) -> None:
    """Shows a report: a page where the front end draws HTML, text in a terminal."""
    if not verbose:
        return
    from IPython.display import display

    from tb_diagnose.api import Diagnoses, newest

    diagnoses = Diagnoses([newest(run.folder, run.logdir)])
    display({"text/html": diagnoses._repr_html_(), "text/plain": str(diagnoses)}, raw=True)


def _shown_trial(run: watchers.Run, trial: Any, verbose: int) -> None:
    """Shows what each change brought."""
    if verbose and trial is not None:
        from IPython.display import display

        display({"text/plain": str(trial)}, raw=True)
