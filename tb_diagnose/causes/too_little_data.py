"""Too few samples to learn a rule from: each can be learned by heart.

A net with thousands of weights fits a few dozen samples in any number of ways, and nearly all of them are wrong about
other samples. Training accuracy rises to 1 while validation stands far below it.

Not this: few samples that are enough, because validation is about as good; samples that are not even learned by heart; wrong
labels, and validation samples from elsewhere, which leave the same gap.
"""

from __future__ import annotations

import math

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause, degree

HEALTHY, RUINOUS = 200.0, 10.0
"""Samples a class, or for a regression samples an input feature (ten at most are counted). In the demo setups 20 samples a
class are enough on digits (validation skill within 0.07 of training), while 100 a class on a curved boundary in ten
features still lack 0.24; ten samples a predictor is the rule of thumb for linear models already (Peduzzi et al., 1996)."""
MOST = 0.6
"""Largest severity: what is left when the data themselves are in order. The gap weighs more than the number of samples,
which says little without the task."""
FITTED = 0.8
"""Skill from which on the training samples count as learned."""
GAP, WIDE_GAP = 0.075, 0.5
"""Skill on the training samples above that on validation samples."""
NARROW_GAP = 0.5
"""Weight of a gap that is hardly one: whether it is any harm is for the status to say."""
NOISE = 0.3
"""Share of wrong labels from which on the gap is theirs."""
SHIFT = 0.5
"""Distance between the label shares of training and validation from which on the gap is the split's."""
LAST = 3


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
    label_counts: list[float] | None = None,
    input_shape: list[list[int]] | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    probe_val_loss: np.ndarray | None = None,
    val_loss: np.ndarray | None = None,
    baseline_accuracy: float | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
    confident_error_fraction: float | None = None,
    neighbour_skill: float | None = None,
    validation_label_shift: float | None = None,
) -> Answer:
    counts = np.asarray(label_counts or [], float)
    counts = counts[counts > 0]
    if label_form != "continuous" and len(counts):
        each, unit = sample_count / max(len(counts), 2), "class"
    else:
        features = sum(math.prod(shape) for shape in input_shape or [[1]])
        each, unit = (
            sample_count / min(max(features, 1), 10),
            "input feature" + (", ten of them counted" if features > 10 else ""),
        )
    saw = f"{sample_count:,} training samples, {each:.3g} for each {unit}"
    few = degree(each, HEALTHY, RUINOUS)
    if not few:
        return Fine(f"{saw}.")
    fitted = _level(skill)
    if fitted is None or fitted < FITTED:
        return Fine(
            f"{saw}, and not even these are learned: {max(fitted or 0.0, 0):.0%} of the way to a perfect answer."
        )
    floor = baseline_accuracy
    if floor is None:
        floor = float(counts.max() / counts.sum()) if len(counts) else 0.0
    accuracy = _level(probe_val_accuracy if probe_val_accuracy is not None else val_accuracy)
    loss = _level(probe_val_loss if probe_val_loss is not None else val_loss)
    if accuracy is not None and floor < 1:
        theirs = (accuracy - floor) / (1 - floor)
    elif loss is not None and baseline_loss is not None and baseline_loss > (perfect_loss or 0.0):
        theirs = (baseline_loss - loss) / (baseline_loss - (perfect_loss or 0.0))
    else:
        return Fine(f"{saw}; without validation samples nothing tells whether they are enough.")
    gap = fitted - max(theirs, 0.0)
    saw += f"; of the way to a perfect answer the model has come {fitted:.0%} on them and {max(theirs, 0):.0%} on validation samples"
    if gap <= GAP:
        return Fine(f"{saw}.")
    noise = confident_error_fraction or 0.0
    if noise >= NOISE and (neighbour_skill is None or neighbour_skill >= 0.1):
        return Fine(f"{saw}, but {noise:.0%} of the surest labels are wrong.")
    if (validation_label_shift or 0.0) >= SHIFT:
        return Fine(f"{saw}, but validation has other labels: {validation_label_shift:.0%} would have to change.")
    return Finding(
        (MOST * few**0.25 * max(degree(gap, GAP, WIDE_GAP) ** 0.5, NARROW_GAP)) / 0.6,
        0.6,
        f"{saw}.",
        f"{HEALTHY:g} samples for each, or validation within {GAP:.0%} of training.",
        f"Add samples: {HEALTHY:g} for each {unit.split(',')[0]} would be {sample_count * HEALTHY / each:,.0f}. Until then a "
        "smaller net, augmentation, Dropout, or a network that was trained on more.",
        picture="sample_count",
    )


def _level(values: np.ndarray | None) -> float | None:
    if values is None or not np.isfinite(values).any():
        return None
    return float(np.median(values[np.isfinite(values)][-LAST:]))
