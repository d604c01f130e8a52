"""The inputs are the same in every sample, or nearly so.

A model can only tell samples apart that differ. If a column was read wrongly, divided twice, rounded to integers or
filled with one value, all samples look alike. Accuracy then stands at the share of the most common label, and the loss
at the entropy of the labels.

Not this: single constant columns, such as padding or the border pixels of digits, and a few combinations of values
that have one label each.
"""

from __future__ import annotations

from tb_diagnose.causes import Answer, Finding, Fine, Try, cause, degree

HEALTHY, RUINOUS = 0.1, 0.002
"""Different inputs per sample. Below the first value more than 10 samples share an input, below the second more than
500: too few to learn a rule from."""
FEW = 10
"""Different inputs up to which nothing but a table can be learned, however many samples there are."""
HARM_OF_FEW = 0.6
"""Least harm of so few, whatever the number of samples: at least half of them (`CONFLICTING`) cannot be told apart."""
CONFLICTING = 0.5
"""Share of samples whose input occurs with another label too. Below, the inputs still tell most labels."""
NATURAL = 0.8
"""Certainty where there are more different inputs than that: features of few values have few combinations by nature."""


@cause(
    title="Constant inputs",
    family="data",
    fix="Look at a few samples of x just before `fit`. Undo the step that made them alike, such as a double "
    "division, integer rounding or a wrong column.",
    brings_about=("constant_prediction", "vanishing_gradients", "dead_relu"),
    looks_like=("label_noise",),
    sets_ceiling=True,
    sources=(
        "https://www.codegenes.net/blog/why-is-the-accuracy-for-my-keras-model-always-0-when-training: silent errors "
        "in loading data",
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
    inputs = "1 different input" if distinct_input_count == 1 else f"{distinct_input_count:,} different inputs"
    constant = f"{constant_feature_fraction:.0%} of the features have the same value in all samples"
    saw = f"{inputs} in {sample_count:,} samples; {constant}"
    harm = _harm(
        distinct_input_count, share, _conflicts(distinct_input_count, conflicting_sample_fraction, label_unique_count)
    )
    if not harm:
        return Fine(
            f"{inputs} in {sample_count:,} samples; {constant_feature_fraction:.0%} of the features never change."
        )
    if conflicting_sample_fraction:
        saw += f"; {conflicting_sample_fraction:.0%} of the samples have an input that occurs with another label too"
    elif label_unique_count:
        saw += f"; there are {label_unique_count:,} different labels"
    return Finding(
        harm,
        1.0 if distinct_input_count <= FEW else NATURAL,
        f"{saw}.",
        "nearly as many different inputs as samples.",
        "Print `np.unique(x, axis=0)` just before fit and undo the step that made the samples alike: a double "
        "division, rounding to integers, a wrong column.",
        picture="input_std",
        attempt=Try(untold="What told the samples apart is gone, and a trial has no other inputs."),
    )


def _conflicts(distinct: int, conflicting: float | None, labels: int | None) -> float:
    """Share of samples whose label the inputs cannot tell."""
    if conflicting is not None:
        return conflicting
    return max(1 - distinct / labels, 0.0) if labels else 0.0  # continuous targets, more of them than inputs


def _harm(distinct: int, share: float, conflicts: float) -> float:
    if distinct <= 1:
        return 1.0
    if share > HEALTHY or conflicts < CONFLICTING:
        return 0.0
    return max(degree(share, HEALTHY, RUINOUS), HARM_OF_FEW if distinct <= FEW else 0.0)
