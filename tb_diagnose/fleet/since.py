"""`7d`, `2w`, `12h` or a date -> a wall time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

AGO = re.compile(r"(\d+)\s*([hdw])")
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def since(text: str, now: datetime) -> datetime:
    """The moment that is meant.

    Args:
        text: Hours, days or weeks ago, or a date.
        now: The present moment.

    Raises:
        ValueError: it is neither; the message is a sentence.
    """
    ago = AGO.fullmatch(text.strip())
    if ago:
        return now - int(ago[1]) * UNITS[ago[2]]
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"`--since` takes 12h, 7d, 2w or a date such as 2026-11-01. Received: {text!r}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
