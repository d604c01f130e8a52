"""A loss below zero beside an accuracy that gets no better: labels that a cross-entropy cannot read."""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes._finding import Answer, CouldNotTell, Finding, Fine
from tb_diagnose.evidence.number import number

FAR = 1.0
"""Distance below zero from which it is no rounding, and no loss that is a share such as -Dice."""
BETTER = 0.02
"""Gain of accuracy since the loss fell below zero from which the run learns by a loss of another kind."""
KNOWN, INFERRED = 1.0, 0.8
"""Certainty where the log says that the loss is a cross-entropy, and where it only holds an accuracy."""


def below_zero(
    epochs: np.ndarray, loss: np.ndarray | None, accuracy: np.ndarray | None, loss_name: str | None
) -> Answer:
    """What a loss alone tells of the labels.

    Args:
        epochs: Epoch numbers, shape `(epoch,)`.
        loss: Training loss, shape `(epoch,)`.
        accuracy: Training accuracy, shape `(epoch,)`.
        loss_name: Name of the loss, where it is known.
    """
    entropy = loss_name is not None and "crossentropy" in loss_name
    if loss is None or (loss_name is not None and not entropy) or (accuracy is None and not entropy):
        return CouldNotTell(("label_form",))
    known = np.flatnonzero(np.isfinite(loss) & (epochs > 0))
    negative = known[loss[known] < 0]
    if not len(negative):
        return CouldNotTell(("label_form",))
    last, since = float(loss[known[-1]]), int(epochs[negative[0]])
    if last > -FAR:
        return CouldNotTell(("label_form",))
    beside = ""
    if accuracy is not None:
        right = accuracy[negative[0] :]
        right = right[np.isfinite(right)]
        if len(right) and right[-1] > right[0] + BETTER:
            return Fine(
                f"The loss is below zero, but accuracy rose from {number(right[0])} to {number(right[-1])} since."
            )
        if len(right):
            beside = f"; accuracy was {number(right[0])} in the one and is {number(right[-1])} in the other"
    kind, end = "this cross-entropy" if entropy else "a cross-entropy", int(epochs[known[-1]])
    return Finding(
        1.0,
        KNOWN if entropy else INFERRED,
        f"The loss is below zero since epoch {since} and at {number(last)} after epoch {end}{beside}; "
        f"{kind} is never below zero with labels between 0 and 1.",
        "a loss of 0 or more.",
        "Look at the smallest and the largest label. Number two classes 0 and 1 for a binary cross-entropy; for more "
        "classes take a categorical one, or a squared error for continuous targets.",
        since=since,
        picture="loss",
        limit=0.0,
        beyond="below",
    )
