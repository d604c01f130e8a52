"""The run ended while the model was still learning.

Skill rose up to the last epoch, and what the inputs tell was not reached yet. Nothing is wrong with data, network or
rate: there was no more time.

Not this: a run that is still running, one that a callback has stopped early, and one that has levelled off.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree
from tb_diagnose.status.convergence import WORTHWHILE, Unfinished
from tb_diagnose.status.skill import FINISHED

HEALTHY, RUINOUS = 0.1, 0.5
"""Share of the skill that the inputs allow which is missing at the end: a tenth is polish, half of it more than what
was learned."""
LEAST, MOST = 0.3, 0.6
"""Severity where it is just worth to go on, and where most is still missing: nothing is broken, so never 1."""


@cause(
    title="Too few epochs",
    family="training",
    fix="Train for three times as many epochs, with `keras.callbacks.EarlyStopping` to end in time.",
    is_status="unfinished",
    sources=("Bengio, 'Practical recommendations for gradient-based training', 2012, section 3.1: early stopping",),
)
def too_few_epochs(skill: np.ndarray, epochs: np.ndarray, planned_epochs: int, unfinished: Unfinished | None) -> Answer:
    last = int(epochs[-1])
    found = unfinished
    if found is None:
        return Fine(
            f"Skill is {skill[-1]:.2f} after epoch {last} of {planned_epochs} (0 is the best constant answer, 1 a perfect one); "
            f"as many epochs again would not bring {WORTHWHILE:g} more, or it is within {1 - FINISHED:.0%} of what the inputs allow."
        )
    allowed = f", where the inputs allow {found.allowed:.2f}" if found.allowed < 1 else ""
    rise = "rose" if np.count_nonzero(epochs > 0) == 1 else "still rose"
    return Finding(
        (LEAST + (MOST - LEAST) * degree(1 - found.level / found.allowed, HEALTHY, RUINOUS)) / 0.6,
        0.6,
        f"Skill {rise} when the run ended as planned after epoch {last}: it is at {found.level:.2f}{allowed} (0 is the best "
        f"constant answer, 1 a perfect one), and as many epochs again would bring about {found.gain:.2f} more.",
        f"at least {FINISHED * found.allowed:.2f}, or less than {WORTHWHILE:g} to be gained.",
        f"Train for more epochs: `epochs={max(3 * planned_epochs, 10)}`, with "
        "`keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)` to end in time.",
        edits=(Edit("fit", "epochs", max(3 * planned_epochs, 10), old=planned_epochs),),
        since=last,
        picture="skill",
        limit=FINISHED * found.allowed,
        beyond="below",
    )
