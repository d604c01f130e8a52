"""Errors while logging are warnings: a run is worth more than its diagnosis."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

LOGGER = logging.getLogger("tb_diagnose")


class Guard:
    """Turns errors into warnings, one for each kind of failure."""

    def __init__(self) -> None:
        self._warned: set[str] = set()

    @contextmanager
    def __call__(self, doing: str, when: str = "", unless: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Within it, an error is a warning, and the run goes on.

        Args:
            doing: What is done, such as "measuring gradients": of each, the first failure alone is told.
            when: More about the occasion, such as "after epoch 3".
            unless: Errors that are raised all the same: before training, a mistake in an argument is said at once.
        """
        try:
            yield
        except unless:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on
            if doing not in self._warned:
                self._warned.add(doing)
                _warn(f"{doing} {when}".rstrip(), error)


def _warn(doing: str, error: Exception) -> None:
    reason = (str(error).strip().splitlines() or [""])[0]
    text = (
        f"tb_diagnose: {doing} failed ({type(error).__name__}: {reason}). "
        "The run goes on; this part of the diagnosis will be missing."
    )
    try:
        warnings.warn(text, RuntimeWarning, stacklevel=5)
    except RuntimeWarning:
        # Warnings are errors in this program; those of tb_diagnose must not end its run.
        LOGGER.warning(text)
