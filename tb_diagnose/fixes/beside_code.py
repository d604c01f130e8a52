"""A fix in words, beside the lines that change: what these lines say is not said twice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tb_diagnose.fixes.line import Line

CODE = r"`([^`]+)`"
SHOWN = re.compile(rf"(^|:? ?){CODE}(?: -> {CODE})?(?=[.,;]|$)")
"""Code that a sentence ends with, or a part of it, behind a colon; or that it begins with."""


def beside_code(fix: str, lines: Sequence[Line]) -> str:
    """The fix without the code that the lines show; empty where they say all of it.

    Args:
        fix: What to change, with code between backticks.
        lines: Old and new lines of the program.
    """
    code = "\n".join(str(line[side]) for line in lines for side in ("old", "new") if line[side])

    def kept(match: re.Match[str]) -> str:
        before, *parts = match.groups()
        told = [piece.strip() for part in parts if part for piece in part.split("; ")]
        return "" if before in ("", ": ") and told and all(piece in code for piece in told) else match[0]

    short = SHOWN.sub(kept, fix)
    return "" if not re.search(r"\w", short) else short
