"""How sure a measurement beyond its limit makes."""

from __future__ import annotations

JUST_BEYOND, WELL_BEYOND = 0.5, 0.9
"""Certainty at the healthy limit and at the ruinous one."""


def certainty(excess: float) -> float:
    """Certainty of a measurement by its distance from the limit.

    Args:
        excess: Its `degree`: 0 at the healthy limit, 1 at the ruinous one.
    """
    return JUST_BEYOND + (WELL_BEYOND - JUST_BEYOND) * excess
