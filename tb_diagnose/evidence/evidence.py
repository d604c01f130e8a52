"""`Evidence`: all series and facts of one run, read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tb_diagnose.evidence.derived import DERIVED, WHOLE
from tb_diagnose.evidence.facts import FACTS
from tb_diagnose.evidence.series import SERIES, Quantity


@dataclass(frozen=True)
class Evidence:
    """All series and facts of one run.

    Args:
        run: Name of the run, as in the list of runs.
        epochs: Epoch numbers, shape `(epoch,)`; 0 is before the first step.
        series: Arrays by the names in `SERIES`, first axis `epoch`.
        facts: Values by the names in `FACTS`.
        metrics: What Keras reported, by Keras's own names, each of shape `(epoch,)`.
        last_sign: Wall time (s) of the last event, None when unknown.
        last_step: TensorBoard step of the last event.
        unit: What `epochs` counts: "epoch", or "step" where a log tells nothing of epochs.
        first_sign: Wall time (s) of the first value, None when unknown.
    """

    run: str
    epochs: np.ndarray
    series: Mapping[str, np.ndarray] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, np.ndarray] = field(default_factory=dict)
    last_sign: float | None = None
    last_step: int = 0
    unit: str = "epoch"
    first_sign: float | None = None
    _derived: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, array in self.series.items():
            if name not in SERIES:
                raise ValueError(f"Unknown series. Expected: a name in evidence.SERIES. Received: {name!r}.")
            array.setflags(write=False)
        for name in self.facts:
            if name not in FACTS:
                raise ValueError(f"Unknown fact. Expected: a name in evidence.FACTS. Received: {name!r}.")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_derived": {}}  # cheap to work out again

    def get(self, name: str) -> Any:
        """The series, fact, derived quantity or `"epochs"` of that name; None where it was not logged or is unknown.

        An empty table, such as no layers or no classes, was not logged. An empty list without an axis is an answer:
        there are no Dropout layers.
        """
        if name == "epochs":
            return self.epochs
        if name in self.series:
            array = self.series[name]
            return None if array.size == 0 or np.isnan(array).all() else array
        if name in DERIVED:
            if name not in self._derived:
                self._derived[name] = self._derive(name)
            return self._derived[name]
        value = self.facts.get(name)
        return None if _says_nothing(name, value) else value

    def logged(self, name: str) -> Any:
        """Like `get`, but a series that holds nothing but NaN is given as it is: it was logged, and does not apply."""
        value = self.get(name)
        return self.series.get(name) if value is None and self.finished_epochs else value

    def missing(self, name: str) -> tuple[str, ...]:
        """Names of what was not logged and would be needed to tell `name`; empty where it can be told."""
        if name in DERIVED and name not in self.series:
            return tuple(dict.fromkeys(lacking for need in DERIVED[name].needs for lacking in self.missing(need)))
        return (name,) if self.logged(name) is None else ()

    def _derive(self, name: str) -> Any:
        entry = DERIVED[name]
        if self.missing(name):
            return None
        given = {need: self.logged(need) for need in entry.needs}
        given |= {use: value for use in entry.uses if (value := self.get(use)) is not None}
        if entry.takes_all:
            given[WHOLE] = self
        return entry.function(**given)

    @property
    def finished_epochs(self) -> int:
        """Epochs that were finished, the state before training not counted."""
        return int(np.count_nonzero(self.epochs > 0))

    def labels(self, axis: str, size: int) -> list[str] | None:
        """Names along an axis (layers, classes, outputs), None where it has none."""
        if axis == "layer":
            return [str(row["name"]) for row in self.facts.get("layers") or []][:size]
        outputs = self.facts.get("outputs") or []
        if axis == "output" and outputs and len(outputs) == size:
            return [str(output["name"]) for output in outputs]
        if axis in ("class", "output") and len(self.facts.get("classes") or []) == size:
            return [str(name) for name in self.facts["classes"]]
        return None


def known(name: str) -> Quantity:
    """The table's entry for a series or fact. Raises KeyError for a name in neither."""
    return SERIES[name] if name in SERIES else FACTS[name]


def _says_nothing(name: str, value: Any) -> bool:
    """Whether a fact is empty that has settings, or a value for each layer, class or feature."""
    if isinstance(value, dict):
        return not value
    return isinstance(value, (list, tuple)) and not value and bool(FACTS[name].axes)
