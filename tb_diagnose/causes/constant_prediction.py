"""The model gives the same answer for every sample.

All samples get one class, or outputs that hardly differ: the output no longer depends on the input. Something before
it did that; by itself this only says where accuracy is lost.

A log of curves tells it where the loss stays at ln k and accuracy at 1/k from the first epoch on: that is what one
answer for all samples of k classes gives.

Not this: labels that really are all of one class, and a model that has not got there yet. A run begins by learning the
best constant answer; where its loss still falls towards that, or it has taken few steps, there is nothing blocked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Finding, Fine, cause, number
from tb_diagnose.causes._tries import RATE, without_custom
from tb_diagnose.status.chance import FACTOR, NEAR_LOG, NOISE, Guess
from tb_diagnose.status.loss_trend import LossTrend

ALIKE = 0.98
"""Share of samples predicted as one class from which the others are ignored."""
FLAT = 1e-3
"""Standard deviation of a probability over the samples below which samples cannot be told apart: with 512 samples, far
below the 0.02 of a coin."""
FEWEST = 5
"""Epochs at ln k from which a start is no longer slow but has not happened."""
BEGUN = 0.9
"""Share of ln k that a loss falls below once something is learned."""
FLAT_SHARE = 0.02
"""The same for continuous targets, over the standard deviation of the labels: such outputs explain at most 4 % of the
labels' variance."""


@dataclass(frozen=True)
class _Alike:
    """At which records all samples get the same answer, and what says so."""

    at: np.ndarray
    short: str
    saw: str
    expected: str
    picture: str


@cause(
    title="The same prediction for every sample",
    family="mechanism",
    fix="Look at what comes before the output: the layers, the scale of the inputs and the learning rate.",
    sources=("Zhang et al., 'AUTOTRAINER', ICSE 2021",),
    either=("prediction_std", "loss", "val_loss"),
)
def constant_prediction(
    epochs: np.ndarray,
    prediction_std: np.ndarray | None = None,
    predicted_fraction: np.ndarray | None = None,
    label_counts: list[float] | None = None,
    label_std: float | None = None,
    classes: list[str] | None = None,
    loss_trend: LossTrend | None = None,
    loss: np.ndarray | None = None,
    accuracy: np.ndarray | None = None,
    val_loss: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    guess: Guess | None = None,
    model: dict[str, Any] | None = None,
    layers: list[dict[str, Any]] | None = None,
) -> Answer:
    if prediction_std is None:
        if accuracy is None:
            loss, accuracy = val_loss if val_loss is not None else loss, val_accuracy
        return _by_curves(epochs, loss, accuracy, guess)
    deviation = np.where(np.isnan(prediction_std), -np.inf, prediction_std).max(axis=1)
    trained = epochs > 0  # before the first step one answer for all samples is nothing unusual
    if not trained.any() or np.isinf(deviation[-1]):
        return CouldNotTell(("prediction_std",))
    if label_counts is not None and max(label_counts) == sum(label_counts):
        return DoesNotApply("All labels are of one class, and so are the predictions.")
    if predicted_fraction is not None and label_counts is not None:
        alike = _by_class(predicted_fraction, deviation, label_counts, classes, int(epochs[-1]))
    else:
        alike = _by_deviation(deviation, label_std, int(epochs[-1]))
    if not alike.at[-1]:
        return Fine(f"{alike.short}.")
    if loss_trend is not None and loss_trend.on_its_way:
        return Fine(f"The outputs are alike, but the loss still falls, by {loss_trend.pace:.1%} in an epoch.")
    differing = np.flatnonzero(~alike.at | ~trained)
    since = int(epochs[differing[-1] + 1]) if len(differing) else int(epochs[0])
    attempt = without_custom(model, layers or []) or RATE
    return Finding(1.0, 1.0, f"{alike.saw}.", alike.expected, since=since, picture=alike.picture, attempt=attempt)


def _by_curves(epochs: np.ndarray, loss: np.ndarray | None, accuracy: np.ndarray | None, guess: Guess | None) -> Answer:
    """The same from a loss that never leaves ln k, and an accuracy that never leaves 1/k."""
    if loss is None or accuracy is None or guess is None or guess.classes is None:
        return CouldNotTell(("prediction_std",))
    both = np.isfinite(loss) & np.isfinite(accuracy) & (epochs > 0)
    if both.sum() < FEWEST:
        return CouldNotTell(("prediction_std",))
    constant = math.log(guess.classes)
    stays = np.abs(loss[both] / constant - 1).max() <= NEAR_LOG and float(accuracy[both].max()) <= FACTOR * guess.share
    if not stays or float(np.median(accuracy[both])) > NOISE * guess.share:
        return CouldNotTell(("prediction_std",))
    return Finding(
        1.0,
        1.0,
        f"The loss stays at {number(float(loss[both][-1]))}, the logarithm of {guess.classes}, and accuracy at "
        f"{number(float(accuracy[both][-1]))} from the first epoch to epoch {int(epochs[both][-1])}: what "
        f"about equal probabilities for all {guess.classes} classes give, whatever the sample.",
        f"a loss below {number(BEGUN * constant)} after a few epochs.",
        "Try a tenth of the learning rate first; then look at the scale of the inputs, at the output activation with "
        "its loss, and at whether each label belongs to its input.",
        since=int(epochs[both][0]),
        picture="loss",
        limit=BEGUN * constant,
        attempt=RATE,
    )


def _by_class(
    fraction: np.ndarray, deviation: np.ndarray, counts: list[float], classes: list[str] | None, last: int
) -> _Alike:
    shares = np.nan_to_num(fraction).max(axis=1)
    index = int(np.nan_to_num(fraction[-1]).argmax())
    name = classes[index] if classes and index < len(classes) else index
    majority = max(counts) / sum(counts)
    predicted = f"{shares[-1]:.1%} of the probe samples are predicted as class {name} after epoch {last}"
    return _Alike(
        shares >= max(ALIKE, (1 + majority) / 2),
        predicted,
        f"{predicted}; the outputs have a standard deviation of {number(deviation[-1])}",
        f"about the share of the labels, {majority:.1%} for the commonest class.",
        "predicted_fraction",
    )


def _by_deviation(deviation: np.ndarray, label_std: float | None, last: int) -> _Alike:
    flat = FLAT_SHARE * label_std if label_std else FLAT
    saw = f"The outputs have a standard deviation of {number(deviation[-1])} over the probe samples after epoch {last}"
    return _Alike(
        deviation <= flat,
        saw,
        saw,
        f"more than {number(flat, 2)}" + (f"; the labels have {number(label_std)}." if label_std else "."),
        "prediction_std",
    )
