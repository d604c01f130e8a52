"""The labels are written in another form than the loss reads.

A binary cross-entropy reads the label as the probability of class 1: 0 or 1. With {1, 2}, {-1, 1} or {0, 255} its
smallest value lies outside what any output can give, and the gradient pushes every sample the same way. A sparse
cross-entropy reads class numbers 0 to K-1, a categorical one reads samples of K zeros and a single one; strings and
objects cannot be read at all. Keras raises an exception for some of these and stays silent for others; its accuracy
compares with 0 and 1 all the same. Labels of one value teach that value: the loss reaches 0, and so does what the model
can do. They come from a comparison of strings that never match, an integer division, or a wrong column.

Of a log that tells nothing of the labels, a loss that runs below zero beside an accuracy that gets no better says the
same: no cross-entropy does so with labels between 0 and 1.

Not this: multi-label samples of zeros and ones, soft labels between 0 and 1, more classes than the output layer has
units (`output_units`), and labels that a custom loss may not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Fine, cause
from tb_diagnose.causes._label_checks import (
    Labels,
    columns_for_sparse,
    misnumbered,
    not_numbers,
    numbers_for_columns,
    one_value,
    out_of_reach,
    outside_probabilities,
)
from tb_diagnose.causes._loss_below_zero import below_zero

CHECKS = (outside_probabilities, columns_for_sparse, misnumbered, numbers_for_columns, out_of_reach)


@cause(
    title="Labels that the loss cannot learn from",
    family="configuration",
    fix="Number the classes 0, 1, 2 ... for a sparse or binary cross-entropy, or one-hot encode them for a categorical "
    "one.",
    brings_about=(
        "constant_prediction",
        "exploding_gradients",
        "vanishing_gradients",
        "dead_relu",
        "saturated_activations",
    ),
    looks_like=("learning_rate_too_high", "metric_mismatch"),
    explains=("training", "validation"),
    sources=("https://keras.io/api/losses/probabilistic_losses/",),
    either=("label_form", "loss"),
)
def label_encoding(
    epochs: np.ndarray,
    label_form: str | None = None,
    label_dtype: str = "unknown",
    label_min: float | None = None,
    label_max: float | None = None,
    label_unique_count: int | None = None,
    label_counts: Sequence[float] | None = None,
    label_nonfinite_count: float | None = None,
    loss_function: dict[str, Any] | None = None,
    output: dict[str, Any] | None = None,
    sample_count: int | None = None,
    batch_size: int | None = None,
    steps_per_epoch: int | None = None,
    loss: np.ndarray | None = None,
    accuracy: np.ndarray | None = None,
) -> Answer:
    if label_form is None:
        return below_zero(epochs, loss, accuracy, (loss_function or {}).get("name"))
    settings, head = loss_function or {}, output or {}
    labels = Labels(
        label_form,
        label_dtype,
        label_min,
        label_max,
        label_unique_count,
        settings.get("name", ""),
        bool(settings.get("from_logits")),
        head.get("units"),
        head.get("activation"),
    )
    unread = not_numbers(labels)
    if unread is not None:
        return unread
    if label_min is None or label_max is None:
        return DoesNotApply("No label is a finite number.") if label_nonfinite_count else CouldNotTell(("label_min",))
    if loss_function is None:
        return CouldNotTell(("loss_function",))
    if settings.get("custom"):
        return DoesNotApply(f"{labels.span}, before a custom loss: not checked.")
    if settings.get("ignore_class") is not None:
        return DoesNotApply(f"{labels.span}, of which the loss ignores {settings['ignore_class']}: not checked.")
    if _is_one_value(labels, label_counts):
        whole = _is_whole(sample_count, batch_size, steps_per_epoch)
        return one_value(labels, label_counts, sample_count) if whole else CouldNotTell(("label_counts",))
    finding = next((finding for check in CHECKS if (finding := check(labels, label_min, label_max)) is not None), None)
    return finding or Fine(f"{labels.span}, as {labels.loss} reads them.")


def _is_one_value(labels: Labels, counts: Sequence[float] | None) -> bool:
    """Whether all samples have the same label."""
    if labels.form == "one_hot":
        return counts is not None and sum(count > 0 for count in counts) == 1
    return labels.different == 1


def _is_whole(samples: int | None, batch_size: int | None, steps: int | None) -> bool:
    """Whether the labels were read of all samples of an epoch: the first ones of a sorted Dataset are of one class."""
    if samples is None or batch_size is None or steps is None:
        return True
    return (steps - 1) * batch_size < samples
