"""`optimizer.name = 'sgd' and learning_rate >= 0.01` -> a filter of pyarrow over the index.

A name is a column of the index, and otherwise a setting; `settings.status` is a setting of that name. `cause` is any
probable cause of a run.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

Value = str | float | bool
TOKEN = re.compile(
    r"""\s*(?:(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"[^"]+")
    |(?P<operator><=|>=|<>|!=|==|=|<|>|\(|\)|,)
    |(?P<name>[A-Za-z_][\w.\-/]*))""",
    re.VERBOSE,
)
WORDS = ("and", "or", "not", "in", "is", "null", "true", "false")
COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TEXTS = ("run", "logdir", "status", "where", "unit", "data", "model", "layers")
NUMBERS = ("since", "until", "epochs", "accuracy", "seconds", "lost_seconds")
HOURS = {"hours": "seconds", "lost_hours": "lost_seconds"}
CAUSE, UPDATED, SETTINGS = "cause", "updated", "settings."
EXPECTED = "Expected: such as \"status = 'stalled' and learning_rate >= 0.01\""


class WhereError(ValueError):
    """A filter cannot be understood; the message is one sentence for the user."""


def where(text: str) -> Any:
    """A filter.

    Args:
        text: Comparisons (`=`, `!=`, `<`, `<=`, `>`, `>=`, `in (...)`, `is null`) joined by `and`, `or`, `not` and
            parentheses.

    Returns:
        An expression of `pyarrow.compute`.

    Raises:
        WhereError: it cannot be understood.
    """
    parser = _Parser(text)
    made = parser.either()
    if parser.token is not None:
        raise parser.mistake()
    return made


class _Parser:
    """Takes a filter apart, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._at = 0
        self.token: tuple[str, str] | None = None
        self._next()

    def either(self) -> Any:
        made = self._both()
        while self._takes("or"):
            made = made | self._both()
        return made

    def _both(self) -> Any:
        made = self._one()
        while self._takes("and"):
            made = made & self._one()
        return made

    def _one(self) -> Any:
        if self._takes("not"):
            return ~self._one()
        if self._takes("("):
            made = self.either()
            self._needs(")")
            return made
        if self.token is None or self.token[0] != "name":
            raise self.mistake()
        name = self.token[1]
        self._next()
        if self._takes("is"):
            is_there = self._takes("not")
            self._needs("null")
            return _is_there(name) if is_there else ~_is_there(name)
        is_not = self._takes("not")
        if self._takes("in"):
            self._needs("(")
            made = _compared(name, "=", self._value())
            while self._takes(","):
                made = made | _compared(name, "=", self._value())
            self._needs(")")
            return ~made if is_not else made
        if is_not or self.token is None or self.token[1] not in COMPARISONS:
            raise self.mistake()
        comparison = self.token[1]
        self._next()
        return _compared(name, comparison, self._value())

    def _value(self) -> Value:
        if self.token is None or self.token[0] not in ("number", "text", "word"):
            raise self.mistake()
        kind, value = self.token
        if kind == "word" and value not in ("true", "false"):
            raise self.mistake()
        self._next()
        if kind == "word":
            return value == "true"
        return float(value) if kind == "number" else value

    def _takes(self, word: str) -> bool:
        if self.token is None or self.token[0] not in ("word", "operator") or self.token[1] != word:
            return False
        self._next()
        return True

    def _needs(self, word: str) -> None:
        if not self._takes(word):
            raise self.mistake()

    def _next(self) -> None:
        """Goes on to the next token: its kind, and what it says."""
        self._begin = self._at
        if not self._text[self._at :].strip():
            self.token = None
            return
        match = TOKEN.match(self._text, self._at)
        if match is None:
            raise self.mistake()
        self._at = match.end()
        kind, said = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "text":
            said = said[1:-1].replace("''", "'")
        elif kind == "quoted":
            kind, said = "name", said[1:-1]
        elif kind == "name" and said.lower() in WORDS:
            kind, said = "word", said.lower()
        self.token = kind, said

    def mistake(self) -> WhereError:
        rest = self._text[self._begin :].strip()
        where = f"at {rest!r}" if rest else "at its end"
        return WhereError(f"The filter {self._text!r} cannot be understood {where}. {EXPECTED}.")


def _compared(name: str, comparison: str, value: Value) -> Any:
    compare = COMPARISONS[comparison]
    if name == CAUSE:
        if comparison not in ("=", "==", "!=", "<>"):
            raise WhereError(f"`cause` can only be compared by = and !=. Received: {comparison!r}.")
        named = pc.match_substring(pc.field("cause_ids"), f" {value} ")
        return named if compare(1, 1) else ~named
    if name == UPDATED:
        return compare(pc.field(UPDATED), _moment(value))
    if name in HOURS:
        return compare(pc.field(HOURS[name]), _number(name, value) * 3600)
    if name in NUMBERS:
        return compare(pc.field(name), _number(name, value))
    if name in TEXTS:
        return compare(pc.field(name), str(value))
    setting = name.removeprefix(SETTINGS)
    if isinstance(value, bool):
        return compare(_setting("texts", setting), str(value).lower())
    return compare(_setting("texts" if isinstance(value, str) else "numbers", setting), value)


def _is_there(name: str) -> Any:
    if name == CAUSE:
        return pc.field(name).is_valid()
    if name in (UPDATED, *NUMBERS, *TEXTS, *HOURS):
        return pc.field(HOURS.get(name, name)).is_valid()
    setting = name.removeprefix(SETTINGS)
    return _setting("texts", setting).is_valid() | _setting("numbers", setting).is_valid()


def _setting(column: str, name: str) -> Any:
    return pc.map_lookup(pc.field(column), pa.scalar(name), "first")


def _number(name: str, value: Value) -> float:
    if isinstance(value, str):
        raise WhereError(f"`{name}` is a number. Received: {value!r}.")
    return float(value)


def _moment(value: Value) -> Any:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise WhereError(f"`updated` is compared with a date such as '2026-11-01'. Received: {value!r}.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return pa.scalar(round(moment.timestamp() * 1000), pa.timestamp("ms", "UTC"))
