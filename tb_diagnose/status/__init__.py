"""Skill, stalls, generalization, convergence and reported accuracy: what is the matter with a run, not why.

Importing this package registers the derived evidence that its modules define.
"""

from tb_diagnose.status import (
    chance,
    convergence,
    disagreement,
    ended,
    generalization,
    levels,
    loss_trend,
    moving_statistics,
    outputs,
    reported_accuracy,
    skill,
    stall,
    status,
)

__all__ = [
    "chance",
    "convergence",
    "disagreement",
    "ended",
    "generalization",
    "levels",
    "loss_trend",
    "moving_statistics",
    "outputs",
    "reported_accuracy",
    "skill",
    "stall",
    "status",
]
