"""Numbers as people write them."""

from __future__ import annotations

import math


def number(value: float, digits: int = 3) -> str:
    """A number as a person writes it: 99,998 and 0.0052, powers of ten only where nothing else is readable."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    if 1000 <= float(f"{abs(value):.{digits}g}") < 1e7:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"
