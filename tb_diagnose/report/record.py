"""How often each cause was named first in the project's own test runs, and how often that was right.

The figures are those of the last whole run of the matrix, which writes them: `python -m demo.matrix --readme`.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

RECORD = Path(__file__).parent / "record.json"


def record(id_: str) -> dict[str, int] | None:
    """`{"named": times named first, "right": times that was right}`; None for a cause that was not measured.

    Args:
        id_: Id of the cause.
    """
    return _records().get(id_)


@lru_cache(maxsize=1)
def _records() -> dict[str, Any]:
    if not RECORD.is_file():
        return {}
    measured: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return measured
