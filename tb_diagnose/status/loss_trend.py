"""How many steps a run has taken, and where its loss is heading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import derived
from tb_diagnose.evidence.slope import line_slope
from tb_diagnose.status.skill import LEARNED, reference_skill

FEW_STEPS = 300
"""Steps of a whole run up to which they are few: demo setups take 190 to 1,100 to reach their ceiling."""
SLOW_PACE = 0.01
"""Share of itself that the loss loses in an epoch or, where there are few steps, in a hundred steps. At this pace it
halves in seventy epochs. In demo setups whose network is blocked, the loss of the second half of the epochs loses less
than a tenth of it."""
STEADY = 4.0
"""Standard errors by which a slope must differ from zero: of losses that wander, one in a thousand does."""
FEW_POINTS = 4
"""Points of a curve up to which each of them must be below the one before."""


@dataclass(frozen=True)
class LossTrend:
    """Where the loss of a run is heading.

    Args:
        steps: Optimizer steps of the run, None when unknown.
        epochs: Finished epochs.
        loss: Loss at the end.
        pace: Share of itself that the loss loses in an epoch, over the second half of the epochs.
        steady: Whether that is more than noise.
        skill: Skill that the loss at the end stands for, None where the best constant answer is not known.
        to_constant: Epochs at this pace until the loss of the best constant answer; 0 below it, None when unknown.
        to_allowed: The same until what the inputs allow, None where that is not known.
    """

    steps: int | None
    epochs: int
    loss: float
    pace: float
    steady: bool
    skill: float | None
    to_constant: float | None
    to_allowed: float | None

    @property
    def few_steps(self) -> bool:
        """Whether the run has taken so few steps that slow progress says nothing of the network."""
        return self.steps is not None and self.steps < FEW_STEPS

    @property
    def on_its_way(self) -> bool:
        """Whether the loss still falls, at a pace that matters, towards the best constant answer or just below it.

        A loss far below the best constant answer beside predictions that are no better than it is a contradiction.
        """
        if not self.steady or self.skill is None or self.skill >= LEARNED:
            return False
        if self.few_steps and self.steps:
            return self.pace * 100 * self.epochs / self.steps >= SLOW_PACE
        return self.pace >= SLOW_PACE

    @property
    def sentence(self) -> str:
        """The same in words, without a full stop."""
        steps = "" if self.steps is None else f" and {self.steps:,} step{'' if self.steps == 1 else 's'}"
        epochs = f"{self.epochs} epoch{'' if self.epochs == 1 else 's'}"
        return f"the loss still falls, by {self.pace:.1%} in an epoch, after {epochs}{steps}"


@derived
def step_count(
    epochs: np.ndarray,
    iterations: np.ndarray | None = None,
    steps_per_epoch: int | None = None,
    sample_count: int | None = None,
    batch_size: int | None = None,
) -> int | None:
    """Optimizer steps of this run, those that its model had taken before left out; None when unknown."""
    if iterations is not None and epochs[0] == 0 and np.isfinite(iterations[[0, -1]]).all():
        taken = int(iterations[-1] - iterations[0])
        if taken > 0:
            return taken
    if steps_per_epoch is None and sample_count and batch_size:
        steps_per_epoch = -(-sample_count // batch_size)
    return steps_per_epoch * int(np.count_nonzero(epochs > 0)) if steps_per_epoch else None


@derived
def loss_trend(
    epochs: np.ndarray,
    probe_loss: np.ndarray | None = None,
    loss: np.ndarray | None = None,
    step_count: int | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    loss_function: dict[str, Any] | None = None,
    label_form: str | None = None,
) -> LossTrend | None:
    """Number of steps, and the pace of the loss over the second half of the epochs; None for fewer than three epochs.

    The loss on the probe samples is taken where it was measured: it is no mean over an epoch, and holds no penalty.
    """
    values = loss if probe_loss is None else probe_loss
    done = epochs > 0
    if values is None or done.sum() < 3 or not np.isfinite(values[done]).all():
        return None
    curve = np.asarray(values[done], float)
    half = curve[-max(-(-len(curve) // 2), 3) :]
    end, perfect = float(curve[-1]), perfect_loss or 0.0
    slope, error = line_slope(half)
    falling = slope < 0 and end > perfect and half[-1] < half[-2]
    steady = falling and (-slope > STEADY * error if len(half) > FEW_POINTS else bool((np.diff(half) < 0).all()))
    known = baseline_loss is not None and baseline_loss > perfect
    allowed = reference_skill(neighbour_skill, ridge_skill, loss_function) if label_form == "continuous" else None
    goal = baseline_loss - allowed * (baseline_loss - perfect) if known and baseline_loss and allowed else None
    return LossTrend(
        step_count,
        len(curve),
        end,
        -slope / abs(float(half[0])) if half[0] else 0.0,
        steady,
        (baseline_loss - end) / (baseline_loss - perfect) if known and baseline_loss is not None else None,
        _epochs_to(baseline_loss if known else None, end, slope),
        _epochs_to(goal, end, slope),
    )


def _epochs_to(goal: float | None, end: float, slope: float) -> float | None:
    if goal is None:
        return None
    if end <= goal:
        return 0.0
    return (end - goal) / -slope if slope < 0 else float("inf")
