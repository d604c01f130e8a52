"""The run ended while the model was still learning.

Skill rose up to the last epoch, or the loss fell steadily before there was any skill, and what the inputs tell was not
reached yet. Nothing is wrong with data, network or rate: there was no more time.

Not this: a run that is still running, one that a callback has stopped early, one that has levelled off, and one that
gets better on its training samples only: more epochs are no help then.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, Edit, Finding, Fine, cause, degree
from tb_diagnose.evidence.number import fixed
from tb_diagnose.status.convergence import Unfinished
from tb_diagnose.status.generalization import Gap, Turn
from tb_diagnose.status.skill import FINISHED, WORTHWHILE

HEALTHY, RUINOUS = 0.1, 0.5
"""Share of the skill that the inputs allow which is missing at the end: a tenth is polish, half of it more than what
was learned."""
FEWEST = 3
"""Figures without which nothing tells where the curve of a log is heading."""
LEAST = 0.5
"""Harm where it is just worth to go on: as many epochs again bring what is missing."""
CERTAINTY = 0.6
"""Nothing is broken: what else slows a run down leaves the same trace."""


@cause(
    title="Too few epochs",
    family="training",
    fix="Train for three times as many epochs, with `keras.callbacks.EarlyStopping` to end in time.",
    is_status="unfinished",
    sources=("Bengio, 'Practical recommendations for gradient-based training', 2012, section 3.1: early stopping",),
)
def too_few_epochs(
    skill: np.ndarray,
    epochs: np.ndarray,
    last_epoch: int | None,
    unfinished: Unfinished | None,
    planned_epochs: int | None = None,
    validation_gap: Gap | None = None,
    validation_turn: Turn | None = None,
    validation_best_epoch: int | None = None,
    val_loss: np.ndarray | None = None,
) -> Answer:
    last = int(epochs[-1])
    if last_epoch is None:
        return CouldNotTell(("planned_epochs",))
    if unfinished is None:
        best = validation_best_epoch if validation_turn is None else validation_turn.best
        if not np.isfinite(skill[-1]) or (planned_epochs is None and np.isfinite(skill).sum() < FEWEST):
            return CouldNotTell(("skill",))
        return Fine(_cleared(float(skill[-1]), last, last_epoch, validation_gap, best))
    longer = max(3 * last_epoch, 10)
    return Finding(
        LEAST + (1 - LEAST) * degree(1 - unfinished.level / unfinished.allowed, HEALTHY, RUINOUS),
        CERTAINTY,
        _sentence(unfinished, last, int(np.count_nonzero(epochs > 0)), planned_epochs is not None),
        f"at least {FINISHED * unfinished.allowed:.2f}, or less than {WORTHWHILE:g} to be gained.",
        f"Train for more epochs: `epochs={longer}`, with `{_stop(val_loss)}` to end in time.",
        edits=(Edit("fit", "epochs", longer, old=planned_epochs),),
        since=last,
        picture="skill",
        limit=FINISHED * unfinished.allowed,
        beyond="below",
    )


def _stop(val_loss: np.ndarray | None) -> str:
    """Early stopping; without validation samples it has nothing but the training loss to go by."""
    if val_loss is None or not np.isfinite(val_loss).any():
        return 'keras.callbacks.EarlyStopping(monitor="loss", patience=5)'
    return "keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)"


def _sentence(unfinished: Unfinished, last: int, finished: int, planned: bool) -> str:
    level = max(unfinished.level, 0.0)
    allowed = f", where the inputs allow {unfinished.allowed:.2f}" if unfinished.allowed < 1 else ""
    ended = "run ended as planned" if planned else "log ends"
    if unfinished.trend is not None:
        return (
            f"Skill is at {level:.2f}{allowed} (0 is the best constant answer, 1 a perfect one), but "
            f"{unfinished.trend.sentence}."
        )
    return (
        f"Skill {'rose' if finished == 1 else 'still rose'} when the {ended} after epoch {last}: it is at "
        f"{level:.2f}{allowed} (0 is the best constant answer, 1 a perfect one), and as many epochs again would bring "
        f"about {unfinished.gain:.2f} more."
    )


def _cleared(skill: float, last: int, planned: int, gap: Gap | None, best: int | None) -> str:
    if gap is not None:
        in_training, in_validation = fixed(gap.training), fixed(gap.validation)
        return f"Skill is {in_training} in training and {in_validation} in validation, which rises no more."
    if best is not None:
        return f"The validation loss was lowest after epoch {best} of {last}: more epochs would not help."
    if last < planned:
        return f"Skill is {fixed(skill)} after epoch {last} of {planned}, which are not over."
    return f"Skill is {fixed(skill)} after epoch {last} of {planned}; as many again would bring little more."
