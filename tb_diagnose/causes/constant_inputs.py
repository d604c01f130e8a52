"""The inputs are the same in every row, or nearly so.

A model can only tell rows apart that differ. When a column was read wrongly, divided twice, rounded to
integers or filled with one value, every row looks alike; the best that training can do is the share of each
label, and accuracy stands at the majority share while the loss stands at the entropy of the labels.

Not this: single constant columns such as the border pixels of digits, or padding.
"""

from __future__ import annotations

from tb_diagnose.causes import Finding, cause, clear, severity

HEALTHY, RUINOUS = 0.1, 0.002
"""Different input rows for one training row. Below the first value a row is shared by more than 10 training
rows, below the second by more than 500: too few different rows to learn a rule from."""
FEW = 10
"""With so few different rows nothing but a table can be learned, whatever the number of rows."""
LEAST_OF_FEW = 0.6
"""Severity of so few rows where they share labels, however few rows there are in all."""


@cause(
    title="Constant inputs",
    family="data",
    fix="Look at a few rows of x just before `fit`; undo the step that made them alike (a double division, integer rounding, a wrong column).",
    leads_to=(
        "constant_prediction",
        "vanishing_gradients",
        "dead_relu",
        "label_noise",
        "shuffled_labels",
        "duplicate_rows",
        "disconnected_gradient",
        "learning_rate_too_low",
        "insufficient_capacity",
        "too_few_epochs",
    ),
    sources=(
        "Silent data loading errors: https://www.codegenes.net/blog/why-is-the-accuracy-for-my-keras-model-always-0-when-training",
    ),
)
def constant_inputs(
    distinct_input_count: int,
    constant_feature_fraction: float,
    row_count: int,
    conflicting_row_fraction: float | None = None,
    label_unique_count: int | None = None,
) -> Finding:
    share = distinct_input_count / row_count
    saw = f"{distinct_input_count:,} different input rows among {row_count:,}; {constant_feature_fraction:.0%} of the features have one value in all rows"
    conflict = conflicting_row_fraction or 0.0
    if conflicting_row_fraction is None and label_unique_count:
        conflict = max(
            1 - distinct_input_count / label_unique_count, 0.0
        )  # more targets than inputs that could tell them
    if distinct_input_count > 1 and (share > HEALTHY or conflict < 0.5):
        return clear(f"{saw}.")
    if distinct_input_count <= 1:
        worst = 1.0
    elif distinct_input_count <= FEW:
        worst = max(severity(share, HEALTHY, RUINOUS), LEAST_OF_FEW)
    else:
        worst = 0.8 * severity(share, HEALTHY, RUINOUS)
    if worst == 0:
        return clear(f"{saw}.")
    return Finding(
        worst,
        f"{saw}"
        + (
            f"; {conflicting_row_fraction:.0%} of the rows have inputs that occur with another label too."
            if conflicting_row_fraction
            else f", for {label_unique_count:,} different labels."
            if label_unique_count
            else "."
        ),
        "nearly as many different input rows as rows.",
        "Print `np.unique(x, axis=0)` just before fit and undo the step that made the rows alike: a double division, "
        "rounding to integers, a wrong column.",
        picture="input_spread",
    )
