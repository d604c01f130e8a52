"""Training sees the samples sorted by label: one class for a long time, then the next.

Each batch holds samples of one class, and the quickest way to a small loss is to answer that class for everything. The
next class turns the weights round again: the loss falls within each stretch, jumps at its end, and what was learned of
the earlier classes is overwritten. At the end of an epoch the model answers the last class.

`fit` shuffles arrays by itself; it does not with `shuffle=False`, with generators, and with a `tf.data.Dataset` that
has no `.shuffle(...)`, or one with a buffer smaller than a class.

How it is told: labels in long runs along the samples, and losses of neighbouring batches that go together, or a loss that
is far higher on the same samples at the end of an epoch than it was over the epoch: the earlier classes are forgotten by
then.

Not this: sorted arrays that `fit` shuffles: then losses of neighbouring batches have nothing to do with each other, and
the loss at the end of an epoch is that of the epoch or lower.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause, degree, number

HEALTHY, RUINOUS = 0.5, 0.1
"""Runs of equal labels over those of a random order (Wald and Wolfowitz, 1940): 1 for shuffled samples, with a standard
error below 0.1 from a hundred samples on; at 0.1 a class goes on for ten times as long as by chance."""
CORRELATED, STRONGLY = 0.2, 0.6
"""Correlation of the losses of neighbouring batches within an epoch, its median over the epochs. Shuffled samples have
about 0 with a standard error of 1 / sqrt(batches); 0.2 is two of them at a hundred batches."""
ERRORS = 2.0
FORGOTTEN, ALL_FORGOTTEN = 0.1, 0.5
"""Loss at the end of an epoch above that over the epoch, as a share of the loss of the best constant answer, its
median over the epochs. Of shuffled samples the end is better than the mean of an epoch, as long as anything is learned."""

LAST = 3
WORSE, MUCH_WORSE = 0.1, 0.3
"""Accuracy in fit below that in inference mode, with BatchNormalization alone: batches of all classes differ by less than
0.05 once the moving statistics are there."""


@cause(
    title="Unshuffled data",
    family="data",
    fix="Shuffle the samples: `shuffle=True` in fit for arrays, `dataset.shuffle(number of samples)` before `.batch(...)` for a Dataset.",
    brings_about=(
        "overfitting",
        "constant_prediction",
        "dead_relu",
        "saturated_activations",
        "vanishing_gradients",
        "exploding_gradients",
        "insufficient_capacity",
    ),
    looks_like=("too_few_epochs", "learning_rate_too_high", "batch_size_too_small"),
    sources=(
        "Bengio, 'Practical recommendations for gradient-based training', 2012, section 3.1.1: shuffled examples",
        "McCloskey and Cohen, 'Catastrophic interference in connectionist networks', 1989",
        "https://keras.io/api/models/model_training_apis/: shuffle is ignored for generators and Datasets",
    ),
)
def unshuffled_data(
    label_run_ratio: float,
    step_loss_autocorrelation: np.ndarray,
    epochs: np.ndarray,
    sample_count: int,
    steps_per_epoch: float | None = None,
    loss: np.ndarray | None = None,
    probe_training_loss: np.ndarray | None = None,
    penalty: np.ndarray | None = None,
    baseline_loss: float | None = None,
    val_loss: np.ndarray | None = None,
    validation_sample_count: int | None = None,
    accuracy: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
    training_only: list[str] | None = None,
) -> Answer:
    saw = (
        f"Along the {sample_count:,} samples the labels change {label_run_ratio:.2g} times as often as in random order"
    )
    ordered = degree(max(label_run_ratio, 1e-9), HEALTHY, RUINOUS)
    if not ordered:
        return Fine(f"{saw}.")
    trained = epochs > 0
    signs = [0.0]
    known = step_loss_autocorrelation[np.isfinite(step_loss_autocorrelation)]
    if len(known):
        together = float(np.median(known))
        saw += f"; the losses of neighbouring batches have a correlation of {together:.2f}"
        # Seeded fits take the same order in every epoch: more epochs are no more samples.
        healthy = max(CORRELATED, ERRORS / np.sqrt(steps_per_epoch or 100.0))
        # Blocks of a few batches make neighbours differ more than chance does: that is an order, too.
        signs.append(degree(max(abs(together), 1e-9), healthy, max(STRONGLY, 2 * healthy)))
    # Validation samples that only fit knows may be the last samples of `data`, which training never saw.
    split = val_loss is not None and validation_sample_count is None
    if loss is not None and probe_training_loss is not None and baseline_loss and not split:
        own = loss - (np.nan_to_num(penalty) if penalty is not None else 0.0)
        gaps = ((probe_training_loss - own) / abs(baseline_loss))[trained]
        gaps = gaps[np.isfinite(gaps)]
        forgotten = float(np.median(gaps)) if len(gaps) else 0.0
        if forgotten > FORGOTTEN:
            saw += (
                f"; over epoch {int(epochs[-1])} the loss is {number(float(own[-1]))} and at its end, on samples of all kinds, "
                f"{number(float(probe_training_loss[-1]))}: the last class overwrote the others"
            )
            signs.append(degree(forgotten, FORGOTTEN, ALL_FORGOTTEN))
    if accuracy is not None and probe_accuracy is not None and set(training_only or []) == {"BatchNormalization"}:
        # Batches of one class are normalized by statistics of that class: in fit nothing tells it from the others.
        worse = float(np.nanmean((probe_accuracy - accuracy)[trained][-LAST:])) if trained.any() else 0.0
        if worse > WORSE:
            saw += f"; accuracy is {worse:.2f} lower in fit than on samples of all kinds after it, as in batches of one class"
            signs.append(degree(worse, WORSE, MUCH_WORSE))
    found = min(ordered, max(signs))
    if not found:
        return Fine(f"{saw}; nothing shows that fit takes them in this order.")
    return Finding(
        found,
        0.85,
        f"{saw}.",
        f"a ratio of about 1, or a fit that shuffles: a correlation of about 0, below {CORRELATED:g}.",
        f"Shuffle: leave out `shuffle=False` in fit, or put `.shuffle({sample_count})` before `.batch(...)` of the Dataset.",
        since=1,
        picture="step_loss_autocorrelation" if len(known) else "loss",
        limit=CORRELATED if len(known) else None,
    )
