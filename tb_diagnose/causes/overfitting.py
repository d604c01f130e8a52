"""The model learns the training samples by heart, and other samples get no better.

Skill on training samples goes on rising while validation samples stay behind: what is learned from then on holds for the
training samples only. Where the model is still sure of its answers on validation samples, their loss turns up. This is an
outcome: the reason is in the data, or in a network that has room for every single row.

Not this: a small gap between the two, one while both still improve, and training samples that are not learned either.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause, degree
from tb_diagnose.status.generalization import GAP as SKILL_GAP
from tb_diagnose.status.generalization import Gap

RISING_EPOCHS = 4
"""Epochs of rising validation loss before it counts: one or two are noise."""
GAP, WIDE_GAP = 0.05, 0.3
"""Training accuracy above validation accuracy; 0.05 is two standard errors on 400 validation samples."""
RISE, STEEP_RISE = 1.1, 2.0
"""Validation loss at the end over its smallest value."""
WIDE_SKILL_GAP = 0.6
"""Training skill above validation skill at which most of what was learned is of no use; the healthy limit is that of
`progress.py`."""
LEAST = 0.3
"""Severity of a gap that is just significant: it is what makes a run one that does not generalize."""


@cause(
    title="Overfitting",
    family="outcome",
    fix="Stop where the validation loss was lowest with `keras.callbacks.EarlyStopping(restore_best_weights=True)`, then add data, augmentation or Dropout.",
    is_status="not generalizing",
    sources=("Prechelt, 'Early Stopping - But When?', 1998",),
)
def overfitting(
    epochs: np.ndarray,
    val_loss: np.ndarray,
    loss: np.ndarray,
    accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    validation_gap: Gap | None = None,
) -> Answer:
    turned = _turned(epochs, val_loss, loss, accuracy, val_accuracy)
    if validation_gap is None:
        return turned
    found = _behind(validation_gap, int(epochs[-1]), _lowest(epochs, val_loss))
    return found if found.weight >= turned.weight else turned


def _behind(gap: Gap, last: int, best: int | None) -> Answer:
    stop = "" if best is None or best >= last else f", here after epoch {best},"
    return Finding(
        LEAST + (1 - LEAST) * degree(gap.size, SKILL_GAP, WIDE_SKILL_GAP),
        1.0,
        f"After epoch {last}, skill (0 is the best constant answer, 1 a perfect one) is {gap.training:.2f} on training samples and "
        f"{gap.validation:.2f} on validation samples, and the latter rises no more.",
        f"a difference below {SKILL_GAP:g}.",
        f"Stop where the validation loss was lowest{stop} with `keras.callbacks.EarlyStopping(patience={RISING_EPOCHS}, "
        "restore_best_weights=True)`; then add data, augmentation or Dropout, or take fewer units.",
        since=gap.since,
        picture=f"val_{gap.what}",
    )


def _turned(
    epochs: np.ndarray,
    val_loss: np.ndarray,
    loss: np.ndarray,
    accuracy: np.ndarray | None,
    val_accuracy: np.ndarray | None,
) -> Answer:
    """The validation loss turned up while the training loss went on falling."""
    kept = np.isfinite(val_loss) & np.isfinite(loss)
    validation, training, numbers = val_loss[kept], loss[kept], epochs[kept]
    if len(validation) < RISING_EPOCHS + 1:
        return Fine(f"{len(validation)} epochs with a validation loss, too few to see it turn.")
    best = int(validation.argmin())
    after = len(validation) - 1 - best
    rise = float(np.median(validation[-2:]) / validation[best]) if validation[best] > 0 else 1.0
    gap = (
        float(np.nanmean(accuracy[-2:]) - np.nanmean(val_accuracy[-2:]))
        if accuracy is not None and val_accuracy is not None
        else None
    )
    saw = f"The validation loss is {validation[-1]:.3g} after epoch {int(numbers[-1])} and was lowest, {validation[best]:.3g}, after epoch {int(numbers[best])}"
    saw += f"; training accuracy is {gap:.2f} above validation accuracy" if gap is not None and gap > 0 else ""
    still_falling = training[-1] < training[best]
    worst = max(
        degree(rise, RISE, STEEP_RISE),
        0.0 if gap is None else degree(max(gap, 1e-9), GAP, WIDE_GAP) if rise > 1 else 0.0,
    )
    if after < RISING_EPOCHS or not still_falling or rise <= RISE or (gap is not None and gap <= GAP) or not worst:
        return Fine(f"{saw}.")
    stop = int(numbers[best])
    return Finding(
        worst,
        1.0,
        f"{saw}, while the training loss fell from {training[best]:.3g} to {training[-1]:.3g}.",
        f"a validation loss within {RISE - 1:.0%} of its lowest value.",
        f"Stop after epoch {stop}: `keras.callbacks.EarlyStopping(patience={RISING_EPOCHS}, restore_best_weights=True)`; then add data, augmentation or Dropout.",
        since=stop + 1,
        picture="val_loss",
        limit=float(validation[best]),
    )


def _lowest(epochs: np.ndarray, val_loss: np.ndarray) -> int | None:
    return int(epochs[np.nanargmin(val_loss)]) if np.isfinite(val_loss).any() else None
