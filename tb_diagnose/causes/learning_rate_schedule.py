"""A schedule brings the learning rate down long before the run is over, and progress ends where it falls.

A decay is meant for the last part of a run, when what is left is polish. Where its steps are counted as if they were
epochs, where a factor is applied at every step or on top of itself at every epoch, or where the run is longer than the
schedule was made for, the rate is gone after the first epochs: all later ones change nothing any more. The cause is the
schedule, and not the rate that it begins with.

What it costs is counted in epochs at the full rate: an exponential decay to a hundredth at the end of a run leaves a
fifth of them, a cosine half.

Not this: a warm-up, a cosine or another decay that comes down at the planned end, a callback that lowers the rate when
progress has ended already (`ReduceLROnPlateau`), and a run that still gets better at its small rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, cause, degree, number
from tb_diagnose.causes._schedule import SMALL, Schedule, described, is_scheduled, lasting, schedule_of
from tb_diagnose.causes._tries import BY_CALLBACK
from tb_diagnose.causes._wording import capitalized, plural
from tb_diagnose.evidence.number import percent

HEALTHY, RUINOUS = 0.3, 0.03
"""Share of the epochs that the steps of a schedule are worth, each counted by its rate over the largest one: a cosine
leaves 0.5, an exponential decay to a tenth 0.39, one to a hundredth 0.21, which some choose; a schedule that ends in
the first of 30 epochs leaves a thirtieth."""
FEWEST = 3
"""Epochs that a run has at least of which anybody can say that the rate did not last."""
EARLY = 0.5
"""Share of the epochs after which a rate may be small: schedules in steps come down at half of them or later."""
PACE = 0.01
"""Share of itself that the loss loses in an epoch, below which there is no progress: it halves in seventy epochs."""
ENDED = 0.25
"""Pace after the fall of the rate over that before it, up to which progress has ended there."""
LOOK_BACK = 3
"""Epochs before the fall whose pace is compared."""
SEEN, BY_RATES = 0.9, 0.8
"""Certainty: where the loss is seen to stand still from then on, and where the rates alone are known."""


@cause(
    title="Learning rate falls too early",
    family="training",
    fix="Train at a rate that stays, or let the schedule last for all epochs: its `decay_steps` count steps.",
    brings_about=("constant_prediction",),
    looks_like=("learning_rate_too_low", "too_few_epochs", "optimizer_unsuited", "batch_size_too_large"),
    sources=(
        "https://keras.io/api/optimizers/learning_rate_schedules/: decay_steps count optimizer steps",
        "Goyal et al., 'Accurate, Large Minibatch SGD', 2017, section 2.2: rates fall after a third of the epochs",
        "Loshchilov and Hutter, 'SGDR: Stochastic Gradient Descent with Warm Restarts', 2017: a cosine to the end",
    ),
)
def learning_rate_schedule(
    learning_rate: np.ndarray,
    epochs: np.ndarray,
    optimizer: dict[str, Any] | None = None,
    planned_epochs: int | None = None,
    step_count: int | None = None,
    probe_loss: np.ndarray | None = None,
    probe_val_loss: np.ndarray | None = None,
    loss: np.ndarray | None = None,
) -> Answer:
    schedule = schedule_of(learning_rate, epochs, optimizer)
    if schedule is None:
        return CouldNotTell(("learning_rate",))
    if not is_scheduled(learning_rate, optimizer):
        return DoesNotApply(f"The learning rate is {number(schedule.start)} all the time.")
    count, last = len(schedule.rates), float(schedule.rates[-1])
    saw = (
        f"{capitalized(schedule.described)} sets the learning rate: it is {number(last)} after epoch "
        f"{int(schedule.epochs[-1])}, {percent(last / schedule.start)} of {number(schedule.start)}, and the steps of "
        f"{plural(count, 'epoch')} reach as far as {number(schedule.full, 2)} at that rate"
    )
    small = schedule.small_since
    if count < FEWEST or small is None or small > EARLY * count or schedule.full / count >= HEALTHY:
        worth = f"{plural(count, 'epoch')} reach as far as {number(schedule.full, 2)} at {number(schedule.start)}"
        return Fine(f"The learning rate ends at {number(last)}; {worth}.")
    fell = int(schedule.epochs[small])
    saw += f"; it is below {SMALL:.0%} of it since epoch {fell}"
    curves = [curve for curve in (loss if probe_loss is None else probe_loss, probe_val_loss) if curve is not None]
    before = [pace for curve in curves if (pace := _pace_before(curve, epochs, fell)) is not None]
    if before and min(before) < PACE:
        return Fine(
            f"The rate fell in epoch {fell}, when the loss fell by no more than {percent(min(before))} an epoch."
        )
    after, had_fallen = _slowest([curve for curve in (probe_loss, loss) if curve is not None] or curves, epochs, fell)
    if after is not None:
        if after >= max(PACE, ENDED * (had_fallen or 0.0)):
            return Fine(f"The rate fell in epoch {fell}, and the loss still falls, by {percent(after)} an epoch.")
        saw += f", and at last the loss {'fell' if after >= 0 else 'rose'} by {percent(abs(after))} an epoch"
        saw += "" if had_fallen is None else f", where it had fallen by {percent(had_fallen)} before"
    total = round(step_count * max(planned_epochs or count, count) / count) if step_count else None
    fix, edits = _change(schedule, planned_epochs or count, total)
    return Finding(
        degree(schedule.full / count, HEALTHY, RUINOUS),
        BY_RATES if after is None else SEEN,
        f"{saw}.",
        f"a rate above {SMALL:.0%} of its largest value for more than {EARLY:.0%} of the epochs.",
        fix,
        since=fell,
        edits=edits,
        attempt=BY_CALLBACK,
        picture="learning_rate",
        limit=SMALL * schedule.start,
        beyond="below",
    )


def _change(schedule: Schedule, epochs: int, steps: int | None) -> tuple[str, tuple[Edit, ...]]:
    """What is to be changed, as a sentence and as edits.

    Args:
        schedule: How the rate went.
        epochs: Epochs of the whole run.
        steps: Its steps, None when unknown.
    """
    start, longer = float(f"{schedule.start:.6g}"), lasting(schedule, steps)
    if schedule.compiled is not None:
        change = (
            "" if longer is None else f": {schedule.described} -> {described(longer, 'keras.optimizers.schedules.')}"
        )
        lasts = f"the {steps:,} steps of the run" if steps else f"all {plural(epochs, 'epoch')}"
        return f"Train at {start} throughout, or let the schedule last for {lasts}{change}.", (_rate(start),)
    # Which callback that is, and where it stands, was not logged.
    steady = f"keras.callbacks.LearningRateScheduler(lambda epoch: {start:.6g} * 0.1 ** (epoch / {epochs}))"
    return f"Take out what lowers the rate, or let it come down at the end: `{steady}`.", ()


def _rate(new: Any) -> Edit:
    return Edit("compile", "learning_rate", new)


def _slowest(curves: Sequence[np.ndarray], epochs: np.ndarray, fell: int) -> tuple[float | None, float | None]:
    """The pace of the loss that fell least since the rate did, and its pace before; None where nothing tells.

    The averages of BatchNormalization go on towards their values when nothing is learned any more: the loss on the
    probe batch falls by that, and the one that fit reports does not.
    """
    known = [(after, curve) for curve in curves if (after := _pace_after(curve, epochs, fell)) is not None]
    if not known:
        return None, None
    after, curve = min(known, key=lambda pair: pair[0])
    return after, _pace_before(curve, epochs, fell)


def _pace_before(curve: np.ndarray, epochs: np.ndarray, fell: int) -> float | None:
    """Share of itself that a loss lost in an epoch before the rate fell; None where too few epochs tell."""
    values = curve[(epochs < fell) & np.isfinite(curve)]
    return _pace(values[-1 - LOOK_BACK :]) if len(values) > LOOK_BACK else None


def _pace_after(curve: np.ndarray, epochs: np.ndarray, fell: int) -> float | None:
    """The same over the second half of the epochs since it fell; None where none tells."""
    values = curve[(epochs >= fell) & np.isfinite(curve)]
    return _pace(values[(len(values) - 1) // 2 :]) if len(values) > 1 else None


def _pace(values: np.ndarray) -> float:
    first, last = float(values[0]), float(values[-1])
    return (first - last) / abs(first) / (len(values) - 1) if first else 0.0
