"""The score that a run has reached, by which a sweep is ranked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.evidence import Evidence

LOSSES = ("validation loss", "loss")
KINDS = ("validation accuracy", "accuracy", "validation score", "score", "reward", *LOSSES)
"""What runs are ranked by: the first of these that most of them have."""


@dataclass(frozen=True)
class Score:
    """One score of a run.

    Args:
        kind: One of `KINDS`.
        of: The tag, the output or the loss function that it is of, "" where there is one accuracy only. Only scores of
            the same can be compared.
        value: The last value that was logged; infinite, of the loss of a run that diverged.
    """

    kind: str
    of: str
    value: float

    @property
    def name(self) -> str:
        """`validation accuracy`, `reward (rollout/ep_rew_mean)`."""
        return f"{self.kind} ({self.of})" if self.of else self.kind


def scores(diagnosis: Diagnosis) -> tuple[Score, ...]:
    """All scores of a run."""
    evidence, curve = diagnosis.evidence, diagnosis.progress
    view = evidence if diagnosis.output is None else diagnosis.output.view
    output = "" if diagnosis.output is None else diagnosis.output.name
    loss = str((evidence.get("loss_function") or {}).get("name") or "")
    tag, reward = str(evidence.get("score_name") or ""), str(evidence.get("reward_name") or "")
    names = [("validation loss", loss, "val_loss"), ("loss", loss, "loss")]
    if curve is None or curve.chance is not None:  # an accuracy of continuous targets is none
        # Where Keras's accuracy measures something else, the run is judged by that on the probe samples.
        measured = "probe_" if curve is not None and curve.name == "probe_accuracy" else ""
        names = [
            ("validation accuracy", output, f"{measured}val_accuracy"),
            ("accuracy", output, f"{measured}accuracy"),
            ("validation score", tag, "val_score"),
            ("score", tag, "score"),
            ("reward", reward, "reward"),
            *names,
        ]
    found = []
    for kind, of, series in names:
        value = _last(view if kind in KINDS[:2] else evidence, series)
        if kind in LOSSES and diagnosis.status.name == "diverged":
            value = math.inf
        if value is not None:
            found.append(Score(kind, of, value))
    return tuple(found)


def shared(runs: Sequence[Sequence[Score]]) -> Score | None:
    """A score of the kind by which runs can be ranked together; None where there is none.

    It is the first that half of the runs have; a loss, only where no run has another one.
    """
    scored = [run for run in runs if run]
    counts = Counter((score.kind, score.of) for run in scored for score in run)
    kinds = Counter(score.kind for run in scored for score in run)
    for score in sorted({(each.kind, each.of): each for run in scored for each in run}.values(), key=_place):
        count = counts[score.kind, score.of]
        if 2 * count >= len(scored) and (score.kind not in LOSSES or count == kinds[score.kind]):
            return score
    return None


def _place(score: Score) -> tuple[int, str]:
    return KINDS.index(score.kind), score.of


def _last(evidence: Evidence, name: str) -> float | None:
    values = evidence.get(name)
    finite = [] if values is None else values[np.isfinite(values)]
    return float(finite[-1]) if len(finite) else None
