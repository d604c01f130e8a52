"""The settings in which the runs of a sweep differ, each one once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

ENOUGH = 6
"""Runs from which a setting can be tested: of fewer, chance puts any two groups in order."""
LAYER = "layers."
ABSENT = -1
CLOSE = 1e-5
"""Share by which a number may differ when it comes from an event file: these hold float32."""


@dataclass(frozen=True)
class Column:
    """A setting of all runs.

    Args:
        name: The setting.
        values: Its different values, in their order.
        codes: Which of them each run has, `ABSENT` where it has none, shape `(run,)`.
        is_number: Whether all of them are numbers.
        together_with: Settings that change in the same runs, and may be what matters as well.
    """

    name: str
    values: tuple[Any, ...]
    codes: np.ndarray
    is_number: bool
    together_with: tuple[str, ...] = ()

    @property
    def known(self) -> np.ndarray:
        """The runs that have the setting, shape `(run,)`."""
        known: np.ndarray = self.codes != ABSENT
        return known

    @property
    def repeats(self) -> bool:
        """Whether its values come again, at least twice on average: otherwise they may be names of the runs."""
        return 2 * len(self.values) <= int(self.known.sum())

    def among(self, runs: np.ndarray) -> Column:
        """The same of some of the runs only.

        Args:
            runs: Which ones, shape `(run,)`.
        """
        codes = self.codes[runs]
        left = np.unique(codes[codes != ABSENT])
        recoded = np.where(codes == ABSENT, ABSENT, np.searchsorted(left, codes))
        return replace(self, values=tuple(self.values[code] for code in left), codes=recoded)

    def of(self, run: int) -> Any:
        """What it is in one run, None where it is not there."""
        return None if self.codes[run] == ABSENT else self.values[self.codes[run]]


def differing(runs: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The settings that differ, those that the user named for the HParams tab first.

    A setting that some runs lack, because another one differs, is compared among those that have it. Of settings that
    say the same of the runs, and of those that follow from another one, only the first is there.

    Args:
        runs: Settings of each run by name.
    """
    runs = _with_the_same_layers(runs)
    names = dict.fromkeys(name for settings in runs for name in settings if not _is_class(name))
    columns = [column for name in names if (column := _column(name, runs)) is not None]
    kept: list[list[Column]] = []  # those of one list part the runs alike
    for column in sorted(columns, key=lambda each: _rank(each.name)):
        if any(_brings(other.name, column.name) and _follows(column, other) for other, *_ in kept):
            continue
        alike = next((others for others in kept if _alike(column, others[0])), None)
        if alike is None:
            kept.append([column])
        elif not any(_have_equal_values(column, other) for other in alike):
            alike.append(column)
    return [replace(first, together_with=tuple(other.name for other in others)) for first, *others in kept]


def _with_the_same_layers(runs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The runs, with their layers one by one only where these are of the commonest classes.

    The third layer of one model is something else than the third layer of another.
    """

    def classes(settings: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(value for name, value in settings.items() if _is_class(name))

    counts = Counter(filter(None, map(classes, runs)))
    if len(counts) < 2:
        return list(runs)
    commonest = counts.most_common(1)[0][0]
    return [
        settings
        if classes(settings) == commonest
        else {name: value for name, value in settings.items() if not name.startswith(LAYER)}
        for settings in runs
    ]


def _is_class(name: str) -> bool:
    return name.startswith(LAYER) and name.endswith(".class")


def _column(name: str, runs: Sequence[Mapping[str, Any]]) -> Column | None:
    """A setting; None where it does not differ, or too few runs have it."""
    present = [settings[name] for settings in runs if name in settings]
    kinds = {_key(value): value for value in present}
    if len(kinds) < 2 or (len(present) < ENOUGH and 2 * len(present) < len(runs)):
        return None
    is_number = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in present)
    order = sorted(kinds, key=lambda key: kinds[key] if is_number else _natural(kinds[key]))
    place = {key: at for at, key in enumerate(order)}
    codes = [place[_key(settings[name])] if name in settings else ABSENT for settings in runs]
    return Column(name, tuple(kinds[key] for key in order), np.array(codes), is_number)


def _key(value: Any) -> tuple[bool, Any]:
    return isinstance(value, bool), value  # 1 and True are the same key otherwise


def _natural(value: Any) -> tuple[int, float, str]:
    """Order of values that are not all numbers: the numbers first."""
    return (0, value, "") if isinstance(value, (int, float)) else (1, 0.0, str(value))


def _rank(name: str) -> int:
    """What was named by the user comes first, then what holds for the whole run, then parts of it."""
    if name.startswith("hparams."):
        return 0
    if name.startswith(LAYER):
        return 3
    whole = name.endswith(".name") or not name.startswith(("optimizer.", "loss_function.", "layer_"))
    return 1 if whole else 2


def _brings(one: str, other: str) -> bool:
    """Whether one setting may bring another: what the user named all that was built from it, an optimizer its own."""
    part, _, rest = one.partition(".")
    return (part == "hparams" and not other.startswith("hparams.")) or (rest == "name" and other.startswith(f"{part}."))


def _follows(one: Column, other: Column) -> bool:
    """Whether each value of the other brings one value of this one."""
    if not other.known[one.known].all():
        return False
    if not other.repeats:
        return _alike(one, other)
    pairs = _pairs(one, other)
    return len(set(pairs[1].tolist())) == len(pairs[1])


def _alike(one: Column, other: Column) -> bool:
    """Whether two settings part the runs alike; those with a value of its own for each, in the same order too."""
    if len(one.values) != len(other.values) or not np.array_equal(one.known, other.known):
        return False
    pairs = _pairs(one, other)
    if pairs.shape[1] != len(one.values):
        return False
    return one.repeats or bool((np.diff(pairs[1]) > 0).all() or (np.diff(pairs[1]) < 0).all())


def _pairs(one: Column, other: Column) -> np.ndarray:
    """The pairs of codes that occur, shape `(2, pair)`, sorted by the first."""
    pairs: np.ndarray = np.unique(np.stack([one.codes, other.codes])[:, one.known], axis=1)
    return pairs


def _have_equal_values(one: Column, other: Column) -> bool:
    return all(
        bool(np.isclose(first, second, rtol=CLOSE)) if one.is_number and other.is_number else first == second
        for first, second in zip(one.values, other.values, strict=True)
    )
