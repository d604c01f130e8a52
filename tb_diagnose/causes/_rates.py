"""Learning rates at which optimizers are usually begun, and how much a rate alone tells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit, number
from tb_diagnose.evidence.keras_config import OPTIMIZERS

USUAL_RATE = {"sgd": 0.01, "lion": 1e-4}
"""Rates at which the optimizers are usually begun: Keras's defaults, and a tenth of that for Lion, whose every step has
full length (Chen et al., 2023)."""
USUAL_RATE_OF_OTHERS = 1e-3
GOOD_RATE = {"adadelta": 1.0, "adagrad": 0.01, "ftrl": 0.01}
"""Rates at which optimizers move that hardly do so at Keras's default: 1 for Adadelta (Zeiler, 2012), 0.01 for Adagrad
and Ftrl, PyTorch's default for the former. Where Keras's own default is too small, it is the optimizer that is
unsuited."""
SEARCHED, MISTAKEN = 10.0, 30.0
"""Factors away from the usual rate: rates are searched over one or two powers of ten around it (Bengio, 2012, section
3.1.1). Up to a factor of 10 a rate is a choice; from 30 on it is a mistake, whatever else is wrong."""
KNOWN = 0.95
"""Certainty that a rate is at fault which is that far from the usual one."""
MOMENTUM = 0.9
"""Momentum that goes with SGD at its usual rate (Sutskever et al., "On the importance of initialization and momentum in
deep learning", 2013): ten times as far a step, as long as gradients agree."""
MOST = 5.0
"""Multiple of an optimizer's good rate up to which one is proposed: half of `SEARCHED`, as the network is not known."""
SAME = 1e-3
"""Share by which two rates may differ and still be the same: one of them went through 32 bits."""
TIME_ENOUGH = 300
"""Steps at a good rate that bring a run to its ceiling: demo setups take 190 to 1,100. Smaller steps come as far where
there are more of them."""


FEWEST_AN_EPOCH = 3
"""Steps an epoch below which the batches are large, and not the epochs few."""


def usual_rate(optimizer: str) -> float:
    """The rate at which an optimizer is usually begun."""
    return USUAL_RATE.get(optimizer, USUAL_RATE_OF_OTHERS)


def good_rate(optimizer: str) -> float:
    """The rate at which an optimizer moves."""
    return GOOD_RATE.get(optimizer, usual_rate(optimizer))


def certainty(factor: float, inferred: float) -> float:
    """How sure it is that a rate is at fault.

    Args:
        factor: How far it is from the usual one, 1 or more.
        inferred: What the steps alone tell, at a rate that others choose too.
    """
    share = math.log(max(factor, SEARCHED) / SEARCHED) / math.log(MISTAKEN / SEARCHED)
    return inferred + (KNOWN - inferred) * min(share, 1.0)


def had_time(rate: float, good: float, step_count: int | None) -> bool:
    """Whether a run at a low rate took so many steps that they come as far as `TIME_ENOUGH` at a good rate."""
    return step_count is not None and step_count * rate / good >= TIME_ENOUGH


@dataclass(frozen=True)
class Longer:
    """More epochs that a run needs at another rate, as a sentence and as edits; both empty where it needs none."""

    sentence: str = ""
    edits: tuple[Edit, ...] = ()


def longer(step_count: int | None, epochs: np.ndarray, planned_epochs: int | None) -> Longer:
    """The epochs that make `TIME_ENOUGH` steps of a run that took fewer.

    A run of a step or two an epoch is left to the size of its batches.

    Args:
        step_count: Steps of the run, None when unknown.
        epochs: Its epochs, shape `(epoch,)`.
        planned_epochs: Epochs that `fit` was asked for; None when unknown, and with it whether the run was cut short.
    """
    finished = int(np.count_nonzero(epochs > 0))
    if step_count is None or planned_epochs is None or not finished or step_count < FEWEST_AN_EPOCH * finished:
        return Longer()
    steps = round(step_count * max(planned_epochs, finished) / finished)
    if steps >= TIME_ENOUGH:
        return Longer()
    count = -(-TIME_ENOUGH * finished // step_count)
    return Longer(
        f" {steps:,} steps are few at that rate: train for `epochs={count}`, which makes {TIME_ENOUGH} or more.",
        (Edit("fit", "epochs", count, old=planned_epochs),),
    )


def optimizer_name(optimizer: Mapping[str, Any] | None) -> str:
    """The optimizer's name as in the facts, "" where it is not known."""
    return str((optimizer or {}).get("name") or "")


def shown(optimizer: str) -> str:
    """The optimizer's name for people."""
    return OPTIMIZERS.get(optimizer, optimizer or "this optimizer")


def schedule_name(optimizer: Mapping[str, Any] | None) -> str:
    """Class of the schedule that the optimizer was given as its rate, "" for a number."""
    rate = ((optimizer or {}).get("config") or {}).get("learning_rate")
    return str(rate.get("class_name", "")) if isinstance(rate, dict) else ""


def set_elsewhere(optimizer: Mapping[str, Any] | None, rate: float) -> bool:
    """Whether a callback has set the rate: it is not the one that was compiled, nor one of a schedule."""
    compiled = ((optimizer or {}).get("config") or {}).get("learning_rate")
    return isinstance(compiled, (int, float)) and not math.isclose(compiled, rate, rel_tol=SAME)


def raised(rate: float, good: float) -> float:
    """The good rate, or a power of ten times this one that is a little above it."""
    if not rate > 0:
        return good
    larger = float(f"{rate * 10 ** math.ceil(math.log10(max(good / rate, 10.0)) - 1e-6):.1g}")
    return larger if larger <= MOST * good * (1 + SAME) else good


def lowered(rate: float, divisor: float, optimizer: str) -> float:
    """The rate divided, but not below a tenth of the usual one: what makes steps so long there is not the rate.

    A rate that is as low already is divided by 10.
    """
    least = min(usual_rate(optimizer) / SEARCHED, rate / SEARCHED)
    return float(f"{max(rate / divisor, least):.1g}")


def at_rate(optimizer: Mapping[str, Any] | None, rate: float) -> str:
    """The optimizer at another rate as code behind a colon; "" for one that is not Keras's."""
    name = optimizer_name(optimizer)
    if name not in OPTIMIZERS:
        return ""
    momentum = f", momentum={MOMENTUM}" if _wants_momentum(optimizer, rate) else ""
    return f": `optimizer=keras.optimizers.{OPTIMIZERS[name]}({as_code(rate)}{momentum})`"


def as_code(rate: float) -> str:
    """A rate as Keras takes it: 1.0, for it refuses whole numbers."""
    text = f"{rate:.4g}"
    return text if "." in text or "e" in text else f"{text}.0"


def change_rate(optimizer: Mapping[str, Any] | None, old: float, new: float) -> str:
    """The advice to train at another rate, without a full stop.

    A schedule is not multiplied: where it begins, where it ends and how fast it falls are three numbers, of which a
    factor would ruin one.

    Args:
        optimizer: The fact of that name.
        old: Its rate in this run.
        new: Its rate from now on.
    """
    code, schedule = at_rate(optimizer, new), schedule_name(optimizer)
    if schedule:
        return (
            f"Take a rate that stays instead of the {schedule}, {number(new)}{code}; a schedule can begin there later"
        )
    if set_elsewhere(optimizer, old):
        return f"Leave out what sets the rate beside `compile`, a callback as a rule, and take {number(new)}{code}"
    if not old > 0:
        return f"Set the learning rate to {number(new)}{code}"
    factor = new / old
    verb, by = ("Multiply", factor) if factor > 1 else ("Divide", 1 / factor)
    return f"{verb} the learning rate by {number(by)}, to {number(new)}{code}"


def rate_edits(
    optimizer: Mapping[str, Any] | None, old: float, new: float, more: Longer | None = None
) -> tuple[Edit, ...]:
    """The edits that bring an optimizer to another rate.

    Args:
        optimizer: The fact of that name.
        old: Its rate in this run.
        new: Its rate from now on.
        more: The epochs that it needs then.

    Returns:
        No edits where a callback sets the rate, for it would set it again.
    """
    if not schedule_name(optimizer) and set_elsewhere(optimizer, old):
        return ()
    momentum = (Edit("compile", "momentum", MOMENTUM),) if _wants_momentum(optimizer, new) else ()
    return (Edit("compile", "learning_rate", new, old=old), *momentum, *(more.edits if more else ()))


def _wants_momentum(optimizer: Mapping[str, Any] | None, rate: float) -> bool:
    """Whether SGD would crawl at this rate: at Keras's default rate, and without momentum."""
    config = (optimizer or {}).get("config") or {}
    return optimizer_name(optimizer) == "sgd" and not config.get("momentum") and rate <= USUAL_RATE["sgd"]
