"""Many labels are wrong, and set a ceiling that accuracy cannot pass.

Where a share of the labels is wrong, no model that has learned the rule can be right about them: accuracy stops
at the share of right labels, and goes on only by learning single samples by heart. The gradient of the wrong samples pulls
against that of the right ones, so learning is slower too.

How it is told: samples about whose label the samples around them agree, and that carry another one; equal samples with
different labels; a model that is right about validation samples more often than about the samples that it was trained on.

Not this: neighbours that know nothing of the labels (then these errors are their own), a few percent of wrong labels,
which every large data set has, and a model whose accuracy is far above that ceiling in training and validation, or
far below it.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause, degree

HEALTHY, RUINOUS = 0.1, 0.5
"""Share of wrong labels. Common benchmark sets have 3.3 % on average and up to 10 % (Northcutt et al., 2021);
half of the labels wrong is where two classes say nothing any more."""
ERRORS = 2.0
"""Standard errors by which neighbours or ridge regression must be better than chance to be judges of labels at all."""
UNFAIR = 0.2
"""Distance between the label shares of training and validation from which on their accuracies cannot be compared."""
REFUTED = 0.5
"""Share of the suspected labels that a model is right about in training and validation: then they are not wrong."""
UNTOUCHED = 0.2
"""Weight where the model has not come near the ceiling at all: then something else holds it first."""
LAST = 3
"""Epochs at the end that a level is the mean of."""


@cause(
    title="Wrong labels",
    family="data",
    fix="Look at the samples that the trained model is surest to be labelled wrongly, and correct or drop them.",
    brings_about=("overfitting", "insufficient_capacity", "constant_prediction"),
    looks_like=("too_few_epochs", "batch_size_too_small"),
    sets_ceiling=True,
    sources=(
        "Northcutt, Jiang and Chuang, 'Confident Learning: Estimating Uncertainty in Dataset Labels', 2021",
        "Northcutt, Athalye and Mueller, 'Pervasive Label Errors in Test Sets', 2021: 3.3 % on average",
    ),
)
def label_noise(
    confident_error_fraction: float,
    neighbour_skill: float,
    neighbour_sample_count: int,
    ridge_skill: float | None = None,
    conflicting_sample_fraction: float | None = None,
    baseline_accuracy: float | None = None,
    probe_accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    validation_sample_count: int | None = None,
    validation_label_shift: float | None = None,
) -> Answer:
    floor = min(baseline_accuracy if baseline_accuracy is not None else 0.5, 0.99)
    error = np.sqrt(floor * (1 - floor) / neighbour_sample_count) / (1 - floor)
    known = max(neighbour_skill, ridge_skill if ridge_skill is not None else -1.0)
    ours, theirs = _level(probe_accuracy), _level(probe_val_accuracy)
    better = _better_on_validation(ours, theirs, validation_sample_count, validation_label_shift)
    few = ERRORS * np.sqrt(confident_error_fraction * (1 - confident_error_fraction) / (neighbour_sample_count / 2))
    judged = known > ERRORS * error and confident_error_fraction - few > HEALTHY
    signs = {
        "confident_error_fraction": confident_error_fraction if judged else 0.0,
        "conflicting_sample_fraction": (conflicting_sample_fraction or 0.0) / 2,  # of two equal samples one is wrong
        "probe_val_accuracy": better,
    }
    picture = max(signs, key=signs.__getitem__)
    noise = signs[picture]
    samples = (
        f"{confident_error_fraction:.1%} of the samples about whose label the samples around them are surest, of "
        f"{neighbour_sample_count:,} looked at, carry another label"
    )
    saw = {
        "confident_error_fraction": samples,
        "conflicting_sample_fraction": f"{conflicting_sample_fraction or 0:.1%} of the samples have inputs that occur with "
        "another label too",
        "probe_val_accuracy": f"The model is right about {theirs or 0:.1%} of the validation samples and only "
        f"{ours or 0:.1%} of the training samples",
    }[picture]
    if known <= ERRORS * error and not noise:
        return Fine(f"{samples}, but they tell only {max(known, 0):.0%} of the labels at all: no judges.")
    if noise <= HEALTHY:
        return Fine(f"{samples}.")
    ceiling = 1 - noise
    if ours is not None and theirs is not None and min(ours, theirs) > 1 - (1 - REFUTED) * noise:
        return Fine(f"{saw}, but accuracy is {ours:.2f} in training and {theirs:.2f} in validation.")
    weight = 1.0
    if ours is not None and not better:
        weight = float(np.clip((ours - floor) / max(ceiling - floor, 0.05), UNTOUCHED, 1))
    return Finding(
        degree(noise, HEALTHY, RUINOUS) * weight,
        0.8,
        f"{saw}: accuracy cannot pass about {ceiling:.2f}{'' if ours is None else f', and is {ours:.2f}'}.",
        f"less than {HEALTHY:.0%} of wrong labels; large data sets have about 3 %.",
        "Look at the samples where `model.predict(x)` is surest and `y` says otherwise, and correct or drop them; find the "
        "step that mixed the labels up.",
        picture=picture,
        limit=HEALTHY if picture == "confident_error_fraction" else None,
    )


def _better_on_validation(ours: float | None, theirs: float | None, samples: int | None, shift: float | None) -> float:
    """How much the model is better on validation samples than on training samples, both in inference mode; 0 within chance.

    Nothing but wrong training labels, or easier validation samples, does that.
    """
    if ours is None or theirs is None or shift is None or shift >= UNFAIR:
        return 0.0
    error = np.sqrt(ours * (1 - ours) / 512 + theirs * (1 - theirs) / min(samples or 100, 512))
    return theirs - ours if theirs - ours > max(3 * error, HEALTHY) else 0.0


def _level(values: np.ndarray | None) -> float | None:
    if values is None or not np.isfinite(values).any():
        return None
    return float(np.mean(values[np.isfinite(values)][-LAST:]))
