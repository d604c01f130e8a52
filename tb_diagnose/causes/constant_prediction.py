"""The model gives the same answer for every row.

All samples get one class, or outputs that hardly differ: the output no longer depends on the input.
Something before it did that; by itself this only says where accuracy is lost.

Not this: labels that really are all of one class.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause

ALIKE = 0.98
"""Share of samples predicted as one class from which on the others are ignored."""
FLAT = 1e-3
"""Standard deviation of a probability over the samples below which samples cannot be told apart: with 512 samples, far below the
0.02 of a coin."""
FLAT_SHARE = 0.02
"""The same for amounts, over the standard deviation of the labels: such outputs explain at most 4 % of the labels'
variance."""


@cause(
    title="The same prediction for every row",
    family="mechanism",
    fix="Look at what comes before the output: the chain above it, the scale of the inputs and the learning rate.",
    sources=("Zhang et al., 'AUTOTRAINER', ICSE 2021",),
)
def constant_prediction(
    prediction_std: np.ndarray,
    epochs: np.ndarray,
    predicted_fraction: np.ndarray | None = None,
    label_counts: list[float] | None = None,
    label_std: float | None = None,
    classes: list[str] | None = None,
) -> Answer:
    spread = np.where(np.isnan(prediction_std), -np.inf, prediction_std).max(axis=1)
    trained = epochs > 0  # before training one answer for all samples is nothing unusual
    if not trained.any() or np.isinf(spread[-1]):
        return Fine("No finite prediction after an epoch.")
    if label_counts is not None and max(label_counts) == sum(label_counts):
        return Fine("All labels are of one class, and so are the predictions.")
    if predicted_fraction is not None and label_counts is not None:
        shares = np.nan_to_num(predicted_fraction).max(axis=1)
        name = int(np.nan_to_num(predicted_fraction[-1]).argmax())
        majority = max(label_counts) / sum(label_counts)
        limit = max(ALIKE, (1 + majority) / 2)
        saw = f"{shares[-1]:.1%} of the probe samples are predicted as class {classes[name] if classes and name < len(classes) else name} after epoch {int(epochs[-1])}; the outputs have a spread of {spread[-1]:.3g}"
        alike = shares >= limit
        expected = f"about the share of the labels, {majority:.1%} for the commonest class."
        picture = "predicted_fraction"
    else:
        flat = FLAT_SHARE * label_std if label_std else FLAT
        alike = spread <= flat
        saw = f"The outputs have a spread of {spread[-1]:.3g} over the probe samples after epoch {int(epochs[-1])}"
        expected = f"more than {flat:.2g}" + (f"; the labels have {label_std:.3g}." if label_std else ".")
        picture = "prediction_std"
    if not alike[-1]:
        return Fine(f"{saw}.")
    differing = np.flatnonzero(~alike | ~trained)
    since = int(epochs[differing[-1] + 1]) if len(differing) else int(epochs[0])
    return Finding(1.0, 1.0, f"{saw}.", expected, since=since, picture=picture)
