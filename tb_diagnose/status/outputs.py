"""A model with several outputs: each is judged by itself, as the one output of a run of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tb_diagnose.evidence import FACTS, Evidence, derived
from tb_diagnose.status.reported_accuracy import ACCURACIES
from tb_diagnose.status.skill import Progress, progress, with_skill
from tb_diagnose.status.status import STATUSES, Status
from tb_diagnose.status.status import judge as judge_status

OF_THE_RUN = ("sample_count", "probe_sample_count", "planned_epochs", "steps_per_epoch", "batch_size", "data_form")
"""Facts that hold for each output."""
SHOWN = 3
"""Outputs whose status is told in a headline beside that of the worst one."""
UNTRAINED = "not trained (its loss has a weight of 0)"
MEASURED = {"probe_loss": "output_loss", "probe_accuracy": "output_accuracy"}
"""What each series of one output is called where there are several."""


@dataclass(frozen=True)
class OutputState:
    """One output, judged by itself.

    Args:
        name: Its name.
        index: Its place along the axis `output`.
        view: What is known of it, by the names that a model with one output has.
        curve: The curve that it is judged by, or None.
        status: Its status.
        is_trained: Whether its loss counts: at a weight of 0 nothing is asked of it.
    """

    name: str
    index: int
    view: Evidence
    curve: Progress | None
    status: Status
    is_trained: bool = True


@derived
def output_states(evidence: Evidence, outputs: Sequence[Mapping[str, Any]]) -> tuple[OutputState, ...]:
    """The status of each output of a model with several."""
    states = tuple(_state(evidence, index, output) for index, output in enumerate(outputs))
    if not any(state.is_trained for state in states):
        return tuple(replace(state, is_trained=True) for state in states)
    return states


def worst_first(states: Iterable[OutputState], explained: Collection[str] = ()) -> list[OutputState]:
    """The outputs in the order in which a run is judged by them: those that are trained, and the others.

    The worst off is the first; of several alike one whose cause is known, and then the one that is so for longest.

    Args:
        states: The outputs.
        explained: Names of those for which a cause was found.
    """

    def place(state: OutputState) -> tuple[bool, int, bool, float]:
        since = np.inf if state.status.since is None else state.status.since
        return not state.is_trained, STATUSES.index(state.status.name), state.name not in explained, since

    return sorted(states, key=place)


def status_of_all(states: Sequence[OutputState]) -> Status:
    """The status of a run: that of its worst output, and a word about the others.

    Args:
        states: The outputs, the worst first.
    """
    of, *rest = states
    others = [f"`{state.name}` {state.status.name if state.is_trained else UNTRAINED}" for state in rest]
    more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
    told = f"; other outputs: {', '.join(others[:SHOWN])}{more}" if others else ""
    return replace(of.status, sentence=of.status.sentence + told)


def _state(evidence: Evidence, index: int, output: Mapping[str, Any]) -> OutputState:
    view = _view(evidence, index, output)
    curve = progress(view)
    view = with_skill(view, curve)
    name, is_trained = str(output["name"]), output.get("loss_weight") != 0
    return OutputState(name, index, view, curve, _named(judge_status(view, curve), name), is_trained)


def _view(evidence: Evidence, index: int, output: Mapping[str, Any]) -> Evidence:
    """One output as if it were the only one; what holds for the whole model and not for it is left out."""
    series = {
        name: evidence.series[measured][:, index]
        for name, measured in MEASURED.items()
        if measured in evidence.series and evidence.series[measured].shape[1:] == (len(evidence.facts["outputs"]),)
    }
    facts = {name: evidence.facts[name] for name in OF_THE_RUN if name in evidence.facts}
    facts |= {name: value for name, value in output.items() if name in FACTS}
    own = output.get("reported")
    reported = {} if own is None else {name: f"{own}_{name}" for name in ("loss", *ACCURACIES)}
    facts["compiled_metrics"] = [] if own is None else _metrics_of(own, evidence)
    for name, metric in reported.items():
        if metric not in evidence.metrics:
            continue
        shown = "loss" if name == "loss" else "accuracy"
        if shown in series:
            continue
        series[shown] = evidence.metrics[metric]
        if f"val_{metric}" in evidence.metrics:
            series[f"val_{shown}"] = evidence.metrics[f"val_{metric}"]
    return replace(evidence, series=series, facts=facts, metrics={})


def _metrics_of(output: str, evidence: Evidence) -> list[str]:
    """The metrics of one output, as Keras reports them."""
    own = [name.removeprefix(f"{output}_") for name in evidence.metrics if name.startswith(f"{output}_")]
    return [name for name in own if name != "loss"]


def _named(status: Status, output: str) -> Status:
    """A status that says which output it is about."""
    for what in ("Accuracy", "The loss"):
        if status.sentence.startswith(f"{what} "):
            sentence = f"{what} of output `{output}` {status.sentence[len(what) + 1 :]}"
            break
    else:
        sentence = f"Output `{output}`: {status.sentence[:1].lower()}{status.sentence[1:]}"
    otherwise = None if status.otherwise is None else _named(status.otherwise, output)
    return replace(status, sentence=sentence, otherwise=otherwise)
