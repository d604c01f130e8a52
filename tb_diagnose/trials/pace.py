"""How long trials take: what is told beforehand, and how many epochs a budget has room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

LEAST_BUDGET, MOST_BUDGET = 60.0, 300.0
"""Seconds of a budget that nobody has set: the time of the run itself, in these bounds. Every trial takes a second or
two to be built, however short the run was, so a run of three seconds could not be tried within its own time."""
OF_CONTROL = 1 / 3
"""Share of the budget after which a control is ended that only tells what to try, or how long a trial takes."""
STARTUP = 1.5
"""Seconds to copy, compile and trace a small model, before the first trial has shown what it is here."""
OTHER = 1.3
"""How many times more or less a budget must have room for, once the control has shown what a trial takes, for it to be
made again with as much: trials of other epochs or samples are compared with none."""
FIXED_STEP = 1e-3
"""Seconds that Keras needs for a step, however few its samples; what goes beyond grows with them."""
LEAST_STEPS = 200
"""Steps below which a trial is not shortened: an optimizer with a usual rate has not left its start before."""


class Pace:
    """What a trial takes, learned from those that are done.

    Args:
        per_step: Seconds of one step, as far as the run itself tells.
        startup: Seconds to build its step, as far as it tells.
    """

    def __init__(self, per_step: float, startup: float = 0.0) -> None:
        self._per_step = per_step
        self._startup = max(startup, STARTUP)
        self._done = 0

    def seconds(self, steps: int, size: float = 1.0) -> float:
        """Seconds that a trial is expected to take.

        Args:
            steps: Its steps.
            size: Samples of one of its steps over those of a step of the control.
        """
        fixed = min(FIXED_STEP, self._per_step)
        return self._startup + steps * (fixed + size * (self._per_step - fixed))

    @property
    def is_learned(self) -> bool:
        """Whether any trial has been made."""
        return self._done > 0

    def learn(self, steps: int, seconds: float, stepping: float, size: float = 1.0) -> None:
        """Takes note of a trial that was made, or given up.

        Args:
            steps: Its steps; 0 where it was given up before any, which tells nothing of them.
            seconds: What it took.
            stepping: What its steps took of that; the rest is for building and measuring a copy.
            size: As for `seconds`: steps of other sizes tell nothing of those of the control.
        """
        per_step, startup = stepping / steps if steps and size == 1 else self._per_step, seconds - stepping
        self._per_step = (self._per_step * self._done + per_step) / (self._done + 1)
        self._startup = (self._startup * self._done + startup) / (self._done + 1)
        self._done += 1


def usual_budget(seconds_of_run: float) -> float:
    """The budget where nobody has set one."""
    return min(max(seconds_of_run, LEAST_BUDGET), MOST_BUDGET)


def epochs_within(
    budget: float, planned: int, steps_an_epoch: int, expected: Callable[[int], float], least: int = LEAST_STEPS
) -> int:
    """The most epochs with which all trials fit into a budget, but no fewer than make `least` steps.

    Args:
        budget: Seconds.
        planned: Epochs of the run itself.
        steps_an_epoch: Of the control.
        expected: Seconds of all trials together for a number of epochs.
        least: Steps that the control takes at least, where the run has as many.
    """
    fewest = min(-(-least // max(steps_an_epoch, 1)), planned)
    for epochs in range(planned, fewest, -1):
        if expected(epochs) <= budget:
            return epochs
    return fewest


def total(pace: Pace, trials: Sequence[tuple[int, float]], seeds: int) -> float:
    """Seconds of several trials, each from so many seeds.

    Args:
        pace: What a trial takes.
        trials: Steps and size of each, as for `Pace.seconds`.
        seeds: Seeds of each.
    """
    return seeds * sum(pace.seconds(steps, size) for steps, size in trials)
