"""So many samples go into each step that there are too few steps.

A step is a step, whether its gradient comes from 32 samples or from all of them. Beyond the gradient noise scale N, the
number of samples at which signal and noise are even, more samples make the gradient hardly better: they only make steps
rarer. An epoch in batches of b gets (B + N) / (b + N) times as far as one in batches of B. With the whole data set in
one batch, ten epochs are ten steps, and at the usual rate ten steps lead nowhere.

Not this: few steps because there are few epochs or few samples, or a large batch with as many steps as others take.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, Edit, Finding, Fine, cause, degree
from tb_diagnose.causes._batches import batch_advice, batch_attempt, batch_edits
from tb_diagnose.causes._wording import plural
from tb_diagnose.evidence.number import times

HEALTHY, RUINOUS = 300, 30
"""Steps of the whole run. Demo setups take 190 to 1,100 to reach their ceiling; 30 steps of Adam at 1e-3 move a
weight by 0.03 at most, a fifth of a usual weight."""
USUAL = 32
"""Keras's default batch; nobody is asked to go below it (Masters and Luschi, 2018, find 2 to 32 best)."""
SLOWER, MUCH_SLOWER = 2.0, 4.0
"""How many times as far an epoch in usual batches would get: (B + N) / (b + N), which follows from 1 + N / B, the steps
to a goal over the fewest possible (McCandlish et al., 2018, section 2.2)."""
EARLY = 3
"""Records from the start on that the noise scale is taken from: it grows as a run succeeds (McCandlish et al.,
2018)."""
FEW_AN_EPOCH = 2
"""Steps an epoch up to which the settings alone tell that there are too few of them."""
MANY_EPOCHS = 10
"""Epochs from which it is not they that are few: ten of one step each are ten steps."""
KNOWN, INFERRED = 0.95, 0.6
"""Certainty: of so few steps an epoch, and of more of them, where the noise decides how much is lost."""


@cause(
    title="Batch size too large",
    family="training",
    fix="Train with `batch_size=32`.",
    brings_about=("constant_prediction",),
    looks_like=("too_few_epochs", "learning_rate_too_low", "optimizer_unsuited"),
    sources=(
        "McCandlish et al., 'An Empirical Model of Large-Batch Training', 2018",
        "Masters and Luschi, 'Revisiting Small Batch Training for Deep Neural Networks', 2018",
    ),
)
def batch_size_too_large(
    batch_size: int,
    sample_count: int,
    epochs: np.ndarray,
    step_count: int | None = None,
    gradient_noise_scale: np.ndarray | None = None,
    data_form: str | None = None,
    batch_size_is_inferred: bool | None = None,
    planned_epochs: int | None = None,
) -> Answer:
    if step_count is None:
        return CouldNotTell(("iterations",))
    in_step, finished = min(batch_size, sample_count), int(np.count_nonzero(epochs > 0))
    noise = _noise(gradient_noise_scale)
    further = (in_step + (noise or 0.0)) / (USUAL + (noise or 0.0))
    saw = (
        f"{plural(step_count, 'step')} in {plural(finished, 'epoch')}, each on {in_step:,} of {sample_count:,} samples"
    )
    if noise is not None:
        from_on = max(round(noise), 1)
        samples_from = "the first sample" if from_on == 1 else f"{from_on:,} samples"
        saw += (
            f"; gradients are as much signal as noise from {samples_from} on, so an epoch in "
            f"batches of {USUAL} would get {times(further, 'far')}"
        )
    usual_steps, steps = -(-sample_count // USUAL), -(-sample_count // batch_size)
    is_plain = batch_size * FEW_AN_EPOCH >= sample_count
    few = degree(step_count, HEALTHY, RUINOUS)
    harm = few * degree(further, SLOWER, MUCH_SLOWER)
    is_over = planned_epochs is None or finished >= planned_epochs
    if is_plain and step_count <= RUINOUS and finished >= MANY_EPOCHS and is_over:
        # So few steps go nowhere, whatever the noise is in a network that another fault may hold.
        harm = max(harm, degree(usual_steps / steps, SLOWER, MUCH_SLOWER))
    if not harm:
        shown = f"{plural(step_count, 'step')} on {in_step:,} of {sample_count:,} samples each"
        return Fine(f"{shown}; batches of {USUAL} would get {times(further, 'far')}." if few else f"{shown}.")
    edits = batch_edits(USUAL, batch_size, data_form, batch_size_is_inferred)
    longer = -(-HEALTHY // usual_steps) if max(finished, planned_epochs or 0) * usual_steps < HEALTHY else None
    return Finding(
        harm,
        KNOWN if is_plain else INFERRED,
        f"{saw}.",
        f"about {HEALTHY} steps or more; a batch of {USUAL} would have taken {finished * usual_steps:,}.",
        f"{batch_advice(USUAL, batch_size, data_form, batch_size_is_inferred)}: {usual_steps:,} steps an epoch instead "
        f"of {steps:,}"
        + (f"; and for `epochs={longer}`, which makes {longer * usual_steps:,} in all." if longer else "."),
        edits=(*edits, Edit("fit", "epochs", longer, old=planned_epochs)) if longer and edits else edits,
        attempt=batch_attempt(USUAL, batch_size, data_form),
        picture="gradient_noise_scale" if noise is not None else "batch_size",
        limit=float(in_step) if noise is not None else None,
        beyond="below",
    )


def _noise(scale: np.ndarray | None) -> float | None:
    """Gradient noise scale (samples) at the start; None where it was not measured."""
    known = scale[np.isfinite(scale)][:EARLY] if scale is not None else np.zeros(0)
    return float(np.median(known)) if len(known) else None
