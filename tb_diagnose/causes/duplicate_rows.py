"""Many training rows are copies of one another.

Copies teach nothing new: the model sees fewer different rows than it seems, memorizes those that it sees
often, and a split after copying puts the same rows on both sides. A classic source is
`random.shuffle` on a two-dimensional numpy array: it swaps views, not rows, and copies rows over one
another; `numpy.random.shuffle` does it right.

Not this: features with so few possible values that repeats are natural. Over-sampling of a rare class
looks the same on purpose: then nothing is wrong.
"""

from __future__ import annotations

from tb_diagnose.causes import Finding, cause, clear

EXPLAINED = 0.05
"""Share of repeats beyond the natural ones that is left alone: data sets collected with care have up to a few
percent (CIFAR-100's test set has 10 % near-duplicates in training; Barz and Denzler, 2020)."""
WEIGHT = 0.5
"""Copies seldom stall a training by themselves: half of the excess share is the severity."""


@cause(
    title="Duplicate rows",
    family="data",
    fix="Find where the rows were copied; shuffle arrays with `numpy.random.shuffle` or a permutation, never with `random.shuffle`.",
    leads_to=("overfitting",),
    sources=(
        "https://geeksmental.com/question/why-does-accuracy-remain-the-same: its `random.shuffle` leaves about half of the rows",
        "https://docs.python.org/3/library/random.html#random.shuffle",
    ),
)
def duplicate_rows(
    duplicate_row_fraction: float,
    natural_duplicate_fraction: float,
    row_count: int,
) -> Finding:
    excess = duplicate_row_fraction - natural_duplicate_fraction
    saw = f"{round(duplicate_row_fraction * row_count):,} of {row_count:,} rows ({duplicate_row_fraction:.0%}) repeat an earlier row, label included"
    natural = f"about {natural_duplicate_fraction:.0%}"
    if excess <= EXPLAINED:
        return clear(f"{saw}; features of this resolution give {natural} by chance.")
    return Finding(
        WEIGHT * excess,
        f"{saw}.",
        f"{natural} by chance, at the resolution of these features.",
        "Find where rows are copied: `random.shuffle` on a 2-D array does it. Shuffle with "
        "`rows = np.random.permutation(len(x)); x, y = x[rows], y[rows]`.",
        picture="duplicate_row_fraction",
        limit=natural_duplicate_fraction + EXPLAINED,
    )
