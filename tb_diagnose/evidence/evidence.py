"""`Evidence`: all series and facts of one run, read-only."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tb_diagnose.evidence.facts import FACTS
from tb_diagnose.evidence.series import SERIES, Quantity


@dataclass(frozen=True)
class Evidence:
    """All series and facts of one training.

    Args:
        training: Name of the training, as in the list of runs.
        epochs: Epoch numbers, shape `(epoch,)`; 0 is before the first step.
        series: Arrays by the names in `SERIES`, first axis `epoch`.
        facts: Values by the names in `FACTS`.
        metrics: What Keras reported, by Keras's own names, each of shape `(epoch,)`.
        last_sign: Wall time (s) of the last event, None when unknown.
        last_step: TensorBoard step of the last event.
        unit: What `epochs` counts: "epoch", or "step" where a log tells nothing of epochs.
    """

    training: str
    epochs: np.ndarray
    series: Mapping[str, np.ndarray] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, np.ndarray] = field(default_factory=dict)
    last_sign: float | None = None
    last_step: int = 0
    unit: str = "epoch"

    def __post_init__(self) -> None:
        for name, array in self.series.items():
            if name not in SERIES:
                raise ValueError(f"Unknown series. Expected: a name in evidence.SERIES. Received: {name!r}.")
            array.setflags(write=False)
        for name in self.facts:
            if name not in FACTS:
                raise ValueError(f"Unknown fact. Expected: a name in evidence.FACTS. Received: {name!r}.")

    def get(self, name: str) -> Any:
        """The series, fact or `"epochs"` of that name; None when it was not logged."""
        if name == "epochs":
            return self.epochs
        if name in self.series:
            array = self.series[name]
            return None if array.size == 0 or np.isnan(array).all() else array
        return self.facts.get(name)

    def logged(self, name: str) -> Any:
        """Like `get`, but a series that holds nothing but NaN is given as it is: it was logged, and does not apply."""
        value = self.get(name)
        return self.series.get(name) if value is None and self.finished_epochs else value

    def ask(self, function: Callable[..., Any]) -> Any:
        """Calls a function whose parameters are names of evidence; None when one that it needs was not logged."""
        given = {}
        for name, parameter in inspect.signature(function).parameters.items():
            value = self.get(name)
            if value is not None:
                given[name] = value
            elif parameter.default is parameter.empty:
                return None
        return function(**given)

    @property
    def finished_epochs(self) -> int:
        """Epochs that were finished, the state before training not counted."""
        return int(np.count_nonzero(self.epochs > 0))

    def labels(self, axis: str, size: int) -> list[str] | None:
        """Names along an axis (layers, classes, outputs), None where it has none."""
        if axis == "layer":
            return [row["name"] for row in self.facts.get("layers") or []][:size]
        if axis in ("class", "output") and len(self.facts.get("classes") or []) == size:
            return [str(name) for name in self.facts["classes"]]
        return None


def known(name: str) -> Quantity:
    """The table's entry for a series or fact. Raises KeyError for a name in neither."""
    return SERIES[name] if name in SERIES else FACTS[name]
