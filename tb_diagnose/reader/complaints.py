"""What TensorBoard's reader says of broken files. It says so to its log alone, and reads on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

DAMAGED = "is damaged: what comes behind the damage was not read."


@contextmanager
def complaints() -> Iterator[list[str]]:
    """Within it, the list fills with sentences for the user, one a file."""
    sentences: list[str] = []
    log = logging.getLogger("tensorboard")

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if text.startswith("Truncated record") and "crc32 check" in text:
                path = text.removeprefix("Truncated record in ").partition(" (")[0]
                sentences.append(f"{path} {DAMAGED}")
            elif text.startswith(("Unable to", "Failed to")):
                sentences.append(f"{text}.")

    listener = Listener(logging.DEBUG)
    level, propagated = log.level, log.propagate
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(listener)
    try:
        yield sentences
    finally:
        log.removeHandler(listener)
        log.setLevel(level)
        log.propagate = propagated
