"""One class is so common that always naming it is nearly right.

If 95 % of the samples are of one class, the answer "always that class" has 95 % accuracy and a small loss. The few
other samples hardly pull the weights, and accuracy stands at the majority share from the first epoch on.

If the few samples of the rare classes are memorized instead, validation samples show it: where these classes are as
common as the others in validation, accuracy there is far worse than in training.

A network that something else holds knows nothing yet and cannot show this: where one class is overwhelming, the
imbalance stands beside what holds it.

What `class_weight` gives a class counts, not how many samples it has: a weight of 0 takes a class out.

Not this: classes of which none has half of the samples (then a collapse onto one class has another reason), and
imbalanced classes that the model tells apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, Try, cause, degree
from tb_diagnose.causes._class_weights import Labelled, numbered, weigh
from tb_diagnose.causes._wording import listed
from tb_diagnose.evidence.number import fixed, number

HEALTHY, RUINOUS = 3.0, 20.0
"""Samples of the most common class for one of the rarest. 10 is the limit from which surveys speak of imbalance (He and
Garcia, "Learning from Imbalanced Data", 2009); it lies in the middle of this scale."""
MAJORITY, OVERWHELMING = 0.5, 0.9
"""Share of the most common class. Up to the first, always naming it is wrong more often than right, and no loss is
small there. At the second, an answer that ignores the inputs is right 9 times out of 10."""
LEAST_CERTAIN, MOST_CERTAIN = 0.3, 0.7
"""Certainty at these two shares. It stays well below that of a wrong setting: one that stops all learning leaves the
same predictions, whatever the classes are."""
COLLAPSED = 0.98
"""Share of samples predicted as the most common class from which the others are ignored. Where that class itself is
more common, half of the rest."""
ERRORS = 3.0
"""Standard errors of the difference of two counts, within which few samples differ by chance."""
EVEN = 0.1
"""Distance of the label shares of validation from even ones, as far as the shift from training tells it."""
ORDERED = 0.75
"""Share of pairs in the right order from which the classes are told apart: halfway from chance to a perfect order."""
BY_RANK = (
    "The classes are told apart already: report `keras.metrics.AUC()` beside the accuracy, and take another threshold "
    "than 0.5. "
)
CHANCE = 0.1
"""Agreement with the labels beyond that of answers drawn in the same shares (Cohen's kappa) up to which a network knows
nothing: 0.1 is two standard errors on 400 samples."""
IGNORED = 0.05
"""Share of the samples that may be left out on purpose."""
KNOWN = 0.9
"""Certainty where the weights say it: a class may be left out on purpose."""
NOT_YET_SEEN = 0.5
"""Certainty that an overwhelming class holds a network back as soon as it learns at all."""
WORSE = 0.03
"""Accuracy on training samples above that on validation samples: three standard errors on 400 samples near 0.96."""


@cause(
    title="Imbalanced classes",
    family="data",
    fix="Weigh the classes by their rarity with `class_weight` in fit, and watch recall by class instead of accuracy.",
    brings_about=("constant_prediction", "overfitting", "vanishing_gradients", "dead_relu"),
    looks_like=("shuffled_labels",),
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
    label_shape: Sequence[int] = (),
    label_min: float | None = None,
    validation_label_shift: float | None = None,
    final_accuracy: float | None = None,
    final_validation_accuracy: float | None = None,
    probe_auc: np.ndarray | None = None,
    probe_val_auc: np.ndarray | None = None,
    loss_function: dict[str, Any] | None = None,
    data_form: str | None = None,
    class_weight: dict[str, float] | None = None,
) -> Answer:
    if label_form == "multi_label":
        return DoesNotApply("A sample can have several labels: classes do not compete.")
    counts = np.asarray(label_counts, float)
    weighed = counts * _weights(classes, class_weight)
    ignored = [int(index) for index in np.flatnonzero(counts) if not weighed[index] > 0]
    if ignored and weighed.any():
        return _ignored(ignored, counts, classes, predicted_fraction)
    present = weighed[weighed > 0]
    if len(present) < 2:
        return DoesNotApply(f"{len(present)} class among the labels: there is nothing to weigh.")
    ratio, majority = float(present.max() / present.min()), int(weighed.argmax())
    share = float(weighed.max() / weighed.sum())
    of_all = "samples" if class_weight is None else "weight in the loss"
    saw = f"Class {classes[majority]} has {share:.1%} of the {of_all}, {number(ratio)} for each one of the rarest class"
    by_chance = ERRORS * np.sqrt(present.max() + present.min())
    if ratio <= HEALTHY or share <= MAJORITY or present.max() - present.min() <= by_chance:
        return Fine(
            f"The commonest class has {share:.1%} of the {of_all}, the rarest {present.min() / weighed.sum():.1%}."
        )
    predicted = predicted_fraction[:, majority] if majority < predicted_fraction.shape[1] else np.zeros(len(epochs))
    known = np.isfinite(predicted)
    if not known.any():
        return CouldNotTell(("predicted_fraction",))
    predicted, epochs = predicted[known], epochs[known]
    limit = max(COLLAPSED, (1 + share) / 2)
    memorized = _rare_classes_memorized(counts, validation_label_shift, final_accuracy, final_validation_accuracy)
    blind = _knows_nothing(predicted_fraction[known][-1], counts, final_accuracy)
    if predicted[-1] < limit and not memorized and not blind:
        others = f"{1 - predicted[-1]:.1%} of the probe samples are predicted as others"
        return Fine(f"Class {classes[majority]} has {share:.1%} of the {of_all}, yet {others}.")
    labelled = _labelled(counts, classes, label_form, label_shape, loss_function, data_form)
    if blind:
        return Finding(
            degree(ratio, HEALTHY, RUINOUS),
            NOT_YET_SEEN,
            f"{saw}. Accuracy is {fixed(float(final_accuracy or 0.0))}, no better than chance: a network that begins "
            f"to learn is right in {share:.1%} by naming that class alone.",
            f"less than {HEALTHY:g} to 1, or rarer classes that the network tells from it.",
            weigh(labelled),
            since=1,
            picture="predicted_fraction",
            limit=share,
            attempt=_attempt(labelled),
        )
    told_apart = np.flatnonzero(predicted < limit)
    ranked = "" if memorized else _ranked(probe_auc if probe_val_auc is None else probe_val_auc)
    first = int(told_apart[-1]) + 1 if len(told_apart) else 0
    return Finding(
        degree(ratio, HEALTHY, RUINOUS),
        float(np.interp(share, (MAJORITY, OVERWHELMING), (LEAST_CERTAIN, MOST_CERTAIN))),
        f"{saw}, and {predicted[-1]:.1%} of the probe samples are predicted as that class{memorized}{ranked}.",
        f"less than {HEALTHY:g} to 1, or the rarer classes among the predictions.",
        (BY_RANK if ranked else "") + weigh(labelled),
        since=int(epochs[first]) if first < len(epochs) else 1,
        picture="predicted_fraction",
        limit=share,
        attempt=_attempt(labelled),
    )


def _weights(classes: Sequence[str], given: dict[str, float] | None) -> np.ndarray:
    """Weight of each class, shape `(class,)`: 1 where `fit` was given none."""
    return np.array([(given or {}).get(name, 1.0) for name in classes])


def _ignored(ignored: Sequence[int], counts: np.ndarray, classes: Sequence[str], predicted: np.ndarray) -> Answer:
    """What follows from classes that `class_weight` leaves out of the loss.

    Args:
        ignored: Their indices.
        counts: Labels of each class, shape `(class,)`.
        classes: Names of all classes.
        predicted: Share of the probe samples predicted as each class, shape `(epoch, class)`.
    """
    names = listed([str(classes[index]) for index in ignored])
    share = float(counts[ignored].sum() / counts.sum())
    is_zero = f"`class_weight` is 0 for class {names}"
    told = predicted[:, [index for index in ignored if index < predicted.shape[1]]].sum(axis=1)
    told = told[np.isfinite(told)]
    if not len(told) or told[-1] >= share / 2:
        return Fine(f"{is_zero}, yet {told[-1]:.1%} are predicted as such." if len(told) else f"{is_zero}.")
    return Finding(
        degree(share, IGNORED, OVERWHELMING),
        KNOWN,
        f"{is_zero}: {share:.1%} of the samples count for nothing, and {told[-1]:.1%} of the probe samples are "
        "predicted as such.",
        "a weight above 0 for each class that is to be told.",
        f"Leave `class_weight` out of fit, or give class {names} a weight.",
        since=1,
        picture="predicted_fraction",
    )


def _knows_nothing(predicted: np.ndarray, counts: np.ndarray, accuracy: float | None) -> bool:
    """Whether a network does worse than always naming an overwhelming class, and no better than by chance.

    Its predictions say nothing of the imbalance then: whatever keeps it from learning hides it.

    Args:
        predicted: Share of the probe samples predicted as each class, shape `(classes,)`.
        counts: Labels of each class, shape `(classes,)`.
        accuracy: Accuracy on training samples, None where unknown.
    """
    shares = counts / counts.sum()
    if accuracy is None or shares.max() < OVERWHELMING or accuracy >= shares.max() or len(predicted) != len(shares):
        return False
    by_chance = float((predicted * shares).sum())
    return accuracy - by_chance <= CHANCE * (1 - by_chance)


def _attempt(labels: Labelled) -> Try:
    """What a trial makes: the weights of the classes, which `fit` takes where a sample has one label."""
    if labels.is_map:
        return Try(untold="Keras takes no class_weight for labels a pixel or a time step.")
    weights = {str(label): weight for label, weight in zip(labels.values, labels.weights, strict=True)}
    return Try("classes weighed by their rarity, `class_weight`", (Edit("fit", "class_weight", weights),))


def _ranked(auc: np.ndarray | None) -> str:
    """What the order of the outputs tells of the rare class although none is predicted as it; empty for chance.

    Args:
        auc: On validation samples where there are some: on training samples it may be memorized.
    """
    known = auc[np.isfinite(auc)] if auc is not None else np.zeros(0)
    if not len(known) or known[-1] < ORDERED:
        return ""
    return f", although the outputs rank a sample of the rarer class above one of the other in {known[-1]:.1%} of pairs"


def _rare_classes_memorized(
    counts: np.ndarray, shift: float | None, training: float | None, validation: float | None
) -> str:
    """What validation samples of even classes show of the rare ones; empty where they are not even, or no worse."""
    if shift is None or training is None or validation is None:
        return ""
    shares = counts / counts.sum()
    # Classes without a training sample may be classes of the validation samples, or outputs that nothing uses.
    uneven = [0.5 * float(np.abs(some - 1 / len(some)).sum()) for some in (shares, shares[shares > 0])]
    even = any(value >= 2 * EVEN and abs(shift - value) <= EVEN for value in uneven)
    if not even or training - validation <= WORSE:
        return ""
    return (
        f"; on validation samples, of which each class has about as many, accuracy is {validation:.2f} instead of "
        f"{training:.2f}"
    )


def _labelled(
    counts: np.ndarray,
    classes: Sequence[str],
    label_form: str,
    label_shape: Sequence[int],
    loss_function: dict[str, Any] | None,
    data_form: str | None,
) -> Labelled:
    """What the advice says and what a trial tries: weights that make every class count alike.

    No edits: weights cannot tell what too few samples of a class do not hold. Alone they lifted none of 9 harmful runs
    of the demo setups (ratios of 5 to 200) to their healthy twins; more samples of the rare classes do.
    """
    loss = loss_function or {}
    return Labelled(
        counts,
        numbered(classes),
        label_form in ("one_hot", "probabilities"),
        label_shape,
        str(loss.get("name") or ""),
        bool(loss.get("from_logits")),
        data_form,
    )
