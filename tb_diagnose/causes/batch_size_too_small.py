"""So few samples go into each step that steps point anywhere.

The gradient of a few samples is mostly noise: each step undoes the last, and at the usual rate the weights wander
instead of arriving. BatchNormalization suffers first: it measures mean and standard deviation on the samples of a
batch. Over one sample the standard deviation is 0 and nothing of the sample is left; over two, each value is replaced
by its sign.

Not this: batches of five samples or more without BatchNormalization, and small batches whose gradients agree. Most
runs with batches of one to four samples are slow, not wrong: then this is a note.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, Finding, Fine, cause, degree, number
from tb_diagnose.causes._batches import batch_advice, batch_attempt, batch_edits

HEALTHY_NORMALIZED, RUINOUS_NORMALIZED = 8, 2
"""Samples a batch with BatchNormalization: below 8 its error grows fast (Wu and He, "Group Normalization", 2018, figure
1); of 2 only signs are left."""
MOST_SAMPLES = 4
"""Samples a batch from which noise is no reason any more without BatchNormalization: 5 learns well in the threshold
program."""
HEALTHY, RUINOUS = 10.0, 300.0
"""Gradient noise scale over the samples of a batch, that is noise over signal in the square of a step, after the epoch
in which gradients agree best (later it is large in every run that succeeds): 10 to 60 samples in most demo setups."""
INFERRED = 0.6
"""Certainty: small batches seldom stall a run by themselves."""
USUAL = 32
SMALLEST = 8


@cause(
    title="Batch size too small",
    family="training",
    fix="Train with `batch_size=32`.",
    brings_about=("constant_prediction", "dead_relu", "saturated_activations", "vanishing_gradients"),
    looks_like=("learning_rate_too_high", "too_few_epochs"),
    sources=(
        "Wu and He, 'Group Normalization', 2018: BatchNormalization at 2 to 32 samples",
        "McCandlish et al., 'An Empirical Model of Large-Batch Training', 2018",
    ),
)
def batch_size_too_small(
    batch_size: int,
    sample_count: int,
    training_only: list[str],
    gradient_noise_scale: np.ndarray | None = None,
    data_form: str | None = None,
    batch_size_is_inferred: bool | None = None,
) -> Answer:
    if "BatchNormalization" in training_only:
        return _normalized(batch_size, sample_count, data_form, batch_size_is_inferred)
    saw = _samples(batch_size)
    if batch_size > MOST_SAMPLES:
        return Fine(f"{saw}.")
    known = gradient_noise_scale[np.isfinite(gradient_noise_scale)] if gradient_noise_scale is not None else np.zeros(0)
    if not len(known):
        return CouldNotTell(("gradient_noise_scale",))
    noise = float(known.min())
    saw += f", while a gradient needs {number(max(round(noise), 1))} samples or more to be as much signal as noise"
    harm = degree(noise / batch_size, HEALTHY, RUINOUS) if noise > 0 else 0.0
    if not harm:
        return Fine(f"{_samples(batch_size)}, and {number(max(round(noise), 1))} are enough for a clear gradient.")
    larger = _larger(sample_count)
    return Finding(
        harm,
        INFERRED,
        f"{saw}.",
        f"a batch of at least {number(noise / HEALTHY, 2)} samples.",
        f"{batch_advice(larger, batch_size, data_form, batch_size_is_inferred)}.",
        picture="gradient_noise_scale",
        edits=batch_edits(larger, batch_size, data_form, batch_size_is_inferred),
        attempt=batch_attempt(larger, batch_size, data_form),
        limit=batch_size * HEALTHY,
    )


def _normalized(batch_size: int, sample_count: int, data_form: str | None, inferred: bool | None) -> Answer:
    """What BatchNormalization makes of so few samples."""
    saw = _samples(batch_size)
    harm = degree(batch_size, HEALTHY_NORMALIZED, RUINOUS_NORMALIZED)
    if not harm:
        return Fine(f"{saw}, with BatchNormalization.")
    larger = _larger(sample_count)
    return Finding(
        harm,
        INFERRED,
        f"{saw}, whose mean and standard deviation BatchNormalization divides by.",
        f"at least {HEALTHY_NORMALIZED} samples where there is BatchNormalization.",
        f"{batch_advice(larger, batch_size, data_form, inferred)}. Where memory allows no more, use "
        "`keras.layers.GroupNormalization()` instead of BatchNormalization.",
        picture="batch_size",
        edits=batch_edits(larger, batch_size, data_form, inferred),
        attempt=batch_attempt(larger, batch_size, data_form),
    )


def _samples(batch_size: int) -> str:
    return f"{batch_size:,} sample{'' if batch_size == 1 else 's'} a batch"


def _larger(sample_count: int) -> int:
    return min(USUAL, max(sample_count // 10, SMALLEST), sample_count)
