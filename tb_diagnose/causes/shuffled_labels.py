"""The labels have nothing to do with the samples they stand beside.

When inputs and labels are shuffled, sorted, filtered or joined apart from each other, every sample carries the label
of some other row. There is nothing to learn but single samples by heart: accuracy stands at the majority share, or climbs
by memorizing while validation stays at chance.

How it is told: the labels of the nearest other samples, and kernel ridge regression, say no more about a sample's label than chance
does.

Not this: a hard task that the model learns, validation above chance; and inputs that are all alike.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause

CERTAIN, BLIND = 0.9, 0.4
"""Severity where neighbours and kernel ridge regression can be trusted, and where they may be blind: the order of a sequence is
lost on both."""
ERRORS = 2.0
"""Standard errors within which a figure is chance."""
POWER = 0.2
"""Two standard errors in skill from which on there are too few samples to tell chance from learning."""
VOTERS = 5
RANDOM_R2 = -1 / VOTERS
"""R^2 of the mean of five random other targets: its own variance, a fifth, comes on top."""
MEMORIZED = 0.5
"""Skill on the training samples that a model reaches by heart alone when validation is at chance."""
ALIKE = 0.5
"""Share of samples with conflicting labels from which on the inputs are the trouble."""
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


@cause(
    title="Labels of other samples",
    family="data",
    fix="Print a few samples with their labels just before fit; shuffle, filter and sort x and y with the same indices.",
    brings_about=("overfitting", "constant_prediction", "insufficient_capacity", "vanishing_gradients", "dead_relu"),
    looks_like=("too_few_epochs", "label_noise", "batch_size_too_small", "learning_rate_too_high"),
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
    neighbour_accuracy: float | None = None,
    ridge_accuracy: float | None = None,
    conflicting_sample_fraction: float | None = None,
    confident_error_fraction: float | None = None,
    operations: list[str] | None = None,
    skill: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    validation_sample_count: int | None = None,
    epochs: np.ndarray | None = None,
) -> Answer:
    saw = (
        f"Over {neighbour_sample_count:,} samples the labels of the 5 nearest other samples tell {neighbour_skill:.1%} of what "
        f"there is to tell about a sample's label, kernel ridge regression {ridge_skill:.1%}"
    )
    if (conflicting_sample_fraction or 0.0) >= ALIKE:
        return Fine(
            f"{saw}; {conflicting_sample_fraction:.0%} of the samples have inputs that occur with other labels too."
        )
    if label_form == "continuous":
        limit = RANDOM_R2 - ERRORS * RANDOM_R2 * 6 / np.sqrt(neighbour_sample_count)
        if limit > 0 or neighbour_skill > limit or ridge_skill > 1 / np.sqrt(neighbour_sample_count):
            return Fine(f"{saw}.")
        expected = f"more than {limit:.2f}; the mean of five random targets has {RANDOM_R2:.2f}."
        shares = None
    elif label_form == "multi_label":
        limit = ERRORS / np.sqrt(neighbour_sample_count)
        if limit > POWER or max(neighbour_skill, ridge_skill) > limit:
            return Fine(f"{saw}.")
        expected = f"more than {limit:.1%} by one of the two, two standard errors of chance."
        shares = None
    else:
        counts = np.asarray(label_counts or [1, 1], float)
        shares = counts[counts > 0] / counts.sum()
        if len(shares) < 2:
            return Fine(f"{saw}: all labels are of one class.")
        majority = float(shares.max())
        error = np.sqrt(majority * (1 - majority) / neighbour_sample_count) / (1 - majority)
        if ERRORS * error > POWER:
            return Fine(f"{saw}, too few samples to tell that from chance.")
        if max(neighbour_skill, ridge_skill) > ERRORS * error:
            return Fine(f"{saw}.")
        chance = _vote_chance(shares)
        spare = ERRORS * np.sqrt(chance * (1 - chance) / neighbour_sample_count)
        if neighbour_accuracy is not None and neighbour_accuracy > chance + spare:
            return Fine(
                f"{saw}, but they are right in {neighbour_accuracy:.1%}; random labels would give {chance:.1%}."
            )
        sure_chance = 1 - majority
        sure_error = np.sqrt(2 * sure_chance * majority / neighbour_sample_count)
        if confident_error_fraction is not None and confident_error_fraction < sure_chance - 2 * ERRORS * sure_error:
            return Fine(
                f"{saw}, but where they are surest only {confident_error_fraction:.1%} of the labels are others; "
                f"random labels would give {sure_chance:.1%}."
            )
        expected = f"more than {ERRORS * error:.1%} by one of the two, two standard errors of chance."
    validation = probe_val_accuracy if probe_val_accuracy is not None else val_accuracy
    if validation is not None and epochs is not None:
        validation = validation[epochs > 0]  # an untrained model may be lucky
    best, samples = _best(validation), min(validation_sample_count or 200, 512)
    memorized = False
    if best is not None and shares is not None:
        majority = float(shares.max())
        if best > majority + 3 * np.sqrt(majority * (1 - majority) / samples):
            return Fine(
                f"{saw}, but the model does: validation accuracy reached {best:.1%} ({majority:.1%} is chance)."
            )
        memorized = skill is not None and float(np.nanmax(skill)) >= MEMORIZED
        saw += f"; validation accuracy is at most {best:.1%}, where {majority:.1%} is chance"
        if memorized:
            saw += ", while the training samples were learned by heart"
    blind = any(name in IN_ORDER for name in operations or []) and not memorized
    return Finding(
        BLIND if blind else CERTAIN,
        0.8,
        f"{saw}.",
        expected,
        "Print `x[:5]` and `y[:5]` just before fit and compare them with the source; shuffle both alike: "
        "`samples = np.random.permutation(len(x)); x, y = x[samples], y[samples]`.",
        picture="neighbour_skill",
    )


def _vote_chance(shares: np.ndarray) -> float:
    """Accuracy of the majority of five random labels on a random label."""
    draws = np.random.default_rng(0).choice(len(shares), (4000, VOTERS), p=shares)
    votes = np.stack([(draws == c).sum(axis=1) for c in np.unique(draws)])
    return float(shares[np.unique(draws)[votes.argmax(axis=0)]].mean())


def _best(validation: np.ndarray | None) -> float | None:
    """The highest median of three epochs: a single epoch may be lucky."""
    if validation is None or not np.isfinite(validation).any():
        return None
    known = validation[np.isfinite(validation)]
    return float(max(np.median(known[i : i + 3]) for i in range(max(len(known) - 2, 1))))
