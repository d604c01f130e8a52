"""Tracebacks without our frames: an error of the program looks as it does without logging."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from types import CodeType, TracebackType

FOLDER = os.path.dirname(os.path.abspath(__file__))


def hide_in_keras() -> None:
    """Keras leaves its own frames out of what its functions raise; ours among them are left out with them."""
    with suppress(ImportError, AttributeError, TypeError):
        from keras.src.utils import traceback_utils

        if FOLDER not in traceback_utils._EXCLUDED_PATHS:
            traceback_utils._EXCLUDED_PATHS = (*traceback_utils._EXCLUDED_PATHS, FOLDER)


def hide(code: CodeType) -> None:
    """Leaves the frames of a function out of what Python prints for an error that nobody catches.

    A program that prints errors in its own way goes on doing so.
    """
    if sys.excepthook is not sys.__excepthook__:
        return

    def excepthook(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        _strip(error, code)
        sys.__excepthook__(kind, error, error.__traceback__)

    sys.excepthook = excepthook


def _strip(error: BaseException, code: CodeType) -> None:
    seen: set[int] = set()
    errors = [error]
    while errors:
        each = errors.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = _without(each.__traceback__, code)
        errors += [other for other in (each.__cause__, each.__context__) if other is not None]


def _without(at: TracebackType | None, code: CodeType) -> TracebackType | None:
    while at is not None and at.tb_frame.f_code is code:
        at = at.tb_next
    if at is not None:
        at.tb_next = _without(at.tb_next, code)
    return at
