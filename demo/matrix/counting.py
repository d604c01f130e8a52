"""Outcomes and verdicts -> counts: what was named, where it should have been and where it should not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.matrix import HELD_ASIDE_SETUPS, harm, plan
from demo.matrix.judging import Verdict
from demo.matrix.plan import Job

PLACES = ("first", "probable", "note", "missed")
"""Where the injected fault was named: first, among the other probable causes, as a note or in a chain, or nowhere."""
LOST = (0.1, 0.2, 0.3)
"""Bounds of the skill lost on the validation samples, by which harm is grouped: less than a tenth is mild."""
PARTS = ("seen", "seeds held aside", "setup held aside")


@dataclass(frozen=True)
class Case:
    """One run that was judged.

    Args:
        job: What was trained.
        outcome: How it ended.
        verdict: The diagnosis.
        harmful: Whether the fault did harm; False for what is healthy.
        twin_score: Mean skill of its healthy twins, None without any.
    """

    job: Job
    outcome: Mapping[str, Any]
    verdict: Verdict
    harmful: bool
    twin_score: float | None = None

    @property
    def place(self) -> str:
        """Where the fault was named; of two faults, the better place."""
        verdict = self.verdict
        named = verdict.named
        mentioned = {*(id_ for id_, _ in verdict.notes), *verdict.chain}
        if named and named[0] in self.job.faults:
            return "first"
        if set(named) & set(self.job.faults):
            return "probable"
        return "note" if mentioned & set(self.job.faults) else "missed"

    @property
    def right(self) -> bool:
        """Of two faults, both are probable causes, or the first one named is one of them and masks the other."""
        named = self.verdict.named
        return bool(named) and (named[0] in self.job.faults or set(self.job.faults) <= set(named))

    @property
    def lost(self) -> float:
        """Skill on the validation samples below that of the twins; infinite where there is none."""
        score = self.outcome.get("score")
        return float("inf") if score is None or self.twin_score is None else self.twin_score - score

    @property
    def false_alarm(self) -> bool:
        return not self.harmful and bool(self.verdict.probable)

    @property
    def part(self) -> str:
        if not self.job.held_aside:
            return PARTS[0]
        return PARTS[2] if self.job.setup in HELD_ASIDE_SETUPS else PARTS[1]


@dataclass
class Tally:
    """Counts over some runs; `harmful` is the sum of the four places."""

    harmful: int = 0
    first: int = 0
    probable: int = 0
    note: int = 0
    missed: int = 0
    harmless: int = 0
    alarms: int = 0
    instead: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case) -> None:
        if not case.harmful:
            self.harmless += 1
            self.alarms += case.false_alarm
            return
        self.harmful += 1
        setattr(self, case.place, getattr(self, case.place) + 1)
        if case.place != "first":
            self.instead[case.verdict.named[0] if case.verdict.named else f"nothing ({case.verdict.status})"] += 1

    @property
    def among(self) -> int:
        """Named among the probable causes, first or not."""
        return self.first + self.probable


@dataclass
class Counts:
    """All that is counted."""

    parts: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in PARTS})
    causes: dict[str, dict[str, Tally]] = field(default_factory=dict)
    cells: dict[str, dict[str, dict[str, Tally]]] = field(default_factory=dict)
    programs: dict[str, Tally] = field(default_factory=dict)
    twins: Tally = field(default_factory=Tally)
    pairs: dict[str, list[int]] = field(default_factory=dict)
    by_loss: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in (*LOST, None)])
    """Harmful runs of a single fault and those named first, by `LOST`: below the first bound, and from each on."""
    named: list[int] = field(default_factory=lambda: [0, 0])
    """Harmful runs of a single fault for which any cause was named, and those where it was the right one first."""
    records: dict[str, list[int]] = field(default_factory=dict)
    """By cause: the runs for which it was named first, and those where it was injected and did harm."""
    mechanisms: int = 0
    """Harmful runs in which a mechanism was called a probable cause although its root was injected."""


def cases(
    outcomes: Mapping[Job, Mapping[str, Any]], verdicts: Mapping[Job, Verdict]
) -> tuple[list[Case], list[tuple[Job, str]]]:
    """What can be counted, and what was left out and why.

    Args:
        outcomes: Of the runs and their twins; those without a run (not applicable) are passed over.
        verdicts: Of all of them.
    """
    twins: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for job, outcome in outcomes.items():
        if job.fault == plan.TWIN and "broken" not in outcome and outcome["score"] is not None:
            twins[job.setup].append(outcome)
    counted: list[Case] = []
    left_out: list[tuple[Job, str]] = []
    for job, outcome in outcomes.items():
        if "not_applicable" in outcome:
            continue
        own_twins = twins[job.setup]
        mean = sum(twin["score"] for twin in own_twins) / len(own_twins) if own_twins else None
        if "broken" in outcome:
            left_out.append((job, outcome["broken"]))
        elif not job.faults:
            reason = _unhealthy(job, outcome, mean)
            if reason:
                left_out.append((job, reason))
            else:
                counted.append(Case(job, outcome, verdicts[job], False, mean))
        elif not own_twins:
            left_out.append((job, "no healthy twin was trained"))
        else:
            harmful = harm.harmful(outcome, own_twins)
            counted.append(Case(job, outcome, verdicts[job], harmful, mean))
    return counted, left_out


def _unhealthy(job: Job, outcome: Mapping[str, Any], reference: float | None) -> str | None:
    """Why a program is no healthy one, None where it is."""
    from demo import healthy

    if outcome["error"] is not None:
        return f"raised {outcome['error']}"
    if job.fault == plan.TWIN:
        return None
    reference = healthy.PROGRAMS[job.level].reference or reference
    if reference is None:
        return "no healthy twin was trained"
    if outcome["score"] is None or outcome["score"] < healthy.TENTHS * reference:
        reached = "nothing" if outcome["score"] is None else f"{outcome['score']:.3f}"
        return f"reaches {reached}, less than nine tenths of {reference:.3f}"
    return None


def count(judged: Iterable[Case]) -> Counts:
    """The counts over these cases."""
    counts = Counts()
    for case in judged:
        job = case.job
        for first in case.verdict.named[:1]:
            record = counts.records.setdefault(first, [0, 0])
            record[0] += 1
            record[1] += case.harmful and first in job.faults
        if len(job.faults) > 1:
            pair = counts.pairs.setdefault(job.fault, [0, 0])
            if case.harmful:
                pair[0] += 1
                pair[1] += case.right
            continue
        counts.parts[case.part].add(case)
        if job.fault == plan.ON_PURPOSE:
            counts.programs.setdefault(job.level, Tally()).add(case)
        elif job.fault == plan.TWIN:
            counts.twins.add(case)
        else:
            by_part = counts.causes.setdefault(job.fault, {name: Tally() for name in PARTS})
            by_part[case.part].add(case)
            cell = counts.cells.setdefault(job.fault, {}).setdefault(job.level, {})
            cell.setdefault(job.setup, Tally()).add(case)
            if case.harmful:
                place = counts.by_loss[sum(case.lost >= bound for bound in LOST)]
                for numbers in (place, counts.named) if case.verdict.named else (place,):
                    numbers[0] += 1
                    numbers[1] += case.place == "first"
            counts.mechanisms += case.harmful and _names_a_mechanism(case)
    return counts


def _names_a_mechanism(case: Case) -> bool:
    from tb_diagnose.causes import CATALOGUE

    def is_mechanism(id_: str) -> bool:
        return id_ in CATALOGUE and CATALOGUE[id_].family == "mechanism"

    return not is_mechanism(case.job.fault) and any(map(is_mechanism, case.verdict.named))


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of some tallies."""
    result = Tally()
    for tally in tallies:
        for name in ("harmful", *PLACES, "harmless", "alarms"):
            setattr(result, name, getattr(result, name) + getattr(tally, name))
        result.instead += tally.instead
    return result


def share(what: str, hits: Sequence[bool]) -> str:
    """A sentence that says how many there are, and their share with its interval."""
    low, high = wilson(sum(hits), len(hits))
    return f"{what}: {sum(hits)} of {len(hits)}, {sum(hits) / max(len(hits), 1):.1%} ({low:.1%}-{high:.1%})."


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's score interval); from 0 to 1 without any try."""
    if not tries:
        return 0.0, 1.0
    from scipy.stats import binomtest

    interval = binomtest(hits, tries).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)
