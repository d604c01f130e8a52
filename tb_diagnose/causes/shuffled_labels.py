"""The labels have nothing to do with the samples that they stand beside.

When inputs and labels are shuffled, sorted, filtered or joined apart from each other, each sample carries the label of
some other sample. Nothing can be learned but single samples: accuracy stands at the majority share, or climbs by
memorizing while validation stays at chance.

How it is told: the labels of the nearest other samples, and kernel ridge regression, say no more about the label of a
sample than chance does. Where few labels are set, both answer "none" whatever they know; there it counts how they rank
the samples.

Not this: a hard task that the model learns, with validation above chance; inputs that are all alike; and a class so
common that simple methods answer nothing else (imbalanced classes).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Finding, Fine, cause
from tb_diagnose.causes._tries import PAIRED
from tb_diagnose.evidence.number import fixed
from tb_diagnose.status.skill import LAST

PROVEN, TRUSTED, BLIND = 0.9, 0.75, 0.35
"""Certainty where the training samples are memorized and validation is at chance; where only neighbours and kernel
ridge regression say so; where these may be blind, because the order of a sequence is lost on both."""
EVEN = 0.5
"""Share of the most common label up to which neighbours and ridge regression can show what they know. Above, they
answer that label more and more, whatever the inputs say: certainty falls with the share of the other labels."""
ERRORS = 2.0
"""Standard errors within which a figure is chance."""
BEYOND = 3.0
"""Standard errors by which validation accuracy must pass the share of the most common label to be no chance."""
POWER = 0.2
"""Two standard errors in skill from which there are too few samples to tell chance from learning."""
RANDOM_AUC = 0.5
"""Share of pairs of which random scores rank the right one higher."""
EXPECTED_ORDER = f"more than {RANDOM_AUC:.0%} of the pairs, by {BEYOND:g} standard errors."
VOTERS = 5
RANDOM_R2 = -1 / VOTERS
"""R^2 of the mean of five random other targets: its own variance, a fifth, comes on top."""
R2_DEVIATION = 1.2
"""Standard deviation of that R^2 times the root of the number of samples."""
MEMORIZED = 0.5
"""Skill on the training samples that only memorizing can reach where validation is at chance."""
ALIKE = 0.5
"""Share of samples with conflicting labels from which the inputs are the trouble, where they are few."""
FEW_INPUTS = 0.25
"""Different inputs as a share of the samples below which they are few: so many samples look the same that labels must
conflict. Where an input occurs once or twice, as in batches that are drawn with replacement, its labels agree."""
IN_ORDER = (
    "Embedding",
    "LSTM",
    "GRU",
    "SimpleRNN",
    "RNN",
    "Bidirectional",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "MultiHeadAttention",
)

SOME_SAMPLES = 200
"""Validation samples that are assumed where nothing tells how many there are."""


@dataclass(frozen=True)
class Judges:
    """What neighbours and kernel ridge regression know of the labels.

    Args:
        neighbours: Skill of the 5 nearest other samples.
        ridge: Skill of kernel ridge regression.
        samples: Samples that they were asked about.
        neighbour_accuracy: Accuracy of the former.
        confident_errors: Share of other labels where they are surest.
    """

    neighbours: float
    ridge: float
    samples: int
    neighbour_accuracy: float | None = None
    confident_errors: float | None = None

    @property
    def saw(self) -> str:
        return (
            f"From the inputs of {self.samples:,} samples, nearest neighbours tell the labels with a skill of "
            f"{fixed(self.neighbours)}, kernel ridge regression with {fixed(self.ridge)} (0 is the best constant "
            "answer, 1 a perfect one)"
        )

    @property
    def short(self) -> str:
        """The same as one clause of a sentence."""
        return f"Nearest neighbours have a skill of {fixed(self.neighbours)}, ridge regression {fixed(self.ridge)}"


@dataclass(frozen=True)
class Chance:
    """What random labels would give.

    Args:
        neighbours: Skill of neighbours within chance.
        ridge: Skill of kernel ridge regression within chance.
        power: The least skill that could be told from chance.
        expected: What a healthy run shows.
    """

    neighbours: float
    ridge: float
    power: float
    expected: str


@cause(
    title="Labels misaligned with inputs",
    family="data",
    fix="Print a few samples with their labels just before fit; shuffle, filter and sort x and y with equal indices.",
    brings_about=("overfitting", "constant_prediction", "vanishing_gradients", "dead_relu"),
    sets_ceiling=True,
    sources=(
        "Zhang et al., 'Understanding deep learning requires rethinking generalization', 2017: nets fit random labels",
        "Cover and Hart, 'Nearest neighbor pattern classification', 1967",
    ),
)
def shuffled_labels(
    neighbour_skill: float,
    ridge_skill: float,
    neighbour_sample_count: int,
    label_form: str,
    label_counts: list[float] | None = None,
    label_mean: float | None = None,
    neighbour_accuracy: float | None = None,
    conflicting_sample_fraction: float | None = None,
    distinct_input_count: int | None = None,
    sample_count: int | None = None,
    confident_error_fraction: float | None = None,
    operations: list[str] | None = None,
    skill: np.ndarray | None = None,
    best_accuracy_on_both: float | None = None,
    validation_probe_sample_count: int | None = None,
    neighbour_auc: float | None = None,
    ridge_auc: float | None = None,
    auc_error: float | None = None,
    probe_val_auc: np.ndarray | None = None,
    epochs: np.ndarray | None = None,
) -> Answer:
    judges = Judges(neighbour_skill, ridge_skill, neighbour_sample_count, neighbour_accuracy, confident_error_fraction)
    saw, conflicts = judges.saw, conflicting_sample_fraction or 0.0
    few_inputs = (
        distinct_input_count is None or sample_count is None or distinct_input_count < FEW_INPUTS * sample_count
    )
    if conflicts >= ALIKE and few_inputs:
        return Fine(f"{conflicts:.0%} of the samples have an input that occurs with another label too.")
    shares = _class_shares(label_form, label_counts)
    if len(shares) == 1:
        return DoesNotApply("All labels are of one class.")
    chance = _chance(label_form, shares, judges.samples)
    if neighbour_skill > chance.neighbours or ridge_skill > chance.ridge:
        return Fine(f"{judges.short}.")
    order, few = max(neighbour_auc or 0.0, ridge_auc or 0.0), not len(shares) or shares.max() > EVEN
    by_rank = False
    if auc_error is not None and few and label_form != "continuous":
        saw += f"; the better of both ranks a sample with a label above one without it in {order:.1%} of all pairs"
        if order > RANDOM_AUC + BEYOND * auc_error:
            return Fine(f"Simple methods rank a sample with a label above one without it in {order:.1%} of all pairs.")
        error = auc_error * np.sqrt(neighbour_sample_count / (validation_probe_sample_count or SOME_SAMPLES))
        ranked = np.zeros(0) if probe_val_auc is None else probe_val_auc[np.isfinite(probe_val_auc)][-LAST:]
        # Weights as they were drawn rank samples too, this way or that: only what was added is learned from labels.
        began = RANDOM_AUC
        if probe_val_auc is not None and epochs is not None and epochs[0] == 0 and np.isfinite(probe_val_auc[0]):
            began = float(probe_val_auc[0])
        learned = len(ranked) == LAST and ranked.min() > began + error
        if learned and ranked.min() > RANDOM_AUC + BEYOND * error:
            return Fine(f"The model ranks validation samples as their labels do in {ranked[-1]:.1%} of all pairs.")
        power = 2 * ERRORS * auc_error  # as skill: an AUC runs from 0.5 to 1
        by_rank = power <= POWER
        if label_form == "multi_label":
            chance = replace(chance, power=power, expected=EXPECTED_ORDER)
    if chance.power > POWER:
        return CouldNotTell((f"more than {judges.samples:,} samples",))
    hint = _hint(judges, shares) if len(shares) else ""
    if hint:
        return Fine(f"{hint}.")
    memorized = False
    if best_accuracy_on_both is not None and len(shares):
        samples, share = validation_probe_sample_count or SOME_SAMPLES, float(shares.max())
        reached = f"accuracy is at most {best_accuracy_on_both:.1%} on training and validation samples alike"
        if best_accuracy_on_both > share + BEYOND * np.sqrt(share * (1 - share) / samples):
            return Fine(
                f"Accuracy is {best_accuracy_on_both:.1%} on both kinds of samples, where {share:.1%} is chance."
            )
        memorized = skill is not None and float(np.nanmax(skill)) >= MEMORIZED
        saw += f"; {reached}, where {share:.1%} is chance"
        saw += ", while the training samples are memorized" if memorized else ""
    if conflicts >= ALIKE:
        saw += f"; {conflicts:.0%} of the samples have an input that occurs with another label too"
    blind = any(name in IN_ORDER for name in operations or [])
    return Finding(
        1.0,
        (PROVEN if memorized else BLIND if blind else TRUSTED)
        * (1.0 if by_rank else _open_to_judges(label_form, shares, label_mean)),
        f"{saw}.",
        chance.expected,
        "Print `x[:5]` and `y[:5]` just before fit and compare them with the source; shuffle both alike: "
        "`samples = np.random.permutation(len(x)); x, y = x[samples], y[samples]`.",
        picture="neighbour_skill",
        attempt=PAIRED,
    )


def _class_shares(label_form: str, label_counts: list[float] | None) -> np.ndarray:
    """Share of each class that has samples, shape `(class,)`; empty where samples have no single class."""
    if label_form in ("continuous", "multi_label"):
        return np.zeros(0)
    counts = np.asarray(label_counts or [1, 1], float)
    return np.asarray(counts[counts > 0] / counts.sum())


def _chance(label_form: str, shares: np.ndarray, samples: int) -> Chance:
    if label_form == "continuous":
        error = ERRORS * R2_DEVIATION / np.sqrt(samples)
        limit = RANDOM_R2 + error
        # Above 0 it could not be told from a little knowledge.
        power = error if limit <= 0 else 1.0
        expected = f"more than {limit:.2f} by neighbours; the mean of five random targets has {RANDOM_R2:.2f}."
        return Chance(limit, 1 / np.sqrt(samples), power, expected)
    if len(shares):
        majority = float(shares.max())
        limit = ERRORS * np.sqrt(majority * (1 - majority) / samples) / (1 - majority)
    else:
        limit = ERRORS / np.sqrt(samples)
    return Chance(
        limit,
        limit,
        limit,
        f"a skill above {limit:.2f} by one of the two, which is {ERRORS:g} standard errors of chance.",
    )


def _hint(judges: Judges, shares: np.ndarray) -> str:
    """Signs of knowledge that skill does not show where one class is common; empty where there are none."""
    chance = _vote_chance(shares)
    spare = ERRORS * np.sqrt(chance * (1 - chance) / judges.samples)
    if judges.neighbour_accuracy is not None and judges.neighbour_accuracy > chance + spare:
        right = f"{judges.neighbour_accuracy:.1%}"
        return f"Nearest neighbours are right in {right}, where random labels would give {chance:.1%}"
    others = 1 - float(shares.max())
    error = np.sqrt(2 * others * (1 - others) / judges.samples)
    if judges.confident_errors is not None and judges.confident_errors < others - 2 * ERRORS * error:
        return (
            f"Where neighbours are surest {judges.confident_errors:.1%} of the labels are others, not {others:.1%} as "
            "by chance"
        )
    return ""


def _vote_chance(shares: np.ndarray) -> float:
    """Accuracy of the majority of five random labels on a random label."""
    draws = np.random.default_rng(0).choice(len(shares), (4000, VOTERS), p=shares)
    votes = np.stack([(draws == c).sum(axis=1) for c in np.unique(draws)])
    return float(shares[np.unique(draws)[votes.argmax(axis=0)]].mean())


def _open_to_judges(label_form: str, shares: np.ndarray, label_mean: float | None) -> float:
    """How far neighbours and ridge regression can show what they know: 1 for even labels, 0 for a single one."""
    common = float(shares.max()) if len(shares) else 0.0
    if label_form == "multi_label" and label_mean is not None:
        common = max(label_mean, 1 - label_mean)
    return min((1 - common) / (1 - EVEN), 1.0)
