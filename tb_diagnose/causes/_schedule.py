"""Rates that change while a run trains: from which rate they fell, to which, and how long that left them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

SMALL = 0.1
"""Share of its start below which a rate is small: what is left to do is the last polish."""
CHANGED = 3.0
"""Largest rate over the smallest one from which a rate is not the same all the time."""
LEAST = 1e-12
"""Share of its start that a rate is taken for at least: between a rate and 0 there is no logarithm."""
START = ("initial_learning_rate", "warmup_target")
"""Arguments of Keras's schedules that say where they begin, or what they warm up to."""


@dataclass(frozen=True)
class Schedule:
    """How a rate went.

    Args:
        start: The largest rate, that of the compiled schedule included.
        rates: Rate at the end of each finished epoch, shape `(epoch,)`.
        epochs: Their numbers, shape `(epoch,)`.
        full: Epochs at the largest rate that would have taken the weights as far.
        compiled: The schedule as Keras serializes it, None where a callback or the loop sets the rate.
    """

    start: float
    rates: np.ndarray
    epochs: np.ndarray
    full: float
    compiled: dict[str, Any] | None

    @property
    def small_since(self) -> int | None:
        """Index of the first epoch at whose end, and from then on, the rate was small; None where it is not at last."""
        small = ~(self.rates > SMALL * self.start)
        if not small[-1]:
            return None
        return int(np.flatnonzero(~small)[-1]) + 1 if not small.all() else 0

    @property
    def name(self) -> str:
        """Class of the compiled schedule, "" without one."""
        return str(self.compiled["class_name"]) if self.compiled else ""

    @property
    def described(self) -> str:
        """The schedule as code with its numbers; "a callback or the loop" where none was compiled."""
        return "a callback or the loop" if self.compiled is None else described(self.compiled)


def described(compiled: Mapping[str, Any], module: str = "") -> str:
    """A compiled schedule as code with its numbers, with the module in front where the code is to be run."""
    told = [f"{name}={_value(v)}" for name, v in compiled["config"].items() if name != "name" and _is_told(v)]
    return f"`{module}{compiled['class_name']}({', '.join(told)})`"


def schedule_of(
    learning_rate: np.ndarray, epochs: np.ndarray, optimizer: Mapping[str, Any] | None = None
) -> Schedule | None:
    """How the rate went; None where no finished epoch has one, or none is above 0.

    Args:
        learning_rate: Rate at the end of each record, shape `(epoch,)`.
        epochs: Epoch numbers, shape `(epoch,)`.
        optimizer: The fact of that name.
    """
    compiled = compiled_schedule(optimizer)
    known = np.isfinite(learning_rate)
    rates, numbers = learning_rate[known], epochs[known]
    begun = [float(rate) for rate in rates] + _first_rates(compiled)
    done = numbers > 0
    if not done.any() or max(begun) <= 0:
        return None
    start, ends = max(begun), rates[done]
    before = float(rates[~done][-1]) if (~done).any() else (_first_rates(compiled) or [float(ends[0])])[0]
    starts = np.concatenate([[before], ends[:-1]])
    # A callback sets the rate between epochs: what it is at the end of one, it was all the time.
    within = [_mean(a / start, b / start) for a, b in zip(starts, ends, strict=True)] if compiled else ends / start
    return Schedule(start, ends, numbers[done], float(np.sum(within)), compiled)


def compiled_schedule(optimizer: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The schedule that an optimizer was compiled with; None where its rate is a number."""
    rate = ((optimizer or {}).get("config") or {}).get("learning_rate")
    if not isinstance(rate, dict) or "class_name" not in rate or not isinstance(rate.get("config"), dict):
        return None
    return dict(rate)


def is_scheduled(learning_rate: np.ndarray, optimizer: Mapping[str, Any] | None) -> bool:
    """Whether a rate is not the same all the time."""
    rates = learning_rate[np.isfinite(learning_rate)]
    changes = len(rates) > 0 and rates.max() > 0 and not rates.min() * CHANGED >= rates.max()
    return changes or compiled_schedule(optimizer) is not None


def lasting(schedule: Schedule, steps: int | None) -> dict[str, Any] | None:
    """The compiled schedule, stretched so that it comes down after that many steps; None where nobody knows how.

    Args:
        schedule: The schedule.
        steps: Steps of the whole run.
    """
    if schedule.compiled is None or not steps:
        return None
    config = dict(schedule.compiled["config"])
    try:
        changed = _stretched(schedule.name, config, steps)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return None if changed is None else {**schedule.compiled, "config": {**config, **changed}}


def _stretched(name: str, config: Mapping[str, Any], steps: int) -> dict[str, Any] | None:
    """The arguments of a schedule that change."""
    if name in ("CosineDecay", "PolynomialDecay"):
        return {"decay_steps": max(steps - int(config.get("warmup_steps") or 0), 1)}
    if name == "CosineDecayRestarts":
        return {"first_decay_steps": steps}
    if name == "ExponentialDecay":
        # A rate of 10 % at the end: start * decay_rate ** (steps / decay_steps).
        return {"decay_steps": max(round(steps * math.log(config["decay_rate"]) / math.log(SMALL)), 1)}
    if name == "InverseTimeDecay":
        return {"decay_steps": max(round(steps * config["decay_rate"] * SMALL / (1 - SMALL)), 1)}
    if name == "PiecewiseConstantDecay":
        boundaries = list(config["boundaries"])
        return {"boundaries": [round(steps * (i + 1) / (len(boundaries) + 1)) for i in range(len(boundaries))]}
    return None


def _first_rates(compiled: Mapping[str, Any] | None) -> list[float]:
    """Where a compiled schedule begins, and what it warms up to, as far as its arguments tell."""
    config = (compiled or {}).get("config") or {}
    told = [config.get(name) for name in START] + list(config.get("values") or [])[:1]
    return [float(value) for value in told if isinstance(value, (int, float)) and not isinstance(value, bool)]


def _mean(first: float, last: float) -> float:
    """Mean of a rate that goes from one value to another along an exponential."""
    high, low = max(first, last, LEAST), max(min(first, last), LEAST)
    return high if math.isclose(high, low, rel_tol=1e-6) else (high - low) / math.log(high / low)


def _is_told(value: Any) -> bool:
    return value is not None and not isinstance(value, bool)


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)
