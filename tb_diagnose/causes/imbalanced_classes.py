"""One class is so common that always naming it is nearly right.

With 95 % of the samples in one class, the answer "always that class" has 95 % accuracy and a small
loss; the few other samples hardly pull the weights, and accuracy stands at the majority share from the
first epoch on.

Where the few samples of the rare classes are learned by heart, validation samples of these classes show it: if they are as
common there as the others, validation is far worse than training.

Not this: balanced labels with all samples predicted alike (something else collapsed the outputs), and
imbalanced data of which the rare classes are predicted too.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree

HEALTHY, RUINOUS = 3.0, 20.0
"""Samples of the commonest class for one of the rarest. 10 is the limit from which surveys speak of imbalance (He and
Garcia, "Learning from Imbalanced Data", 2009); it lies in the middle of this scale."""
COLLAPSED = 0.98
"""Share of samples predicted as the commonest class from which on the others are ignored; where that class itself is
commoner, half of the rest."""
ERRORS = 3.0
"""Standard errors of the difference of two counts, within which few samples differ by chance."""
EVEN = 0.1
"""Distance of the label shares of validation from even ones, as far as the shift from training tells it."""
WORSE = 0.03
"""Accuracy on the training samples above that on validation samples: three standard errors on 400 samples near 0.96."""


@cause(
    title="Imbalanced classes",
    family="data",
    fix="Weigh the classes by their rarity with `class_weight` in fit, and watch recall by class instead of accuracy.",
    brings_about=("constant_prediction", "overfitting", "insufficient_capacity", "vanishing_gradients", "dead_relu"),
    looks_like=("too_little_data", "learning_rate_too_low", "too_few_epochs"),
    sources=(
        "He and Garcia, 'Learning from Imbalanced Data', 2009",
        "https://www.tensorflow.org/tutorials/structured_data/imbalanced_data",
    ),
)
def imbalanced_classes(
    label_counts: list[float],
    predicted_fraction: np.ndarray,
    classes: list[str],
    label_form: str,
    epochs: np.ndarray,
    label_min: float | None = None,
    validation_label_shift: float | None = None,
    probe_accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
) -> Answer:
    counts = np.asarray(label_counts, float)
    present = counts[counts > 0]
    if label_form == "multi_label" or len(present) < 2:
        return Fine(
            f"{len(present)} class among the labels, nothing to weigh."
            if len(present) < 2
            else "Multi-label samples: classes do not compete."
        )
    ratio = float(present.max() / present.min())
    majority = int(counts.argmax())
    share = float(counts.max() / counts.sum())
    predicted = predicted_fraction[:, majority] if majority < predicted_fraction.shape[1] else np.zeros(len(epochs))
    limit = max(COLLAPSED, (1 + share) / 2)
    saw = f"{ratio:.3g} samples of class {classes[majority]} ({share:.1%} of all) for one of the rarest class"
    by_chance = ERRORS * np.sqrt(present.max() + present.min())
    if ratio <= HEALTHY or present.max() - present.min() <= by_chance:
        return Fine(f"{saw}.")
    lost = _lost(counts, validation_label_shift, probe_accuracy, probe_val_accuracy)
    if predicted[-1] < limit and not lost:
        return Fine(f"{saw}, yet {1 - predicted[-1]:.1%} of the probe samples are predicted as other classes.")
    collapsed = np.flatnonzero(predicted < limit)
    first = collapsed[-1] + 1 if len(collapsed) else 0
    since = int(epochs[first]) if first < len(epochs) else 1
    rare = counts.sum() / (len(present) * counts[counts > 0])
    weighed = {i: float(f"{w:.3g}") for i, w in zip(np.flatnonzero(counts > 0).tolist(), rare)}
    weights = ", ".join(f"{i}: {w:g}" for i, w in list(weighed.items())[:4])
    # Keras weighs by the label itself: where labels are other numbers, their place is none.
    numbered = label_form in ("one_hot", "probabilities") or label_min is None or label_min >= 0
    return Finding(
        degree(ratio, HEALTHY, RUINOUS),
        0.7,
        f"{saw}, and {predicted[-1]:.1%} of the probe samples are predicted as that class{lost}.",
        f"less than {HEALTHY:g} to 1, or the rarer classes among the predictions.",
        f"Weigh the classes: `model.fit(..., class_weight={{{weights}{', ...' if len(rare) > 4 else ''}}})`.",
        edits=(Edit("fit", "class_weight", weighed),) if numbered else (),
        since=max(since, 0),
        picture="predicted_fraction",
        limit=share,
    )


def _lost(counts: np.ndarray, shift: float | None, training: np.ndarray | None, validation: np.ndarray | None) -> str:
    """What validation samples of even classes show of the rare ones; empty where they are not even, or no worse."""
    if shift is None or training is None or validation is None:
        return ""
    shares = counts / counts.sum()
    # Classes without a training sample may be classes of the validation samples, or outputs that nothing uses.
    uneven = [0.5 * float(np.abs(some - 1 / len(some)).sum()) for some in (shares, shares[shares > 0])]
    even = any(value >= 2 * EVEN and abs(shift - value) <= EVEN for value in uneven)
    if not even or not training[-1] - validation[-1] > WORSE:
        return ""
    return (
        f"; on validation samples, of which every class has about as many, accuracy is {validation[-1]:.2f} instead of "
        f"{training[-1]:.2f}"
    )
