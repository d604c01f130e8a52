"""Numbers as people write them."""

from __future__ import annotations

import math

LARGEST_DIGITS = 1e7
"""From here on nobody counts digits: it is so many millions."""
WORDS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
UNREADABLE = 1e15
"""What is as large, as a loss that diverged is, is no number of anything: a power of ten."""


def number(value: float, digits: int = 3) -> str:
    """A number as a person writes it: 99,998, 53.4 million and 0.0052; 7e24 only where nothing else is readable."""
    if math.isnan(value):
        return "no number"
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    if value == 0:
        return "0"
    size = float(f"{abs(value):.{digits}g}")
    if 10**digits <= size < LARGEST_DIGITS:
        return f"{value:,.0f}"
    if LARGEST_DIGITS <= size < UNREADABLE:
        unit, word = next((unit, word) for unit, word in WORDS if size >= unit)
        return f"{number(value / unit, digits)} {word}"
    return _plain(value, digits)


def _plain(value: float, digits: int) -> str:
    """So many significant digits; exponents without what a computer puts before them."""
    mantissa, e, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def fixed(value: float, digits: int = 2) -> str:
    """A number with so many digits behind the point; what rounds to 0 has no sign."""
    return f"{value + 0.0 if round(value, digits) else 0.0:.{digits}f}"


def percent(share: float) -> str:
    """A share as a person writes it, small ones with the digits that they need: 12 %, 0 % and 0.065 %."""
    return f"{share:.0%}" if share >= 0.1 or share == 0 else f"{number(100 * share, 2)} %"


def times(ratio: float, what: str) -> str:
    """`1.3 times as often`, and `about as often` where that is no difference.

    Args:
        ratio: How many times.
        what: What is so: "often", "long".
    """
    shown = number(ratio, 2)
    return f"about as {what}" if shown == "1" else f"{shown} times as {what}"
