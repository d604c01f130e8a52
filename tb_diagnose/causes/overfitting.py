"""The model learns the training rows by heart, and other rows get no better.

Training accuracy goes on rising while the validation loss turns up: what is learned from then on holds for
these rows only. This is an outcome, not the reason of a stall in training accuracy.

Not this: a constant gap between the two while both still improve.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Finding, cause, clear, severity

RISING_EPOCHS = 4
"""Epochs of rising validation loss before it counts: one or two are noise."""
GAP, WIDE_GAP = 0.05, 0.3
"""Training accuracy above validation accuracy; 0.05 is two standard errors on 400 validation rows."""
RISE, STEEP_RISE = 1.1, 2.0
"""Validation loss at the end over its smallest value."""


@cause(
    title="Overfitting",
    family="outcome",
    fix="Stop where the validation loss was lowest with `keras.callbacks.EarlyStopping(restore_best_weights=True)`, then add data, augmentation or Dropout.",
    leads_to=(),
    sources=("Prechelt, 'Early Stopping - But When?', 1998",),
)
def overfitting(
    val_loss: np.ndarray,
    loss: np.ndarray,
    epochs: np.ndarray,
    accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
) -> Finding:
    kept = np.isfinite(val_loss) & np.isfinite(loss)
    validation, training, numbers = val_loss[kept], loss[kept], epochs[kept]
    if len(validation) < RISING_EPOCHS + 1:
        return clear(f"{len(validation)} epochs with a validation loss, too few to see it turn.")
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
        severity(rise, RISE, STEEP_RISE),
        0.0 if gap is None else severity(max(gap, 1e-9), GAP, WIDE_GAP) if rise > 1 else 0.0,
    )
    if after < RISING_EPOCHS or not still_falling or rise <= RISE or (gap is not None and gap <= GAP) or not worst:
        return clear(f"{saw}.")
    stop = int(numbers[best])
    return Finding(
        worst,
        f"{saw}, while the training loss fell from {training[best]:.3g} to {training[-1]:.3g}.",
        f"a validation loss within {RISE - 1:.0%} of its lowest value.",
        f"Stop after epoch {stop}: `keras.callbacks.EarlyStopping(patience={RISING_EPOCHS}, restore_best_weights=True)`; then add data, augmentation or Dropout.",
        since=stop + 1,
        picture="val_loss",
        limit=float(validation[best]),
    )
