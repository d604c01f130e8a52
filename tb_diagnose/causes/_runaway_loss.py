"""A custom loss that rewards other answers than the labels, so that predictions run away from them."""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Edit, Finding, number

AWAY = 1.0
"""Distance of the mean prediction from all labels, in ranges of the labels, from which predictions have run away: a
wrong answer of any loss that measures the labels stays between them."""
SURE = 0.9
"""Certainty: a loss may be meant to fall below that of the labels themselves, with predictions that are no estimates
of them."""


def runaway(
    name: str,
    output: str,
    losses: np.ndarray | None,
    perfect: float | None,
    means: np.ndarray | None,
    epochs: np.ndarray,
    low: float | None,
    high: float | None,
) -> Finding | None:
    """What is wrong with a custom loss on continuous targets; None where nothing shows it.

    Args:
        name: Of the loss.
        output: Name of the output layer.
        losses: The loss on the probe samples, shape `(epoch,)`.
        perfect: That of answers that are the labels themselves.
        means: Mean of each output on the probe samples, shape `(epoch, output)`.
        epochs: Epochs, shape `(epoch,)`.
        low: Smallest label.
        high: Largest label.
    """
    if losses is None or perfect is None or means is None or low is None or high is None or not high > low:
        return None
    above, below = means.max(axis=1), means.min(axis=1)
    away = (above - high > AWAY * (high - low)) | (low - below > AWAY * (high - low))
    runs = away & np.isfinite(losses) & (losses < perfect)
    if not runs[-1]:
        return None
    before = np.flatnonzero(~runs)
    since = int(epochs[before[-1] + 1]) if len(before) else int(epochs[0])
    mean = float(above[-1] if above[-1] > high else below[-1])
    return Finding(
        1.0,
        SURE,
        f"{name} is {number(float(losses[-1]))} on the probe samples after epoch {int(epochs[-1])}, below the "
        f"{number(perfect)} of answers that are the labels themselves. The predictions of {output} have run away: "
        f"their mean is {number(mean)}, where labels run from {number(low)} to {number(high)}.",
        "no loss below that of the right answers.",
        "Let the loss grow with the error, on both sides of the label: `loss` -> `mean_squared_error`, or the mean of "
        "`ops.abs(y_true - y_pred)`.",
        since=since,
        picture="probe_loss",
        limit=perfect,
        beyond="below",
        edits=(Edit("compile", "loss", "mean_squared_error"),),
    )
