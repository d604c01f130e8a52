"""Many training samples are copies of one another.

Copies teach nothing new. The model sees fewer different samples than it seems and memorizes those that it sees often,
and a split after the copying puts the same samples on both sides. A classic source is `random.shuffle` on a
two-dimensional NumPy array: it swaps views instead of rows, and so copies samples over one another.
`numpy.random.shuffle` does it right.

Not this: features with so few possible values that repeats are natural. Over-sampling of a rare class looks the same,
but is done on purpose.
"""

from __future__ import annotations

from tb_diagnose.causes import Answer, DoesNotApply, Edit, Finding, Fine, Try, cause
from tb_diagnose.causes._repeated_batches import RepeatedBatches

EXPLAINED = 0.05
"""Share of repeats beyond the natural ones that is left alone. Data sets collected with care have up to a few percent
(CIFAR-100's test set has 10 % near-duplicates in training; Barz and Denzler, 2020)."""
HARM = 0.5
"""Harm of samples that are nothing but copies. Skill falls with about the logarithm of the number of different samples
(Banko and Brill, 2001), so copies seldom stall a run by themselves."""


@cause(
    title="Duplicate samples",
    family="data",
    fix="Find where the samples were copied. Shuffle arrays with `numpy.random.shuffle` or a permutation, never with "
    "`random.shuffle`.",
    brings_about=("overfitting",),
    looks_like=("too_little_data",),
    harms="validation",
    sources=(
        "https://geeksmental.com/question/why-does-accuracy-remain-the-same: `random.shuffle` leaves half of them",
        "https://docs.python.org/3/library/random.html#random.shuffle",
        "Banko and Brill, 'Scaling to very very large corpora', 2001",
    ),
)
def duplicate_rows(
    duplicate_sample_fraction: float,
    natural_duplicate_fraction: float,
    sample_count: int,
    repeated_batches: RepeatedBatches | None = None,
) -> Answer:
    if repeated_batches is not None:
        return DoesNotApply(repeated_batches.saw)
    excess = duplicate_sample_fraction - natural_duplicate_fraction
    copies = round(duplicate_sample_fraction * sample_count)
    share = f"{copies:,} of {sample_count:,} samples ({duplicate_sample_fraction:.0%})"
    saw = f"{share} repeat an earlier sample, label included"
    natural = f"about {natural_duplicate_fraction:.0%}"
    if excess <= EXPLAINED:
        return Fine(f"{share} repeat an earlier one; {natural} would by chance.")
    return Finding(
        HARM * excess,
        1.0,
        f"{saw}: {sample_count - copies:,} different ones are left.",
        f"{natural} by chance, at the resolution of these features.",
        "Find where samples are copied: `random.shuffle` on a 2-D array does it. Shuffle with "
        "`samples = np.random.permutation(len(x)); x, y = x[samples], y[samples]`.",
        picture="duplicate_sample_fraction",
        limit=natural_duplicate_fraction + EXPLAINED,
        attempt=Try(
            "each sample once",
            (Edit("training", "kept", "sample_choice.once(x, y)"), Edit("training", "x, y", "x[kept], y[kept]")),
            "The samples that the copies took the place of are gone: what they would bring is not seen.",
        ),
    )
