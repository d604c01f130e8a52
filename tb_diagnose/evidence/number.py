"""Numbers as people write them."""

from __future__ import annotations

import math


def number(value: float, digits: int = 3) -> str:
    """A number as a person writes it: 99,998 and 0.0052, powers of ten only where nothing else is readable."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    if 10**digits <= float(f"{abs(value):.{digits}g}") < 1e7:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def fixed(value: float, digits: int = 2) -> str:
    """A number with so many digits behind the point; what rounds to 0 has no sign."""
    return f"{value + 0.0 if round(value, digits) else 0.0:.{digits}f}"


def times(ratio: float, what: str) -> str:
    """`1.3 times as often`, and `about as often` where that is no difference.

    Args:
        ratio: How many times.
        what: What is so: "often", "long".
    """
    shown = number(ratio, 2)
    return f"about as {what}" if shown == "1" else f"{shown} times as {what}"
