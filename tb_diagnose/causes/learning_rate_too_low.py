"""Each step is so small that the weights hardly leave where they began.

To learn, weights must change by a good part of their own size. With a rate that is orders of magnitude too small the
loss falls at every step, but by so little that accuracy would need hundreds of such runs.

A thirtieth of the usual rate or less is a mistake whatever else is wrong, unless so many steps were taken that they
make up for it. The way of the weights alone can mislead: unscaled inputs make steps long at a tiny rate.

Of a rate that changes, the largest counts: what a schedule has brought it down to is a matter of the schedule
(`learning_rate_schedule`).

Not this: a run that has arrived and hardly moves any more, a gradient that is itself gone at a usual rate (then no rate
would help), and few steps or an optimizer with short ones at a rate that is usual for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, Finding, Fine, cause, degree, number
from tb_diagnose.causes._rates import (
    MISTAKEN,
    certainty,
    change_rate,
    good_rate,
    had_time,
    longer,
    optimizer_name,
    raised,
    rate_edits,
    shown,
    usual_rate,
)
from tb_diagnose.causes._schedule import is_scheduled, schedule_of
from tb_diagnose.causes._tries import BY_CALLBACK

HEALTHY, RUINOUS = 1.0, 0.03
"""Way of the most moved layer over all epochs, as a share of its own size. Runs that learn move by about a fifth of it
in the first epoch already (demo setups: 0.17 to 0.23) and by more than their own size in all; at a hundredth of the
rate the demo setups move by 0.02 to 0.07 and learn next to nothing."""
WORTH_IT = 0.15
"""Way that the usual rate would have made, below which it would have been no help."""
CHOSEN = 3.0
"""Factor below the usual rate up to which it is about the usual one."""
TINY = 1000.0
"""Factor below the usual rate at which a run of usual length stands still."""
INFERRED = 0.6
"""Certainty of what the way of the weights tells at a rate that others choose too."""


@cause(
    title="Learning rate too low",
    family="training",
    fix="Multiply the learning rate by 10 until the loss falls visibly within an epoch.",
    brings_about=("constant_prediction",),
    looks_like=("too_few_epochs", "optimizer_unsuited"),
    sources=(
        "https://cs231n.github.io/neural-networks-3/#ratio",
        "Bengio, 'Practical recommendations for gradient-based training', 2012, section 3.1.1",
    ),
)
def learning_rate_too_low(
    epochs: np.ndarray,
    layers: list[dict[str, Any]],
    learning_rate: np.ndarray,
    epoch_update_ratio: np.ndarray | None = None,
    optimizer: dict[str, Any] | None = None,
    step_count: int | None = None,
    planned_epochs: int | None = None,
) -> Answer:
    rates = learning_rate[np.isfinite(learning_rate)]
    if not len(rates):
        return CouldNotTell(("learning_rate",))
    scheduled = is_scheduled(learning_rate, optimizer)
    schedule = schedule_of(learning_rate, epochs, optimizer) if scheduled else None
    rate = float(np.median(rates)) if schedule is None else schedule.start
    name = optimizer_name(optimizer)
    moved, layer = _way(epoch_update_ratio, layers)
    if not name and moved is None:
        return CouldNotTell(("optimizer", "epoch_update_ratio"))
    usual, good = usual_rate(name), good_rate(name)
    factor = usual / rate if rate > 0 else float("inf")
    saw = _sentence(rate, name, usual, moved, layer, int(epochs[-1]), step_count, scheduled)
    telling = bool(name) and not had_time(rate, usual, step_count)
    by_settings = degree(1 / factor, 1 / MISTAKEN, 1 / TINY) if telling else 0.0
    by_way = degree(moved, HEALTHY, RUINOUS) if moved else 0.0
    if moved is None or (name and factor <= CHOSEN):
        begun = f", and {shown(name)} is usually begun at {number(usual)}" if name else ""
        cleared = f"The {'largest ' if scheduled else ''}learning rate is {number(rate)}{begun}."
    else:
        cleared = f"Layer {layer} changed by {_of_its_size(moved)}, at a learning rate of {number(rate)}."
    if factor <= CHOSEN or not max(by_settings, by_way):
        return Fine(cleared)
    if moved is not None and not by_settings and moved * good / rate < WORTH_IT:
        return Fine(f"Layer {layer} changed by {_of_its_size(moved)}, and at {number(good)} would not by much more.")
    larger = raised(rate, good)
    by_callback = schedule is not None and schedule.compiled is None
    more = longer(step_count, epochs, planned_epochs)
    return Finding(
        max(by_settings, by_way),
        certainty(factor, INFERRED) if telling else INFERRED,
        f"{saw}.",
        f"at least {number(usual / MISTAKEN)}"
        + ("" if moved is None else f", and a change of more than {HEALTHY:.0%}")
        + ".",
        f"Let the learning rate begin at {number(larger)} instead of {number(rate)}."
        if by_callback
        else f"{change_rate(optimizer, rate, larger)}.{more.sentence}",
        edits=() if by_callback else rate_edits(optimizer, rate, larger, more),
        attempt=BY_CALLBACK,
        since=1,
        picture="learning_rate" if moved is None or by_settings >= by_way else "epoch_update_ratio",
        limit=usual / MISTAKEN if moved is None or by_settings >= by_way else HEALTHY / max(int(epochs[-1]), 1),
        beyond="below",
    )


def _way(epoch_update_ratio: np.ndarray | None, layers: list[dict[str, Any]]) -> tuple[float | None, str]:
    """Way of the most moved layer over all epochs as a share of its size, and its name; None where unknown."""
    if epoch_update_ratio is None or not np.isfinite(epoch_update_ratio).any():
        return None, ""
    way = np.where(np.isfinite(epoch_update_ratio), epoch_update_ratio, 0.0).sum(axis=0)
    # The entries of a lookup table begin small, and soon have changed by their own size at any rate.
    tables = np.array([row.get("class") == "Embedding" for row in layers])
    if not tables.all():
        way = np.where(tables, 0.0, way)
    layer = int(way.argmax())
    return float(way[layer]), str(layers[layer]["name"])


def _sentence(
    rate: float,
    name: str,
    usual: float,
    moved: float | None,
    layer: str,
    epochs: int,
    steps: int | None,
    scheduled: bool,
) -> str:
    saw = f"The {'largest ' if scheduled else ''}learning rate is {number(rate)}"
    if name:
        saw += f", and {shown(name)} is usually begun at {number(usual)}"
    count = f"{epochs} epoch{'' if epochs == 1 else 's'}" + ("" if steps is None else f" ({steps:,} steps)")
    if moved is None:
        return f"{saw}; how far the weights went in {count} was not logged"
    return f"{saw}; in {count} the most moved layer, {layer}, changed by {_of_its_size(moved)}"


def _of_its_size(share: float) -> str:
    if share >= 10:
        return f"{number(share, 2)} times its size"
    return f"{share:.0%} of its size" if share >= 0.1 else f"{number(100 * share, 2)} % of its size"
