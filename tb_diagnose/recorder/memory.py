"""How much memory is free, and how much of it samples that are kept may take."""

from __future__ import annotations

import os
from contextlib import suppress

KEPT_BYTES = 32 * 2**20
"""Samples that are kept of batches: with what is measured on them, a run takes some 100 MB more."""
FEWEST_SAMPLES = 1000
"""Samples that are kept all the same, where each is large: what simple methods are tried on, and the probe batch."""
MOST_BYTES = 320 * 2**20
"""Bytes that these may take."""
FREE_SHARE = 1 / 8
"""Share of the free memory that samples may take, where that is less."""


def may_keep(samples: int, size: int) -> bool:
    """Whether so many samples may be kept, of batches that come one after the other.

    Args:
        samples: Samples, those of the next batch among them.
        size: Bytes that they take.
    """
    most = MOST_BYTES if samples <= FEWEST_SAMPLES else KEPT_BYTES
    return size <= min(most, available() * FREE_SHARE)


def available() -> float:
    """Bytes that this machine could still give; infinite where it does not say."""
    with suppress(OSError, ValueError, IndexError):
        with open("/proc/meminfo", encoding="ascii") as file:
            line = next((line for line in file if line.startswith("MemAvailable:")), "")
        return int(line.split()[1]) * 1024
    with suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return float("inf")
