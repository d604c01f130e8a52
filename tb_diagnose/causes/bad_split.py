"""Validation samples are no fair sample: other classes, other samples, or training samples once more.

`validation_split` takes the last samples as they lie. Where samples are sorted by label, by date or by source, these
are samples of classes that training has never seen, and validation accuracy is near 0 however well the model learns.
The opposite, training samples among the validation samples, makes validation as good as training and hides memorizing.

Not this: label shares that differ by as much as few samples do by chance, training samples of which some classes are
rare while validation has all alike (imbalanced classes), and repeats that are natural for features of few values.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, Try, cause, degree
from tb_diagnose.causes._input_shift import InputShift
from tb_diagnose.evidence.number import times
from tb_diagnose.status.skill import FAR, reference_skill

HEALTHY, RUINOUS = 0.1, 0.6
"""Total variation distance between the label shares of training and validation: the share of validation samples that
would have to change their class. A drawn split stays within three times what chance gives, and that counts as
healthy too."""
CHANCE = 3.0
OVERLAP = 0.05
"""Share of validation samples among the training samples that is left alone, beyond natural repeats (CIFAR-100's test
set has 10 % near-duplicates in training; Barz and Denzler, 2020)."""
HIDDEN = 0.2
"""Harm of an overlap that has hidden nothing so far: validation would not show memorizing if there were any."""
LOST, ALL_LOST = 0.2, 0.8
"""Skill that simple methods have among the training samples and lose on validation samples; also accuracy that a model
loses there."""
ERRORS = 3.0
"""Standard errors within which the two skills differ by chance; that of one is at most 1 / sqrt(samples)."""
MAJOR = 0.9
"""Share of one class from which the few samples of the others decide a skill: it is no judge of a split then."""
SORTED = 0.1
"""Runs of equal labels over those of a random order, below which samples are sorted."""
COMMON = 1.5
"""Share of the most common training class, over an even one, from which a shift may be just that."""
BALANCED = 0.1
"""Tolerance for a label shift that is just the imbalance of the training samples."""
MEASURED = 0.9
"""Certainty of what was counted or measured: only an intended shift looks the same."""


DRAWN = Try(
    "training and validation samples drawn anew from both",
    (Edit("validation", "x, y, training_x, training_y", "sample_choice.drawn(x, y, training_x, training_y)"),),
)


@cause(
    title="Bad split",
    family="data",
    fix="Shuffle the samples before they are split: `validation_split` takes the last ones as they lie.",
    brings_about=("overfitting",),
    looks_like=("metric_mismatch",),
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
    duplicate_sample_fraction: float | None = None,
    validation_reference_skill: float | None = None,
    memorized_validation_skill: float | None = None,
    final_validation_skill: float | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    neighbour_sample_count: int | None = None,
    label_counts: list[float] | None = None,
    label_run_ratio: float | None = None,
    final_accuracy: float | None = None,
    final_validation_accuracy: float | None = None,
    input_shift: InputShift | None = None,
) -> Answer:
    if validation_sample_count is None:
        return _split_by_fit(label_run_ratio, final_accuracy, final_validation_accuracy)
    checks: list[Finding | Fine] = []
    counts = np.asarray(label_counts or [], float)
    copies = max((duplicate_sample_fraction or 0.0) - (natural_duplicate_fraction or 0.0), 0.0)
    different = max(round(sample_count * (1 - copies)), 1)  # a copy is no draw of its own
    if validation_label_shift is not None and counts.sum():
        checks.append(_other_shares(validation_label_shift, counts, different, validation_sample_count))
    known = reference_skill(neighbour_skill, ridge_skill)
    rare = len(counts) > 0 and counts.max() > MAJOR * counts.sum()
    prepared_otherwise = input_shift is not None and input_shift.harm > 0  # that is another fault, and explains it
    if validation_reference_skill is not None and known is not None and not rare and not prepared_otherwise:
        samples = neighbour_sample_count or sample_count
        checks.append(_other_source(known, validation_reference_skill, samples, validation_sample_count))
    if validation_overlap_fraction is not None:
        allowed = (natural_duplicate_fraction or 0.0) + OVERLAP
        checks.append(
            _overlap(
                validation_overlap_fraction,
                allowed,
                validation_sample_count,
                memorized_validation_skill,
                final_validation_skill,
                known,
            )
        )
    if not checks:
        return CouldNotTell(("validation_label_shift", "validation_overlap_fraction", "validation_reference_skill"))
    worst = max(checks, key=lambda answer: answer.weight)
    return worst if worst.weight else Fine(f"Validation: {', '.join(answer.saw for answer in checks)}.")


def _other_shares(shift: float, counts: np.ndarray, samples: int, validation_samples: int) -> Finding | Fine:
    """Validation samples of other classes; what clears them is a clause of a sentence, here and below."""
    shares = counts / counts.sum()
    likely = (counts + 1) / (counts + 1).sum()  # a class without a sample among few may still be one
    variance = likely * (1 - likely) * (1 / samples + 1 / validation_samples)
    healthy = max(HEALTHY, CHANCE * 0.5 * float(np.sqrt(2 / np.pi * variance).sum()))
    saw = (
        f"{shift:.0%} of the {validation_samples:,} validation samples would need another label to have the label "
        "shares of the training samples"
    )
    if shift <= healthy or healthy >= RUINOUS:
        return Fine(f"label shares {shift:.0%} apart")
    uneven = [0.5 * float(np.abs(some - 1 / len(some)).sum()) for some in (shares, shares[shares > 0])]
    if shares.max() > COMMON / len(shares[shares > 0]) and min(abs(shift - value) for value in uneven) <= BALANCED:
        return Fine(f"label shares {shift:.0%} apart, as its classes are even")
    absent = int((counts == 0).sum())
    if absent:
        saw += f"; {absent} of {len(counts)} classes {'has' if absent == 1 else 'have'} no training sample"
    return Finding(
        degree(shift, healthy, RUINOUS),
        MEASURED,
        f"{saw}.",
        f"less than {healthy:.0%}, which a drawn split gives.",
        "Shuffle before splitting: `samples = np.random.permutation(len(x)); x, y = x[samples], y[samples]`, or split "
        "with `sklearn.model_selection.train_test_split(x, y, stratify=y)`.",
        picture="validation_label_shift",
        limit=healthy,
        attempt=DRAWN,
    )


def _other_source(among: float, on_validation: float, samples: int, validation_samples: int) -> Finding | Fine:
    """Validation samples that what holds among the training samples does not hold for."""
    kept = max(on_validation, 0.0)
    saw = (
        f"Simple methods (nearest neighbours, ridge regression) come {among:.0%} of the way to a perfect answer among "
        f"the training samples, and {kept:.0%} on validation samples"
    )
    noise = ERRORS * float(np.sqrt(1 / samples + 1 / validation_samples))
    lost = among - kept
    if noise >= (LOST + ALL_LOST) / 2 or lost <= max(LOST, noise):
        return Fine(f"simple methods {kept:.0%} (training: {among:.0%})")
    return Finding(
        degree(lost, max(LOST, noise), ALL_LOST),
        MEASURED,
        f"{saw}: these come from elsewhere.",
        f"a difference below {max(LOST, noise):.0%}.",
        "Look at how validation samples were made: they are to be read, scaled and labelled like the training samples, "
        "and drawn from the same source.",
        picture="validation_reference_skill",
        attempt=DRAWN,
    )


def _overlap(
    overlap: float,
    allowed: float,
    samples: int,
    memorized: float | None,
    skill: float | None,
    reference: float | None,
) -> Finding | Fine:
    """Training samples among the validation samples, and how much of what validation shows they may have spoiled."""
    saw = f"{overlap:.0%} of the {samples:,} validation samples are training samples too"
    if overlap <= allowed:
        return Fine(f"{overlap:.0%} of {samples:,} copied")
    harm = HIDDEN
    if memorized is not None and skill is not None and reference is not None and memorized >= FAR:
        harm = max(min(memorized / skill, 1.0), HIDDEN)
        saw += (
            f": validation shows {skill:.0%} of the way to a perfect answer, of which memorizing may account for "
            f"{memorized:.0%}: on samples that they have not seen, simple methods (nearest neighbours, ridge "
            f"regression) come {max(reference, 0):.0%} of the way"
        )
    else:
        saw += ": validation would not show memorizing"
    return Finding(
        harm,
        MEASURED,
        f"{saw}.",
        f"at most {allowed:.0%} of them.",
        "Split before anything is copied, augmented or over-sampled, and take the samples that training has out of "
        "validation.",
        picture="validation_overlap_fraction",
        limit=allowed,
        attempt=Try(untold="It changes what is measured, not what is learned."),
    )


def _split_by_fit(
    label_run_ratio: float | None, final_accuracy: float | None, final_validation_accuracy: float | None
) -> Answer:
    """Validation samples that only fit knows: `validation_split` takes the last ones."""
    if final_validation_accuracy is None:
        return DoesNotApply("No validation samples were given.")
    if label_run_ratio is None or final_accuracy is None:
        return CouldNotTell(("validation_sample_count",))
    saw = (
        f"The labels change {times(label_run_ratio, 'often')} along the samples as in random order; accuracy is "
        f"{final_accuracy:.2f} on samples of `data` and {final_validation_accuracy:.2f} on validation samples"
    )
    lost = final_accuracy - final_validation_accuracy
    if lost <= LOST:
        return Fine(f"Accuracy is {final_accuracy:.2f} in training and {final_validation_accuracy:.2f} in validation.")
    if label_run_ratio >= SORTED:
        return Fine(f"The labels change {times(label_run_ratio, 'often')} along the samples as in random order.")
    return Finding(
        degree(lost, LOST, ALL_LOST),
        MEASURED,
        f"{saw}.",
        "samples in random order, with labels that change about as often as chance has it (a ratio of 1).",
        "Shuffle before fit: `samples = np.random.permutation(len(x)); x, y = x[samples], y[samples]`; "
        "`validation_split` takes the last samples as they lie.",
        picture="val_accuracy",
        attempt=Try(untold="The samples that a trial keeps aside are drawn by chance: it has no part in this."),
    )
