"""Makes the trials within a budget: all probable changes together, each change once, then joined ones, then more seeds.

Trials are paired by seed, and after the first seed the best change comes first, from all seeds, then the others in the
order of what they brought: where the budget ends early, what helps most can still be proven (successive halving goes
on with the best half of the configurations in the same way). A change that helps, but may do so by chance, gets more
seeds: beside three others, a gain that varies with the seed must be nine times its standard error to be proven by three
seeds, and four times by six. A library for that (Optuna, Hyperopt, KerasTuner) is not used: it searches large spaces
and drops what looks bad, where here a handful of fixed changes is compared with one control on the same seeds, and each
of them is to have a verdict.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.diagnosis.trial import WORTHWHILE
from tb_diagnose.recorder.error_line import error_line
from tb_diagnose.trials.candidates import CONTROL, Candidate, joined
from tb_diagnose.trials.changed_copy import CannotApplyError
from tb_diagnose.trials.comparing import undecided
from tb_diagnose.trials.done import Key, key
from tb_diagnose.trials.made import Made
from tb_diagnose.trials.pace import LEAST_STEPS, OF_CONTROL, OTHER, Pace, epochs_within, total
from tb_diagnose.trials.progress import Told
from tb_diagnose.trials.scoring import CannotMeasureError
from tb_diagnose.trials.training import Outcome, OutOfTimeError, Setting, train

MOST_JOINED = 2
"""Joined changes that are tried beyond all probable ones together."""
TIMES = 2
"""How many times the seeds that were asked for a change may have that helps, but is not proven by them."""
PERFECT = 0.99
"""Skill from which no further change is joined to the best one."""
SPARE = 0.95
"""Share of the time left that trials are planned to take: one may take longer than another."""
LATE = 1.1
"""Share of the budget at which a trial that is under way is given up: what follows it takes a moment, too."""
NOTHING_DONE: Mapping[Key, Outcome] = {}
"""For a trial that begins anew."""
LONGEST_REASON = 200
"""Characters of an error that a row shows."""


def _order(made: Made) -> tuple[float, int]:
    """The best first; of those that bring about as much, the one with the fewest changes."""
    skill = made.first_skill
    return -round(skill / WORTHWHILE) if math.isfinite(skill) else math.inf, len(made.candidate.causes)


@dataclass(frozen=True)
class Run:
    """All trials that were made.

    Args:
        made: The control first.
        setting: What all of them have in common, with the epochs that the control was trained for.
        stopped: "interrupted", "budget" or "".
    """

    made: tuple[Made, ...]
    setting: Setting
    stopped: str

    @property
    def outcomes(self) -> dict[Key, Outcome]:
        """What was made, by edits and seed."""
        return {key(made.candidate.edits, seed): each for made in self.made for seed, each in made.outcomes.items()}


class Runner:
    """Makes trials of one run.

    Args:
        setting: What all of them have in common.
        diagnosis: The diagnosis whose changes are tried.
        pace: What a trial takes.
        began: Time (`time.monotonic`) at which the budget began.
        budget: Seconds.
        told: Who is told.
        done: What was made before with these settings.
    """

    def __init__(
        self,
        setting: Setting,
        diagnosis: Diagnosis,
        pace: Pace,
        began: float,
        budget: float,
        told: Told,
        done: Mapping[Key, Outcome] = NOTHING_DONE,
    ) -> None:
        self._setting, self._diagnosis, self._pace, self._told = setting, diagnosis, pace, told
        self._ends, self._given_up = began + budget, began + LATE * budget
        self._done = done
        self._made: list[Made] = []
        self._stopped = ""

    def run(self, candidates: Sequence[Candidate], seeds: int) -> Run:
        """Makes the trials; what is done is kept where Ctrl+C ends them.

        Args:
            candidates: What is tried beside the control.
            seeds: Seeds of each.
        """
        self._made = [Made(each, reason=each.reason) for each in (CONTROL, *candidates)]
        try:
            control, *others = self._made
            self._first(control, seeds)
            for made in sorted(others, key=lambda made: -len(made.candidate.causes)):
                self._make(made, 0)
            self._join(seeds)
            ordered = sorted(self._made[1:], key=_order)
            for some in (ordered[:1], ordered[1:]):
                self._from(range(1, seeds), some)
                if seeds > 1:
                    self._decide(some, seeds)
        except KeyboardInterrupt:
            self._stopped = "interrupted"
        return Run(tuple(self._made), self._setting, self._stopped)

    def _first(self, control: Made, seeds: int) -> None:
        """Makes the control, and gives the trials as many epochs as there is time for, now that it has shown what one
        takes here: the run may have been made on an idle machine."""
        began, expected = time.monotonic(), self._pace.seconds(self._setting.steps([]))
        self._make(control, 0, began + max(OF_CONTROL * (self._ends - began), expected))
        if control.reason or self._done or not self._pace.is_learned:
            return
        left = self._ends - time.monotonic()
        planned, fitting = self._setting, self._that_fits(SPARE * left, seeds)
        is_too_long = self._others(planned, seeds) > left and planned.steps([]) > OTHER * fitting.steps([])
        if is_too_long or fitting.steps([]) > OTHER * planned.steps([]) or 0 not in control.outcomes:
            self._setting, self._stopped = fitting, ""
            control.outcomes.clear()
            self._told.more(1)
            self._make(control, 0)
        self._told.left(min(self._others(self._setting, seeds), self._ends - time.monotonic()), self._setting.epochs)

    def _that_fits(self, left: float, seeds: int) -> Setting:
        """The setting with as many epochs as there is time for; of a large data set one epoch of some samples, if there
        is not even time for one of all.

        Args:
            left: Seconds that there are.
            seeds: Seeds of each change.
        """
        now = self._setting
        an_epoch = now.steps([]) // now.epochs

        def seconds(epochs: int) -> float:
            return self._seconds(replace(now, epochs=epochs), seeds)

        fitting = replace(now, epochs=epochs_within(left, int(now.fit["epochs"]), an_epoch, seconds))
        if an_epoch > LEAST_STEPS and self._seconds(fitting, seeds) > left:
            building = total(self._pace, [(0, 1.0)] * sum(not made.reason for made in self._made), seeds)
            stepping = self._seconds(fitting, seeds) - building
            if stepping > 0:  # it is not known where the control was given up before its first step
                fitting = fitting.part(max(left - building, 0.0) / stepping, LEAST_STEPS)
        return fitting

    def _seconds(self, setting: Setting, seeds: int) -> float:
        """Seconds that all trials are expected to take."""
        work = [setting.work(made.candidate.edits) for made in self._made if not made.reason]
        return total(self._pace, work, seeds)

    def _others(self, setting: Setting, seeds: int) -> float:
        """The same without the first control."""
        return self._seconds(setting, seeds) - self._pace.seconds(setting.steps([]))

    def _from(self, seeds: range, some: Sequence[Made]) -> None:
        """Some changes and the control from further seeds."""
        for seed in seeds:
            for made in (self._made[0], *some):
                self._make(made, seed)

    def _decide(self, some: Sequence[Made], seeds: int) -> None:
        """As many seeds once more for those of some changes that help, if no change is proven to help.

        Args:
            some: The changes.
            seeds: Seeds that were asked for.
        """
        control, *others = self._made
        open_ones = undecided(control, others, self._setting.samples.kept_aside)
        further, more = [made for made in some if made in open_ones], range(seeds, TIMES * seeds)
        missing = [made for made in (control, *further) for seed in more if seed not in made.outcomes]
        work = [self._setting.work(made.candidate.edits) for made in missing if not made.reason]
        left = self._ends - time.monotonic()
        if not further or left < min((self._pace.seconds(*each) for each in work), default=0.0):
            return
        self._told.more(len(missing))
        self._told.left(min(total(self._pace, work, 1), left), self._setting.epochs)
        stopped = self._stopped
        self._from(more, further)
        self._stopped = stopped  # all that was asked for is there without them

    def _join(self, seeds: int) -> None:
        """Joins the next best change to the best so far, as long as that helps."""
        tried = [made for made in self._made[1:] if 0 in made.outcomes and made.candidate.shadow is None]
        best = max(tried, key=lambda made: made.first_skill, default=None)
        single = sorted((m for m in tried if len(m.candidate.causes) == 1), key=lambda made: -made.first_skill)
        left = MOST_JOINED
        for other in single:
            if best is None or not left or best.first_skill >= PERFECT:
                return
            if set(other.candidate.causes) <= set(best.candidate.causes):
                continue
            both = joined(self._parts(best, other), self._diagnosis)
            made = next((m for m in self._made if set(m.candidate.causes) == set(both.causes)), None)
            if made is None:
                made, left = Made(both), left - 1
                self._made.append(made)
                self._told.more(seeds)
                self._make(made, 0)
            if made.first_skill > best.first_skill + WORTHWHILE:
                best = made

    def _parts(self, *made: Made) -> list[Candidate]:
        """The single changes that joined ones are made of."""
        causes = {cause for each in made for cause in each.candidate.causes}
        return [m.candidate for m in self._made if len(m.candidate.causes) == 1 and set(m.candidate.causes) <= causes]

    def _make(self, made: Made, seed: int, until: float = math.inf) -> None:
        """One trial that is not made yet; what it raises is the reason of its row.

        Args:
            made: What was made of the candidate.
            seed: The seed.
            until: Time at which it is given up, if not before.
        """
        if made.reason or seed in made.outcomes:
            return
        steps, size = self._setting.work(made.candidate.edits)
        before = self._done.get(key(made.candidate.edits, seed))
        if before is not None:
            made.outcomes[seed] = before
            self._pace.learn(steps, before.seconds, before.stepping, size)
            return
        if time.monotonic() + self._pace.seconds(steps, size) > self._ends:
            self._stopped = "budget"
            return
        self._told.begins(" + ".join(made.candidate.titles) or "as it is")
        try:
            outcome = train(self._setting, made.candidate.edits, seed, min(self._given_up, until))
        except OutOfTimeError as over:
            self._stopped = "budget"
            self._pace.learn(over.steps, over.seconds, over.stepping, size)
        except (CannotApplyError, CannotMeasureError) as error:
            made.reason = str(error)
        except Exception as error:  # noqa: BLE001 - a change that does not run is a result
            made.reason = f"It raises {type(error).__name__}: {error_line(error)[:LONGEST_REASON]}"
        else:
            made.outcomes[seed] = outcome
            self._pace.learn(steps, outcome.seconds, outcome.stepping, size)
        gc.collect()  # a model refers to itself: on a GPU a dozen of them could be too many
        self._told.ended()
