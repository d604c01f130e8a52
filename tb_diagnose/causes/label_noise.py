"""Many labels are wrong, and set a ceiling that accuracy cannot pass.

Where a share of the labels is wrong, no model that has learned the rule can be right about them: accuracy stops
at the share of right labels, and goes on only by learning single rows by heart. The gradient of the wrong rows pulls
against that of the right ones, so learning is slower too.

How it is told: rows about whose label the rows around them agree, and that carry another one; equal rows with
different labels; a model that is right about validation rows more often than about the rows that it was trained on.

Not this: neighbours that know nothing of the labels (then these errors are their own), a few percent of wrong labels,
which every large data set has, and a model whose accuracy is far above that ceiling in training and validation, or
far below it.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Finding, cause, clear, severity

HEALTHY, RUINOUS = 0.1, 0.5
"""Share of wrong labels. Common benchmark sets have 3.3 % on average and up to 10 % (Northcutt et al., 2021);
half of the labels wrong is where two classes say nothing any more."""
ERRORS = 2.0
"""Standard errors by which neighbours or ridge regression must be better than chance to be judges of labels at all."""
UNFAIR = 0.2
"""Distance between the label shares of training and validation from which on their accuracies cannot be compared."""
REFUTED = 0.5
"""Share of the suspected labels that a model is right about in training and validation: then they are not wrong."""
UNTOUCHED = 0.2
"""Weight where the model has not come near the ceiling at all: then something else holds it first."""
LAST = 3
"""Epochs at the end that a level is the mean of."""


@cause(
    title="Wrong labels",
    family="data",
    fix="Look at the rows that the trained model is surest to be labelled wrongly, and correct or drop them.",
    leads_to=(
        "overfitting",
        "too_few_epochs",
        "insufficient_capacity",
        "constant_prediction",
        "batch_size_too_small",
    ),
    sources=(
        "Northcutt, Jiang and Chuang, 'Confident Learning: Estimating Uncertainty in Dataset Labels', 2021",
        "Northcutt, Athalye and Mueller, 'Pervasive Label Errors in Test Sets', 2021: 3.3 % on average",
    ),
)
def label_noise(
    confident_error_fraction: float,
    neighbour_skill: float,
    neighbour_row_count: int,
    ridge_skill: float | None = None,
    conflicting_row_fraction: float | None = None,
    baseline_accuracy: float | None = None,
    probe_accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    validation_row_count: int | None = None,
    validation_label_shift: float | None = None,
) -> Finding:
    floor = min(baseline_accuracy if baseline_accuracy is not None else 0.5, 0.99)
    error = np.sqrt(floor * (1 - floor) / neighbour_row_count) / (1 - floor)
    known = max(neighbour_skill, ridge_skill if ridge_skill is not None else -1.0)
    ours, theirs = _level(probe_accuracy), _level(probe_val_accuracy)
    better = _better_on_validation(ours, theirs, validation_row_count, validation_label_shift)
    few = ERRORS * np.sqrt(confident_error_fraction * (1 - confident_error_fraction) / (neighbour_row_count / 2))
    judged = known > ERRORS * error and confident_error_fraction - few > HEALTHY
    signs = {
        "confident_error_fraction": confident_error_fraction if judged else 0.0,
        "conflicting_row_fraction": (conflicting_row_fraction or 0.0) / 2,  # of two equal rows one is wrong
        "probe_val_accuracy": better,
    }
    picture = max(signs, key=signs.__getitem__)
    noise = signs[picture]
    rows = (
        f"{confident_error_fraction:.1%} of the rows about whose label the rows around them are surest, of "
        f"{neighbour_row_count:,} looked at, carry another label"
    )
    saw = {
        "confident_error_fraction": rows,
        "conflicting_row_fraction": f"{conflicting_row_fraction or 0:.1%} of the rows have inputs that occur with "
        "another label too",
        "probe_val_accuracy": f"The model is right about {theirs or 0:.1%} of the validation rows and only "
        f"{ours or 0:.1%} of the training rows",
    }[picture]
    if known <= ERRORS * error and not noise:
        return clear(f"{rows}, but they tell only {max(known, 0):.0%} of the labels at all: no judges.")
    if noise <= HEALTHY:
        return clear(f"{rows}.")
    ceiling = 1 - noise
    if ours is not None and theirs is not None and min(ours, theirs) > 1 - (1 - REFUTED) * noise:
        return clear(f"{saw}, but accuracy is {ours:.2f} in training and {theirs:.2f} in validation.")
    weight = 1.0
    if ours is not None and not better:
        weight = float(np.clip((ours - floor) / max(ceiling - floor, 0.05), UNTOUCHED, 1))
    return Finding(
        severity(noise, HEALTHY, RUINOUS) * weight,
        f"{saw}: accuracy cannot pass about {ceiling:.2f}{'' if ours is None else f', and is {ours:.2f}'}.",
        f"less than {HEALTHY:.0%} of wrong labels; large data sets have about 3 %.",
        "Look at the rows where `model.predict(x)` is surest and `y` says otherwise, and correct or drop them; find the "
        "step that mixed the labels up.",
        picture=picture,
        limit=HEALTHY if picture == "confident_error_fraction" else None,
    )


def _better_on_validation(ours: float | None, theirs: float | None, rows: int | None, shift: float | None) -> float:
    """How much the model is better on validation rows than on training rows, both in inference mode; 0 within chance.

    Nothing but wrong training labels, or easier validation rows, does that.
    """
    if ours is None or theirs is None or shift is None or shift >= UNFAIR:
        return 0.0
    error = np.sqrt(ours * (1 - ours) / 512 + theirs * (1 - theirs) / min(rows or 100, 512))
    return theirs - ours if theirs - ours > max(3 * error, HEALTHY) else 0.0


def _level(values: np.ndarray | None) -> float | None:
    if values is None or not np.isfinite(values).any():
        return None
    return float(np.mean(values[np.isfinite(values)][-LAST:]))
