"""Errors while logging are warnings: a run is worth more than its diagnosis."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tb_diagnose.recorder.error_line import error_line

LOGGER = logging.getLogger("tb_diagnose")
OURS = "tb_diagnose: "
"""What our own warnings begin with."""


class Guard:
    """Turns errors into warnings, one for each kind of failure."""

    def __init__(self) -> None:
        self._warned: set[str] = set()
        self._held: list[str] | None = None

    def hold(self) -> None:
        """Holds warnings back: where `fit` itself is about to raise, they would stand before its own error."""
        self._held = self._held or []

    def release(self) -> None:
        """Gives the warnings that were held back."""
        held, self._held = self._held or [], None
        for text in held:
            warn(text)

    def drop(self) -> None:
        """Forgets the warnings that were held back: `fit` has raised, and says itself what is wrong."""
        self._held = None

    @contextmanager
    def __call__(self, doing: str, when: str = "", unless: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Within it, an error is a warning, and the run goes on.

        Args:
            doing: What is done, such as "measuring gradients": of each, the first failure alone is told.
            when: More about the occasion, such as "after epoch 3".
            unless: Errors that are raised all the same: before training, a mistake in an argument is said at once.
        """
        try:
            with unheard():
                yield
        except unless:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on
            if doing not in self._warned:
                self._warned.add(doing)
                text = _text(f"{doing} {when}".rstrip(), error)
                if self._held is None:
                    warn(text)
                else:
                    self._held.append(text)


@contextmanager
def unheard() -> Iterator[None]:
    """Within it, what measuring makes Keras warn of is not said: it is about our calls, not about the program's.

    The functions are replaced, not the filters: after a change of these Python repeats the program's own warnings.
    numpy warns from C code, which calls the second of them alone.
    """
    warn, show = warnings.warn, getattr(warnings, "_showwarnmsg", None)

    def ours(message: Any, *args: Any, **kwargs: Any) -> None:
        if str(message).startswith(OURS):
            warn(message, *args, **kwargs)

    def show_ours(message: Any) -> None:
        if show is not None and str(message.message).startswith(OURS):
            show(message)
        else:
            _forget(message)

    warnings.warn, warnings._showwarnmsg = ours, show_ours  # type: ignore[attr-defined]
    try:
        yield
    finally:
        warnings.warn, warnings._showwarnmsg = warn, show  # type: ignore[attr-defined]


def _forget(message: Any) -> None:
    """Takes back that Python has shown a warning: the program's own code may give it again at the same line."""
    key = str(message.message), message.category, message.lineno
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == message.filename:
            vars(module).get("__warningregistry__", {}).pop(key, None)


def _text(doing: str, error: Exception) -> str:
    said = type(error).__name__
    with suppress(Exception):  # an error of somebody's own may not say what it is
        said += f": {error_line(error)}"
    return f"{OURS}{doing} failed ({said}). The run goes on; this part of the diagnosis will be missing."


def warn(text: str) -> None:
    """Warns of something that is not logged; never raises."""
    try:
        warnings.warn(text, RuntimeWarning, stacklevel=5)
    except RuntimeWarning:
        # Warnings are errors in this program; those of tb_diagnose must not end its run.
        LOGGER.warning(text)
