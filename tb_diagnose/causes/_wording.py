"""Counts and lists of names as sentences say them."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMES = 4
"""Names that a sentence lists; of more, the first three are."""


def plural(count: int, noun: str, ending: str = "s") -> str:
    """`1 unit`, `2 units`; `2 classes` with the ending `es`."""
    return f"{count:,} {noun}{'' if count == 1 else ending}"


def listed(names: Sequence[str]) -> str:
    """`a, b` or `a, b, c and 5 more`."""
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMES - 1])} and {len(names) - MOST_NAMES + 1} more"


def capitalized(sentence: str) -> str:
    """The sentence with its first letter in upper case, the others as they are."""
    return sentence[:1].upper() + sentence[1:]
