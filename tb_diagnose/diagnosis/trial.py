"""What each change brought when a copy was trained with it: the table of a trial, and what it says of each cause.

A trial is made by `tb_diagnose.trial`, and stands as the fact `trial` in the event file of the run that it is about.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tb_diagnose.evidence.number import fixed

CONTROL, PROVEN, LITTLE, NO_HELP, WORSE, NOT_TRIED = (
    "as it is",
    "proven",
    "helps a little",
    "does not help",
    "makes it worse",
    "not tried",
)
WORTHWHILE = 0.05
"""Skill that a change must bring to be worth making: what `demo.matrix` counts as harm, read the other way round."""
ENOUGH = 0.9
"""Skill of the control from which it leaves too little to gain for a change to show that it does not help."""


@dataclass(frozen=True)
class Row:
    """One change, trained from several seeds.

    Args:
        causes: Ids of the causes whose edits were made; none for the control.
        titles: Their titles.
        changes: What was changed, a phrase each.
        verdict: "as it is" for the control, else "proven", "helps a little", "does not help", "makes it worse" or
            "not tried".
        values: The measure on the samples that were kept aside, of each seed.
        skills: The same from 0 (the best constant answer) to 1 (a perfect one).
        epochs: Epochs that it was trained for.
        gain: Skill above the control's, the mean over the seeds; None where it was not tried.
        chance: Probability that chance alone gives such a difference, corrected for the number of rows, and for a
            second look where nothing is proven by the first; None where it is not known.
        reason: Why it was not tried, or what of the fix was not; one sentence.
        curve_epochs: Epochs after which the measure was taken while it was trained; empty in trials of versions that
            did not.
        curve_values: The measure after each of them on at most 500 of the samples, the last one on all; the mean over
            the seeds. None where it is not finite.
    """

    causes: tuple[str, ...]
    titles: tuple[str, ...]
    changes: tuple[str, ...]
    verdict: str
    values: tuple[float, ...] = ()
    skills: tuple[float, ...] = ()
    epochs: int = 0
    gain: float | None = None
    chance: float | None = None
    reason: str = ""
    curve_epochs: tuple[int, ...] = ()
    curve_values: tuple[float | None, ...] = ()

    @property
    def value(self) -> float:
        """Mean of the measure over the seeds; NaN where it was not tried."""
        return _mean(self.values)

    @property
    def doubt(self) -> str:
        """Why a gain that would be worthwhile is not proven; "" of all other rows."""
        if self.verdict != LITTLE or self.gain is None or self.gain < WORTHWHILE:
            return ""
        if self.chance is None:
            return "more than a little, but one seed cannot tell it from chance"
        return f"more than a little, but with a probability of {self.chance:.2g} by chance alone"

    @property
    def remark(self) -> str:
        """What stands beside the verdict: why it was not tried, or not all of it, or why a gain is not proven."""
        return self.reason or self.doubt

    @property
    def skill(self) -> float:
        """Mean of the skill over the seeds; NaN where it was not tried."""
        return _mean(self.skills)

    @property
    def measured(self) -> str:
        """The measure and its standard deviation over the seeds, `0.998 ± 0.001`; "" where it was not tried."""
        if len(self.values) < 2 or not math.isfinite(self.value):
            return shown(self.value) if self.values else ""
        deviation = math.sqrt(sum((each - self.value) ** 2 for each in self.values) / (len(self.values) - 1))
        return f"{shown(self.value)} ± {deviation:.{3 if 0 < round(deviation, 3) < 0.01 else 2}f}"

    @property
    def called(self) -> str:
        """What a table calls it: the titles of its causes."""
        return " + ".join(self.titles) or "As it is"


@dataclass(frozen=True)
class Trial:
    """What each change brings to one run.

    Args:
        rows: The control first, then each change in the order in which it was planned.
        measure: What was measured: "accuracy", "mean recall of the classes" or "explained variance".
        samples: Samples that it was measured on.
        kept_aside: Whether these are training samples that were kept aside, as no validation samples were given.
        epochs: Epochs that the control was trained for.
        planned_epochs: Epochs of the run itself.
        seconds: What the trial took.
        budget: What it might have taken.
        stopped: Why trials are missing: "interrupted", "budget" or "" where none is.
        trained_on: Samples that each was trained on; 0 in trials of versions that did not say it.
        training_samples: Samples that there were to train on.
        of_first_epoch: Whether these are batches of the run's first epoch, as far as they were kept: what came later is
            not seen.
    """

    rows: tuple[Row, ...]
    measure: str = "accuracy"
    samples: int = 0
    kept_aside: bool = False
    epochs: int = 0
    planned_epochs: int = 0
    seconds: float = 0.0
    budget: float = 0.0
    stopped: str = ""
    trained_on: int = 0
    training_samples: int = 0
    of_first_epoch: bool = False

    @property
    def control(self) -> Row | None:
        """The run as it is, or why it raises; None where it was not tried."""
        return next((row for row in self.rows if not row.causes and (row.values or row.reason)), None)

    @property
    def winner(self) -> Row | None:
        """The proven row that brings most, or one of fewer causes that brings about as much; None where none is."""
        proven = [row for row in self.rows if row.verdict == PROVEN]
        if not proven:
            return None
        best = max(row.skill for row in proven)
        near = [row for row in proven if row.skill > best - WORTHWHILE]
        return min(near, key=lambda row: (len(row.causes), -row.skill))

    @property
    def taken_back(self) -> tuple[str, ...]:
        """Ids of the causes whose change was trained for as long as the run, and does not help, alone or with others.

        Nothing is taken back where the control itself does well: then there is nothing to gain. Nor is a change that
        was trained from one seed alone, that is not the whole fix, or of which a joined change is still to be tried: it
        may need the other one.
        """
        control, winner = self.control, self.winner
        shortened = self.epochs < self.planned_epochs or self.trained_on < self.training_samples
        if control is None or not control.skill < ENOUGH or shortened or self.of_first_epoch:
            return ()
        kept = set(winner.causes) if winner is not None else set()
        for row in self.rows:
            if len(row.causes) > 1 and row.verdict == NOT_TRIED:
                kept |= set(row.causes)
        alone = [row for row in self.rows if len(row.causes) == 1 and not row.reason]
        refuted = [row for row in alone if row.verdict in (NO_HELP, WORSE)]
        return tuple(row.causes[0] for row in refuted if len(row.values) > 1 and not kept & set(row.causes))

    def as_fact(self) -> dict[str, Any]:
        """The trial in a form that JSON can hold; what is not finite is None."""
        found: dict[str, Any] = _finite(dataclasses.asdict(self))
        return found

    def headline(self) -> str:
        """One sentence for the headline of the run; "" where nothing is proven."""
        control, winner = self.control, self.winner
        if control is None or winner is None:
            return ""
        as_it_is = "it raises an error as it is" if control.reason else f"{shown(control.value)} as it is"
        return (
            f"Proven: with {_listed(winner.changes)} {self.measure} is {shown(winner.value)} after "
            f"{_counted(winner.epochs, 'epoch')} ({as_it_is})."
        )

    def in_short(self) -> str:
        """What it has shown, one sentence."""
        return self.headline() or "A trial was made, and no change is proven to help."

    def about(self, cause: str) -> str | None:
        """What the trial says of one cause, a sentence; None where it has nothing of it."""
        alone = next((row for row in self.rows if row.causes == (cause,)), None)
        control, winner = self.control, self.winner
        if alone is not None and alone.verdict == NOT_TRIED:
            return f"Not tried: {alone.reason}"
        if alone is None or control is None:
            return None
        before = "an error" if control.reason else shown(control.value)
        figures = f"{self.measure} {before} -> {shown(alone.value)}"
        if winner is not None and cause in winner.causes and len(winner.causes) > 1:
            pairs = zip(winner.causes, winner.titles, strict=True)
            others = _listed([f'"{title}"' for id_, title in pairs if id_ != cause])
            return (
                f"Proven together with the change of {others}: {self.measure} {before} -> {shown(winner.value)}; "
                f"alone {shown(alone.value)}."
            )
        if alone.verdict == PROVEN:
            return f"Proven: {figures}."
        outcome = f"{'Taken back' if cause in self.taken_back else 'Tried'}: its change {alone.verdict}, {figures}."
        return f"{outcome} {alone.reason}".rstrip()

    def sentence(self) -> str:
        """How it was measured, under the table; "" where nothing was."""
        if not any(row.values for row in self.rows):
            return ""
        whose = "training samples that were kept aside" if self.kept_aside else "validation samples"
        counts = [len(row.values) for row in self.rows if row.values]
        text = (
            f"{self.measure[:1].upper()}{self.measure[1:]} on {self.samples:,} {whose}: mean and standard deviation of "
            f"{_seeds(counts)}, {_counted(self.epochs, 'epoch')} each. Proven: the skill is higher by "
            f"{WORTHWHILE} or more, and by more than chance allows (t-test, paired by seed and sample; 5 % for all "
            "rows together, by Holm). Helps a little: by less than either."
        )
        if max(counts) < 2:
            text += " From one seed nothing is proven."
        if self.epochs < self.planned_epochs:
            text += f" The run itself has {self.planned_epochs:,} epochs: what needs more than was trained is not seen."
        if self.trained_on < self.training_samples:
            text += f" Each was trained on {self.trained_on:,} of {self.training_samples:,} samples, drawn by chance."
        if self.of_first_epoch:
            text += " They are batches of the run's first epoch, as far as they were kept: what came later is not seen."
        if self.stopped == "interrupted":
            text += " It was interrupted: rows may have fewer seeds."
        if self.stopped == "budget":
            text += f" The budget of {self.budget:.0f} s was not enough for all of it."
        return text

    def __str__(self) -> str:
        from tb_diagnose.report.trial_table import text

        return text(self)


def from_fact(fact: Mapping[str, Any] | None) -> Trial | None:
    """The trial as it was written; None where there is none, or one that this version cannot read."""
    try:
        given = dict(fact or {})
        rows = tuple(_row(row) for row in given.pop("rows"))
        known = {field.name for field in dataclasses.fields(Trial)}
        return Trial(rows, **{name: value for name, value in given.items() if name in known})
    except (KeyError, TypeError, AttributeError):
        return None


def _row(given: Mapping[str, Any]) -> Row:
    known = {field.name for field in dataclasses.fields(Row)}
    values: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in given.items() if name in known
    }
    for name in ("values", "skills"):
        values[name] = tuple(math.nan if v is None else float(v) for v in values.get(name, ()))
    return Row(**values)


def shown(value: float) -> str:
    """A measure as a person writes it: 0.50, and 0.998 where it is near 1."""
    if not math.isfinite(value):
        return "not a number"
    return fixed(value, 3 if 0.95 < value < 1 else 2)


def _listed(parts: Sequence[str]) -> str:
    """`a`, `b` and `c`."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def _seeds(counts: Sequence[int]) -> str:
    """`3 seeds`, or `3 to 6 seeds` where rows differ."""
    least, most = min(counts), max(counts)
    return _counted(most, "seed") if least == most else f"{least:,} to {most:,} seeds"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else math.nan


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
