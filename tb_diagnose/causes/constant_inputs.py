"""The inputs are the same in every sample, or nearly so.

A model can only tell samples apart that differ. When a column was read wrongly, divided twice, rounded to
integers or filled with one value, every sample looks alike; the best that training can do is the share of each
label, and accuracy stands at the majority share while the loss stands at the entropy of the labels.

Not this: single constant columns such as the border pixels of digits, or padding.
"""

from __future__ import annotations

from tb_diagnose.causes import Answer, Finding, Fine, cause, degree

HEALTHY, RUINOUS = 0.1, 0.002
"""Different input samples for one training row. Below the first value a sample is shared by more than 10 training
samples, below the second by more than 500: too few different samples to learn a rule from."""
FEW = 10
"""With so few different samples nothing but a table can be learned, whatever the number of samples."""
LEAST_OF_FEW = 0.6
"""Severity of so few samples where they share labels, however few samples there are in all."""


@cause(
    title="Constant inputs",
    family="data",
    fix="Look at a few samples of x just before `fit`; undo the step that made them alike (a double division, integer rounding, a wrong column).",
    brings_about=("constant_prediction", "vanishing_gradients", "dead_relu", "insufficient_capacity"),
    looks_like=(
        "label_noise",
        "shuffled_labels",
        "duplicate_rows",
        "disconnected_gradient",
        "learning_rate_too_low",
        "too_few_epochs",
    ),
    sets_ceiling=True,
    sources=(
        "Silent data loading errors: https://www.codegenes.net/blog/why-is-the-accuracy-for-my-keras-model-always-0-when-training",
    ),
)
def constant_inputs(
    distinct_input_count: int,
    constant_feature_fraction: float,
    sample_count: int,
    conflicting_sample_fraction: float | None = None,
    label_unique_count: int | None = None,
) -> Answer:
    share = distinct_input_count / sample_count
    saw = f"{distinct_input_count:,} different input samples among {sample_count:,}; {constant_feature_fraction:.0%} of the features have one value in all samples"
    conflict = conflicting_sample_fraction or 0.0
    if conflicting_sample_fraction is None and label_unique_count:
        conflict = max(
            1 - distinct_input_count / label_unique_count, 0.0
        )  # more targets than inputs that could tell them
    if distinct_input_count > 1 and (share > HEALTHY or conflict < 0.5):
        return Fine(f"{saw}.")
    if distinct_input_count <= 1:
        worst = 1.0
    elif distinct_input_count <= FEW:
        worst = max(degree(share, HEALTHY, RUINOUS), LEAST_OF_FEW)
    else:
        worst = 0.8 * degree(share, HEALTHY, RUINOUS)
    if worst == 0:
        return Fine(f"{saw}.")
    return Finding(
        worst,
        0.95,
        f"{saw}"
        + (
            f"; {conflicting_sample_fraction:.0%} of the samples have inputs that occur with another label too."
            if conflicting_sample_fraction
            else f", for {label_unique_count:,} different labels."
            if label_unique_count
            else "."
        ),
        "nearly as many different input samples as samples.",
        "Print `np.unique(x, axis=0)` just before fit and undo the step that made the samples alike: a double division, "
        "rounding to integers, a wrong column.",
        picture="input_std",
    )
