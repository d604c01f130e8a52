"""Too few samples to learn a rule from: each can be memorized.

A net with thousands of weights fits a few dozen samples in any number of ways, and nearly all of them are wrong about
other samples. Training accuracy rises to 1 while validation stands far below it. Copies of a sample count once.

Not this: few samples that are enough, because validation is about as good; samples that are not even memorized; wrong
labels, and validation samples from elsewhere, which leave the same gap.
"""

from __future__ import annotations

import math

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, Try, cause, degree
from tb_diagnose.causes._repeated_batches import RepeatedBatches
from tb_diagnose.evidence.number import fixed, number
from tb_diagnose.status.generalization import Skills
from tb_diagnose.status.levels import level_at_end

HEALTHY, RUINOUS = 200.0, 10.0
"""Different samples a class, or for a regression samples an input feature (ten at most are counted). In the demo setups
20 samples a class are enough on digits (validation skill within 0.07 of training), while 100 a class on a curved
boundary in ten features still lack 0.24; ten samples a predictor is the rule of thumb for linear models already
(Peduzzi et al., 1996)."""
COUNTED_FEATURES = 10
LEFT = 0.6
"""Certainty: it is what is left when the data themselves are in order. How many samples a task needs is not known."""
FITTED = 0.8
"""Skill from which the training samples count as learned."""
GAP, WIDE_GAP = 0.075, 0.5
"""Skill on the training samples above that on validation samples."""
NARROW_GAP = 0.5
"""Weight of a gap that is hardly one: whether it is any harm is for the status to say."""
COUNT_WEIGHS, GAP_WEIGHS = 0.25, 0.5
"""Exponents of the two degrees in the harm: the gap weighs more than the number, which says little without the task."""
NOISE = 0.3
"""Share of wrong labels from which the gap is theirs."""
JUDGES = 0.1
"""Skill of neighbours from which they can tell wrong labels."""
SHIFT = 0.5
"""Distance between the label shares of training and validation from which the gap is the split's."""
SCALE = " (0 is the best constant answer, 1 a perfect one)"
"""What skill is, where it is said for the first time."""


HALF = Try(
    "half of the samples",
    (
        Edit("training", "kept", "sample_choice.half(y)"),
        Edit("training", "x, y", "x[kept], y[kept]"),
    ),
    untold="There are no more samples to try.",
    is_shadow=True,
)
"""More samples cannot be tried, but fewer can."""


@cause(
    title="Too little data",
    family="data",
    fix="Add samples; until then a smaller net, augmentation, Dropout, or a network that was trained on more.",
    brings_about=("overfitting",),
    harms="validation",
    sources=(
        "Banko and Brill, 'Scaling to very very large corpora', 2001",
        "Peduzzi et al., 'A simulation study of the number of events per variable', 1996",
        "https://keras.io/guides/transfer_learning/",
    ),
)
def too_little_data(
    sample_count: int,
    label_form: str,
    skill: np.ndarray,
    epochs: np.ndarray,
    distinct_input_count: int | None = None,
    label_counts: list[float] | None = None,
    input_shape: list[list[int]] | None = None,
    final_validation_skill: float | None = None,
    validation_is_trusted: bool | None = None,
    confident_error_fraction: float | None = None,
    neighbour_skill: float | None = None,
    validation_label_shift: float | None = None,
    repeated_batches: RepeatedBatches | None = None,
    training_and_validation_skill: Skills | None = None,
) -> Answer:
    if repeated_batches is not None:
        return DoesNotApply(repeated_batches.saw)
    different = min(distinct_input_count or sample_count, sample_count)
    groups, unit = _groups(label_form, label_counts, input_shape)
    each = different / groups
    copies = "" if different == sample_count else f", {different:,} of them different"
    saw = f"{sample_count:,} training samples{copies}: {number(each)} for each {unit}"
    few = degree(each, HEALTHY, RUINOUS)
    if not few:
        return Fine(f"{saw}.")
    short = f"{number(each)} {'different ' if copies else ''}samples for each {unit}"
    fitted = level_at_end(skill, epochs, last=1) or 0.0
    if fitted < FITTED:
        return Fine(f"{short}; not even these are learned (skill {fixed(max(fitted, 0))}).")
    if final_validation_skill is None or validation_is_trusted is False:
        return CouldNotTell(("probe_val_accuracy" if label_form != "continuous" else "probe_val_loss",))
    validation = max(final_validation_skill, 0.0)
    gap = fitted - validation
    figures = f"{_figures(training_and_validation_skill, fitted, validation)} in validation"
    saw += f"; {figures}"
    if gap <= GAP:
        return Fine(f"{short}; {figures.replace(SCALE, '')}.")
    wrong = confident_error_fraction or 0.0
    if wrong >= NOISE and (neighbour_skill is None or neighbour_skill >= JUDGES):
        return Fine(f"{short}, but {wrong:.0%} of the labels that are easiest to tell are wrong.")
    if (validation_label_shift or 0.0) >= SHIFT:
        return Fine(f"{short}, but {validation_label_shift:.0%} of the validation samples are of other classes.")
    return Finding(
        few**COUNT_WEIGHS * max(degree(gap, GAP, WIDE_GAP) ** GAP_WEIGHS, NARROW_GAP),
        LEFT,
        f"{saw}.",
        f"{HEALTHY:g} different samples for each, or validation skill within {GAP:g} of training skill.",
        f"Add samples: {HEALTHY:g} for each {unit.split(',')[0]} would be {HEALTHY * groups:,.0f}. Until then a "
        "smaller net, augmentation, Dropout, or a network that was trained on more.",
        picture="sample_count" if different == sample_count else "distinct_input_count",
        attempt=HALF,
    )


def _figures(skills: Skills | None, fitted: float, validation: float) -> str:
    """What both kinds of samples show, as their curves do; without these, in skill."""
    if skills is None:
        return f"skill{SCALE} is {fixed(fitted)} on them and {fixed(validation)}"
    shown, other = map(number, skills.figures)
    return f"{'the loss' if skills.what == 'loss' else skills.what} is {shown} on them and {other}"


def _groups(label_form: str, label_counts: list[float] | None, input_shape: list[list[int]] | None) -> tuple[int, str]:
    """What samples are counted for: classes, or the input features of a regression."""
    classes = sum(count > 0 for count in label_counts or [])
    if label_form != "continuous" and classes:
        return max(classes, 2), "class"
    features = sum(math.prod(shape) for shape in input_shape or [[1]])
    unit = (
        f"input feature, {COUNTED_FEATURES} of {features:,} counted" if features > COUNTED_FEATURES else "input feature"
    )
    return min(max(features, 1), COUNTED_FEATURES), unit
