"""The model memorizes the training samples, and other samples get no better.

Skill on training samples goes on rising while validation samples stay behind: what is learned from then on holds for
the training samples only. Where the model is still sure of its answers on validation samples, their loss turns up. This
is an outcome: the reason is in the data, or in a network that has room for every single sample.

Not this: a small gap between the two, one while both still improve, and training samples that are not learned either.
Where simple methods do no better on the validation samples, the gap says that the rest was memorized, not that more was
to be had: then it is a note.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, Edit, Finding, Fine, Try, cause, degree, number
from tb_diagnose.causes._wording import plural
from tb_diagnose.evidence.number import fixed
from tb_diagnose.status.generalization import GAP as SKILL_GAP
from tb_diagnose.status.generalization import RISE, RISING_EPOCHS, Gap, Skills, Turn
from tb_diagnose.status.skill import LEARNED

GAP, WIDE_GAP = 0.05, 0.3
"""Training accuracy above validation accuracy; 0.05 is two standard errors on 400 validation samples."""
STEEP_RISE = 2.0
"""Validation loss at the end over its smallest value; the healthy limit is that of `status/generalization.py`."""
WIDE_SKILL_GAP = 0.6
"""Training skill above validation skill at which most of what was learned is of no use; the healthy limit is that of
`status/generalization.py`."""
LEAST = 0.3
"""Harm of a gap that is just significant: it is what makes a run one that does not generalize."""
FAR_ABOVE = 2.0
"""Validation loss over training loss at the end that losses alone do not explain."""
EXCUSED = 0.15
"""Harm of a gap behind which simple methods stand as well: stopping earlier may help a little."""
NOT_BEGUN = (
    "Stopping earlier does not help, since validation never got far: look at how both were split, labelled and "
    "prepared; then add data, augmentation or Dropout, or take fewer units."
)
DROPPED = 0.5
"""Rate of a Dropout that a trial tries: near the best for hidden units (Srivastava et al., 2014)."""
DROPOUT = {"class_name": "Dropout", "config": {"rate": DROPPED}}
STOP = f"`keras.callbacks.EarlyStopping(patience={RISING_EPOCHS}, restore_best_weights=True)`"


@cause(
    title="Overfitting",
    family="outcome",
    fix="Stop where the validation loss was lowest with `keras.callbacks.EarlyStopping(restore_best_weights=True)`, "
    "then add data, augmentation or Dropout.",
    is_status="not generalizing",
    sources=("Prechelt, 'Early Stopping - But When?', 1998",),
)
def overfitting(
    epochs: np.ndarray,
    val_loss: np.ndarray | None = None,
    loss: np.ndarray | None = None,
    accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    validation_gap: Gap | None = None,
    validation_turn: Turn | None = None,
    training_and_validation_skill: Skills | None = None,
    output: dict[str, Any] | None = None,
) -> Answer:
    turned = _turned(validation_turn, _accuracy_gap(accuracy, val_accuracy))
    skills = training_and_validation_skill
    best = 1.0 if skills is None else float(skills.validation.max())
    behind = (
        None if validation_gap is None else _behind(validation_gap, int(epochs[-1]), _lowest(epochs, val_loss), best)
    )
    findings = [finding for finding in (behind, turned) if finding is not None]
    if findings:
        lowest = validation_turn.best if validation_turn is not None else _lowest(epochs, val_loss)
        attempt = _attempt(lowest, int(epochs[-1]), (output or {}).get("name"))
        return replace(max(findings, key=lambda finding: finding.weight), attempt=attempt)
    if skills is not None and (val_loss is None or loss is None):
        return Fine(
            f"Skill is {_shown(skills.training[-1])} on training samples, {_shown(skills.validation[-1])} on "
            "validation samples."
        )
    if val_loss is None or loss is None:
        return CouldNotTell(("val_loss",) if val_loss is None else ("loss",))
    if skills is None and accuracy is None and _is_far_above(val_loss, loss):
        return CouldNotTell(("accuracy", "val_accuracy"))
    return Fine(_cleared(epochs, val_loss, loss))


def _shown(skill: float) -> str:
    """A skill; how far it is below that of no skill at all says nothing."""
    return "below -1" if skill < -1 else fixed(skill)


def _attempt(lowest: int | None, last: int, output: str | None) -> Try | None:
    """What a trial makes: a stop where the validation loss was lowest, or Dropout where it was so at the end."""
    if lowest is not None and 1 <= lowest < last:
        return Try(f"{plural(lowest, 'epoch')}, where the validation loss was lowest", (Edit("fit", "epochs", lowest),))
    if output is None:
        return None
    return Try(f"a Dropout of {DROPPED} before {output}", (Edit(output, "before", [DROPOUT]),))


def _is_far_above(val_loss: np.ndarray, loss: np.ndarray) -> bool:
    """Whether losses alone leave it open: validation is far above training, and nothing tells what a good loss is."""
    kept = np.isfinite(val_loss) & np.isfinite(loss)
    return bool(kept.any()) and float(val_loss[kept][-1]) > FAR_ABOVE * max(float(loss[kept][-1]), 0.0)


def _behind(gap: Gap, last: int, best: int | None, best_validation: float) -> Finding:
    """Validation skill stays behind training skill."""
    harm = EXCUSED if gap.excused_by is not None else LEAST + (1 - LEAST) * degree(gap.size, SKILL_GAP, WIDE_SKILL_GAP)
    same = (
        ""
        if gap.excused_by is None
        else f"; simple methods reach a skill of {gap.excused_by:.2f} on the same validation samples"
    )
    here = "" if best is None or best >= last else f", here after epoch {best},"
    # A loss that rises from the first epoch on says nothing of where the answers were best.
    best_at = "validation was best" if best is None or best <= 1 else f"the validation loss was lowest{here}"
    skills = gap.skills
    what = "the loss" if skills.what == "loss" else skills.what
    training, validation = map(number, skills.figures)
    return Finding(
        harm,
        1.0,
        f"After epoch {int(skills.epochs[-1])}, {what} is {training} on training samples and {validation} on "
        "validation samples: a skill (0 is the best constant answer, 1 a perfect one) of "
        f"{fixed(skills.training[-1])} and {fixed(skills.validation[-1])}{same}.",
        f"a difference in skill below {SKILL_GAP:g}.",
        f"Stop where {best_at} with {STOP}; then add data, augmentation or Dropout, or take fewer units."
        if best_validation >= LEARNED
        else NOT_BEGUN,
        since=gap.since,
        picture=f"val_{skills.what}",
    )


def _turned(turn: Turn | None, gap: float | None) -> Finding | None:
    """The validation loss turned up while the training loss went on falling."""
    if turn is None or (gap is not None and gap <= GAP):
        return None
    by_gap = 0.0 if gap is None else degree(gap, GAP, WIDE_GAP)
    beside = "" if gap is None else f"; training accuracy is {gap:.2f} above validation accuracy"
    return Finding(
        max(degree(turn.ratio, RISE, STEEP_RISE), by_gap),
        1.0,
        f"The validation loss was lowest, {number(turn.lowest)}, after epoch {turn.best} and is {number(turn.now)} "
        f"after epoch {turn.last}, while the training loss fell from {number(turn.training_then)} to "
        f"{number(turn.training_now)}{beside}.",
        f"a validation loss within {RISE - 1:.0%} of its lowest value.",
        f"Stop after epoch {turn.best}: {STOP}; then add data, augmentation or Dropout.",
        since=turn.best + 1,
        picture="val_loss",
        limit=turn.lowest,
    )


def _accuracy_gap(accuracy: np.ndarray | None, val_accuracy: np.ndarray | None) -> float | None:
    """Reported training accuracy above validation accuracy over the last two epochs."""
    if accuracy is None or val_accuracy is None:
        return None
    gap = accuracy[-2:] - val_accuracy[-2:]
    return float(gap[np.isfinite(gap)].mean()) if np.isfinite(gap).any() else None


def _cleared(epochs: np.ndarray, val_loss: np.ndarray, loss: np.ndarray) -> str:
    kept = np.isfinite(val_loss) & np.isfinite(loss)
    count = int(kept.sum())
    if count < RISING_EPOCHS + 1:
        return f"{count} epoch{'' if count == 1 else 's'} with a validation loss, too few to see it turn."
    best = int(val_loss[kept].argmin())
    last = f"{number(val_loss[kept][-1])} after epoch {int(epochs[kept][-1])}"
    if number(val_loss[kept][best]) == number(val_loss[kept][-1]):
        return f"The validation loss is lowest at the end, {last}."
    return (
        f"The validation loss is {last} and was lowest, "
        f"{number(val_loss[kept][best])}, after epoch {int(epochs[kept][best])}."
    )


def _lowest(epochs: np.ndarray, val_loss: np.ndarray | None) -> int | None:
    return None if val_loss is None or not np.isfinite(val_loss).any() else int(epochs[np.nanargmin(val_loss)])
