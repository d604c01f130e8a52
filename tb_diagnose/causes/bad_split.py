"""Validation samples are no fair sample: other classes, other samples, or training samples once more.

`validation_split` takes the last samples as they lie. Where samples are sorted by label, by date or by source, those are samples
of classes that training has never seen, and validation accuracy is near 0 however well the model learns. The opposite,
training samples among the validation samples, makes validation as good as training and hides overfitting.

Not this: shares that differ by as much as few samples do by chance, training samples of which some classes are rare while
validation has all alike (imbalanced classes), and repeats that are natural for features of few values.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause, degree

HEALTHY, RUINOUS = 0.1, 0.6
"""Total variation distance between the label shares of training and validation: the share of validation samples that
would have to change their class. A drawn split stays within three times what chance gives, and that counts as
healthy too."""
CHANCE = 3.0
OVERLAP = 0.05
"""Share of validation samples among the training samples that is left alone, beyond natural repeats (CIFAR-100's test set
has 10 % near-duplicates in training; Barz and Denzler, 2020)."""
LEAK = 0.2
"""Severity of such an overlap: it hides overfitting, and does no harm to training."""
LOST, ALL_LOST = 0.2, 0.8
"""Skill that neighbours and kernel ridge regression have among the training samples and lose on validation samples."""
ERRORS = 3.0
"""Standard errors within which the two skills differ by chance; that of one is at most 1 / sqrt(samples)."""
MAJOR = 0.9
"""Share of one class from which on the few samples of the others decide a skill: it is no judge of a split then."""
SORTED = 0.1
"""Runs of equal labels over those of a random order, below which samples are sorted."""
LAST = 3
COMMON = 1.5
"""Share of the commonest training class, over an even one, from which on a shift may be just that."""
BALANCED = 0.1
"""Tolerance for a label shift that is just the imbalance of the training samples."""


@cause(
    title="Bad split",
    family="data",
    fix="Shuffle the samples before they are split: `validation_split` takes the last ones as they lie.",
    brings_about=("overfitting",),
    harms="validation",
    sources=(
        "https://keras.io/api/models/model_training_apis/: validation_split takes the last samples, before shuffling",
        "Kapoor and Narayanan, 'Leakage and the reproducibility crisis in machine-learning-based science', 2023",
    ),
)
def bad_split(
    sample_count: int,
    validation_sample_count: int | None = None,
    validation_label_shift: float | None = None,
    validation_overlap_fraction: float | None = None,
    natural_duplicate_fraction: float | None = None,
    validation_reference_skill: float | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    neighbour_sample_count: int | None = None,
    label_counts: list[float] | None = None,
    label_run_ratio: float | None = None,
    val_accuracy: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
    epochs: np.ndarray | None = None,
) -> Answer:
    if validation_sample_count is None:
        return _unseen(sample_count, label_run_ratio, val_accuracy, probe_accuracy)
    found = [Fine(f"{validation_sample_count:,} validation samples and {sample_count:,} training samples.")]
    if validation_label_shift is not None and label_counts and sum(label_counts):
        found.append(
            _shift(validation_label_shift, np.asarray(label_counts, float), sample_count, validation_sample_count)
        )
    known = [skill for skill in (neighbour_skill, ridge_skill) if skill is not None]
    rare = label_counts is not None and len(label_counts) > 0 and max(label_counts) > MAJOR * sum(label_counts)
    if validation_reference_skill is not None and known and not rare:
        samples = neighbour_sample_count or sample_count
        found.append(_lost(max(known), validation_reference_skill, samples, validation_sample_count))
    if validation_overlap_fraction is not None:
        found.append(_overlap(validation_overlap_fraction, natural_duplicate_fraction or 0.0, validation_sample_count))
    worst = max(found, key=lambda finding: finding.weight)
    return worst if worst.weight else Fine(" ".join(finding.saw for finding in found))


def _shift(shift: float, counts: np.ndarray, samples: int, validation_rows: int) -> Answer:
    shares = counts / counts.sum()
    likely = (counts + 1) / (counts + 1).sum()  # a class without a sample among few may still be one
    chance = 0.5 * float(np.sqrt(2 / np.pi * likely * (1 - likely) * (1 / samples + 1 / validation_rows)).sum())
    healthy = max(HEALTHY, CHANCE * chance)
    saw = f"{shift:.0%} of the {validation_rows:,} validation samples would need another label to have the training samples' shares"
    if shift <= healthy or healthy >= RUINOUS:
        return Fine(f"{saw}.")
    imbalance = [0.5 * float(np.abs(some - 1 / len(some)).sum()) for some in (shares, shares[shares > 0])]
    found = degree(shift, healthy, RUINOUS)
    if shares.max() > COMMON / len(shares[shares > 0]) and min(abs(shift - value) for value in imbalance) <= BALANCED:
        return Fine(f"{saw}: training has rare classes, validation has all alike.")
    absent = int((counts == 0).sum())
    return Finding(
        found,
        0.9,
        f"{saw}{f'; {absent} of {len(counts)} classes have no training sample' if absent else ''}.",
        f"less than {healthy:.0%}, which a drawn split gives.",
        "Shuffle before splitting: `samples = np.random.permutation(len(x)); x, y = x[samples], y[samples]`, or split with "
        "`sklearn.model_selection.train_test_split(x, y, stratify=y)`.",
        picture="validation_label_shift",
        limit=healthy,
    )


def _lost(among: float, on_validation: float, samples: int, validation_rows: int) -> Answer:
    saw = (
        f"Neighbours and kernel ridge regression tell {among:.0%} of the labels among the training samples and {max(on_validation, 0):.0%} "
        "of those of the validation samples"
    )
    lost = among - max(on_validation, 0.0)
    noise = ERRORS * np.sqrt(1 / samples + 1 / validation_rows)
    found = degree(max(lost, 1e-9), max(LOST, noise), ALL_LOST) if noise < (LOST + ALL_LOST) / 2 else 0.0
    if not found:
        return Fine(f"{saw}.")
    return Finding(
        found,
        0.9,
        f"{saw}: they come from elsewhere.",
        f"a difference below {LOST:.0%}.",
        "Look at how validation samples were made: read, scaled and labelled like the training samples, and drawn from the same "
        "source.",
        picture="validation_reference_skill",
    )


def _overlap(overlap: float, natural: float, samples: int) -> Answer:
    saw = f"{overlap:.0%} of the {samples:,} validation samples are training samples too"
    if overlap <= natural + OVERLAP:
        return Fine(f"{saw}.")
    return Finding(
        LEAK,
        0.9,
        f"{saw}: validation cannot show overfitting.",
        f"at most {natural + OVERLAP:.0%}.",
        "Split before anything is copied, augmented or over-sampled, and take the samples that training has out of validation.",
        picture="validation_overlap_fraction",
        limit=natural + OVERLAP,
    )


def _unseen(
    samples: int, label_run_ratio: float | None, val_accuracy: np.ndarray | None, probe_accuracy: np.ndarray | None
) -> Answer:
    """Validation samples that only fit knows: `validation_split` takes the last ones."""
    if label_run_ratio is None or val_accuracy is None or probe_accuracy is None:
        return Fine(f"{samples:,} training samples, and no validation samples to compare them with.")
    theirs, ours = _level(val_accuracy), _level(probe_accuracy)
    saw = (
        f"The labels change {label_run_ratio:.2g} times as often along the samples as in random order; accuracy is {ours:.2f} on "
        f"samples of `data` and {theirs:.2f} on validation samples"
    )
    found = degree(max(ours - theirs, 1e-9), LOST, ALL_LOST)
    if label_run_ratio >= SORTED or not found:
        return Fine(f"{saw}.")
    return Finding(
        found,
        0.9,
        f"{saw}.",
        "samples in random order, with labels that change about 1 times as often as chance has it.",
        "Shuffle before fit: `samples = np.random.permutation(len(x)); x, y = x[samples], y[samples]`; `validation_split` takes the last "
        "samples as they lie.",
        picture="val_accuracy",
    )


def _level(values: np.ndarray) -> float:
    known = values[np.isfinite(values)][-LAST:]
    return float(known.mean()) if len(known) else float("nan")
