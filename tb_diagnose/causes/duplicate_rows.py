"""Many training samples are copies of one another.

Copies teach nothing new: the model sees fewer different samples than it seems, memorizes those that it sees
often, and a split after copying puts the same samples on both sides. A classic source is
`random.shuffle` on a two-dimensional numpy array: it swaps views, not samples, and copies samples over one
another; `numpy.random.shuffle` does it right.

Not this: features with so few possible values that repeats are natural. Over-sampling of a rare class
looks the same on purpose: then nothing is wrong.
"""

from __future__ import annotations

from tb_diagnose.causes import Answer, Finding, Fine, cause

EXPLAINED = 0.05
"""Share of repeats beyond the natural ones that is left alone: data sets collected with care have up to a few
percent (CIFAR-100's test set has 10 % near-duplicates in training; Barz and Denzler, 2020)."""
WEIGHT = 0.5
"""Copies seldom stall a run by themselves: half of the excess share is the severity."""


@cause(
    title="Duplicate samples",
    family="data",
    fix="Find where the samples were copied; shuffle arrays with `numpy.random.shuffle` or a permutation, never with `random.shuffle`.",
    brings_about=("overfitting",),
    harms="validation",
    sources=(
        "https://geeksmental.com/question/why-does-accuracy-remain-the-same: its `random.shuffle` leaves about half of the samples",
        "https://docs.python.org/3/library/random.html#random.shuffle",
    ),
)
def duplicate_rows(
    duplicate_sample_fraction: float,
    natural_duplicate_fraction: float,
    sample_count: int,
) -> Answer:
    excess = duplicate_sample_fraction - natural_duplicate_fraction
    saw = f"{round(duplicate_sample_fraction * sample_count):,} of {sample_count:,} samples ({duplicate_sample_fraction:.0%}) repeat an earlier sample, label included"
    natural = f"about {natural_duplicate_fraction:.0%}"
    if excess <= EXPLAINED:
        return Fine(f"{saw}; features of this resolution give {natural} by chance.")
    return Finding(
        WEIGHT * excess,
        1.0,
        f"{saw}.",
        f"{natural} by chance, at the resolution of these features.",
        "Find where samples are copied: `random.shuffle` on a 2-D array does it. Shuffle with "
        "`samples = np.random.permutation(len(x)); x, y = x[samples], y[samples]`.",
        picture="duplicate_sample_fraction",
        limit=natural_duplicate_fraction + EXPLAINED,
    )
