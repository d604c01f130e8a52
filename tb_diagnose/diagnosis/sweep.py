"""The runs of a sweep ranked by the score that they have reached, and which settings tell the scores apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.diagnosis.chosen import chosen
from tb_diagnose.diagnosis.differing import Column, differing
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.diagnosis.score import LOSSES, Score, scores, shared
from tb_diagnose.diagnosis.separation import Told, division, told
from tb_diagnose.status.status import STATUSES


@dataclass(frozen=True)
class SweepRun:
    """What a sweep takes from a run.

    Args:
        run: Its name.
        status: Its status.
        cause: `id` and `title` of the first probable cause, None without any.
        settings: What was set, by name.
        scores: What it has reached.
    """

    run: str
    status: str
    cause: Mapping[str, str] | None
    settings: Mapping[str, Any]
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Part:
    """The runs with one value of a setting, or with values of one stretch.

    Args:
        value: The value, or the smallest one.
        to: The largest one of a stretch, None for a single value.
        runs: How many runs have it.
        best: The best score, None without any.
        median: The median score.
        scores: All scores, the best first.
    """

    value: Any
    to: Any
    runs: int
    best: float | None
    median: float | None
    scores: tuple[float, ...]


@dataclass(frozen=True)
class Setting:
    """A setting that differs.

    Args:
        name: Its name.
        together_with: Other settings that change in the same runs.
        explains: Share of the differences between the scores that it accounts for, None where it was not tested.
        separates: Whether that is more than chance would give; None where too few runs have it, or each has its own.
        parts: By value; empty where each run has its own and they have no order.
    """

    name: str
    together_with: tuple[str, ...]
    explains: float | None
    separates: bool | None
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class RankedRun:
    """A run in its place.

    Args:
        run: Its name.
        score: The score, None where it has none of the kind.
        status: Its status.
        cause: `id` and `title` of the first probable cause.
        settings: Its values of the settings, in their order; None where it lacks one.
    """

    run: str
    score: float | None
    status: str
    cause: Mapping[str, str] | None
    settings: tuple[Any, ...]


@dataclass(frozen=True)
class Sweep:
    """Runs that differ in their settings.

    Args:
        score: What the runs are ranked by, None where they have no score in common.
        higher_is_better: Whether the best score is the largest.
        settings: What differs, what tells the scores apart first; empty where nothing that was set is known to differ.
        runs: The best first, those without a score last.
        are_settings_known: Whether anything that was set is known of any run.
    """

    score: str | None
    higher_is_better: bool
    settings: tuple[Setting, ...]
    runs: tuple[RankedRun, ...]
    are_settings_known: bool

    @property
    def separating(self) -> list[Setting]:
        """The settings that tell the scores apart."""
        return [setting for setting in self.settings if setting.separates]


def sweep_run(diagnosis: Diagnosis, name: str | None = None) -> SweepRun:
    """What a sweep takes from a run.

    Args:
        diagnosis: The run.
        name: Another name for it.
    """
    first = diagnosis.probable_causes[0].cause if diagnosis.probable_causes else None
    return SweepRun(
        name or diagnosis.run,
        diagnosis.status.name,
        None if first is None else {"id": first.id, "title": first.title},
        chosen(diagnosis.evidence),
        scores(diagnosis),
    )


def sweep(runs: Sequence[SweepRun]) -> Sweep:
    """Ranks runs, and looks for what separates them among what was set."""
    score = shared([run.scores for run in runs])
    values = [_value(run, score) for run in runs]
    columns = differing([run.settings for run in runs])
    answers = _told(columns, values)
    order = sorted(range(len(columns)), key=lambda at: _importance(columns[at], answers[at]))
    sign = -1 if score is None or score.kind not in LOSSES else 1

    def place(at: int) -> tuple[float, int, str]:
        value = values[at]
        return math.inf if value is None else sign * value, -STATUSES.index(runs[at].status), runs[at].run

    return Sweep(
        None if score is None else score.name,
        sign < 0,
        tuple(_setting(columns[at], answers[at], values, sign) for at in order),
        tuple(
            RankedRun(
                runs[at].run,
                values[at],
                runs[at].status,
                runs[at].cause,
                tuple(columns[each].of(at) for each in order),
            )
            for at in sorted(range(len(runs)), key=lambda at: (values[at] is None, place(at)))
        ),
        any(run.settings for run in runs),
    )


def _value(run: SweepRun, score: Score | None) -> float | None:
    """A run's own score of that kind."""
    if score is None:
        return None
    return next((each.value for each in run.scores if (each.kind, each.of) == (score.kind, score.of)), None)


def _told(columns: Sequence[Column], values: Sequence[float | None]) -> list[Told | None]:
    """What each setting tells of the scores, of the runs that have one."""
    scored = np.array([value is not None for value in values], bool)
    if not scored.any():
        return [None] * len(columns)
    reached = np.array([value for value in values if value is not None], float)
    return told([column.among(scored) for column in columns], reached)


def _importance(column: Column, answer: Told | None) -> tuple[bool, bool, float]:
    """Sorts what tells the scores apart first, and what may be a mere name of each run last."""
    if answer is None:
        return True, not (column.repeats or column.is_number), 0.0
    return not answer.separates, False, -answer.explains


def _setting(column: Column, answer: Told | None, values: Sequence[float | None], sign: int) -> Setting:
    return Setting(
        column.name,
        column.together_with,
        None if answer is None else answer.explains,
        None if answer is None else answer.separates,
        tuple(_parts(column, values, sign)),
    )


def _parts(column: Column, values: Sequence[float | None], sign: int) -> list[Part]:
    divided = division(column)
    if int(divided.members.sum(axis=1).max()) < 2:
        return []
    parts = []
    for members, first, last in zip(divided.members, divided.first, divided.last, strict=True):
        reached = sorted(
            (value for at in np.flatnonzero(members).tolist() if (value := values[at]) is not None),
            key=lambda v: sign * v,
        )
        parts.append(
            Part(
                column.values[first],
                None if last == first else column.values[last],
                int(members.sum()),
                reached[0] if reached else None,
                float(np.median(reached)) if reached else None,
                tuple(reached),
            )
        )
    return parts
