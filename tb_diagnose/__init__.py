"""tb_diagnose: why a Keras model's accuracy does not move, in a tab of TensorBoard.

Importing this package imports neither Keras nor TensorFlow; `autolog`, `KerasCallback`, `log` and `trial` do on first
use.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tb_diagnose._version import __version__ as __version__
from tb_diagnose.on_import import ImportHook

__all__ = ["KerasCallback", "autolog", "diagnose", "log", "trial"]

if TYPE_CHECKING:
    from tb_diagnose.api import diagnose
    from tb_diagnose.recorder.autolog import autolog
    from tb_diagnose.recorder.callback import KerasCallback
    from tb_diagnose.recorder.log import log
    from tb_diagnose.trials.trial import trial

_HOMES = {
    "autolog": "recorder.autolog",
    "KerasCallback": "recorder.callback",
    "log": "recorder.log",
    "diagnose": "api",
    "trial": "trials.trial",
    "load_ipython_extension": "recorder.notebook",
    "unload_ipython_extension": "recorder.notebook",
}
"""Where public names are; the last two are what `%load_ext` and `%unload_ext` call."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tb_diagnose' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"tb_diagnose.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


def _know_fit() -> None:
    """Wraps `fit`, which goes straight through until it is logged.

    In `model.fit(x, y, callbacks=[KerasCallback("logs")])`, Python takes `fit` before it makes the callback: wrapped by
    the callback, the first `fit` of a program would be logged without its data.
    """
    with suppress(Exception):  # it is tried again, and said, when something is to be logged
        from tb_diagnose.recorder import fit_hook

        fit_hook.install(say=False)


ImportHook("keras", _know_fit).install()
