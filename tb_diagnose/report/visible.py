"""Characters that act instead of being seen: names and values come from files that anybody may have written."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
PICTURES = 0x2400
"""U+2400 and those behind it show what a control character is: ␛ for ESC."""
_DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Marks that turn the text behind them around."""
_ACTING = (
    dict.fromkeys((*range(0x80, 0xA0), *_DIRECTIONS, 0x2028, 0x2029, *range(0xD800, 0xE000)), UNKNOWN)
    | {code: chr(PICTURES + code) for code in range(0x20) if chr(code) not in "\n\t"}
    | {0x7F: "\N{SYMBOL FOR DELETE}"}
)


def visible(text: str) -> str:
    """Text in which nothing moves a cursor, rings, turns the direction or is no text; line feeds and tabs are left.

    Each such character is another one, so that places in the text stay what they are.
    """
    return text if text.isprintable() else text.translate(_ACTING)


def escaped_json(text: str) -> str:
    """JSON with the same characters as `\\u009b`: what reads it gets what was written."""
    if text.isprintable():
        return text
    return text.translate({code: f"\\u{code:04x}" for code in _ACTING})


class Terminal(Console):
    """A console on which everything that is printed is `visible`; styles are its own."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)
