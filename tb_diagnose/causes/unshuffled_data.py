"""Training sees the samples sorted by label: one class for a long time, then the next.

Each batch holds samples of one class, and the quickest way to a small loss is to answer that class for everything. The
next class turns the weights round again. The loss falls within each stretch and jumps at its end, and what was learned
of the earlier classes is overwritten. At the end of an epoch the model answers the last class.

`fit` shuffles arrays by itself. It does not with `shuffle=False`, with generators, and with a `tf.data.Dataset` that
has no `.shuffle(...)`, or one with a buffer smaller than a class.

How it is told: labels in long runs along the samples, and losses of neighbouring batches that go together, or a loss
that is far higher on the same samples at the end of an epoch than over it: the earlier classes are forgotten by then.

Not this: sorted arrays that `fit` shuffles. Then the losses of neighbouring batches have nothing to do with each other,
and the loss at the end of an epoch is that of the epoch or lower.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, DoesNotApply, Edit, Finding, Fine, Try, cause, degree, number
from tb_diagnose.causes._repeated_batches import RepeatedBatches
from tb_diagnose.evidence.number import times
from tb_diagnose.status.levels import level_at_end

HEALTHY, RUINOUS = 0.5, 0.1
"""Runs of equal labels over those of a random order (Wald and Wolfowitz, 1940): 1 for shuffled samples, with a standard
error below 0.1 from a hundred samples on; at 0.1 a class goes on for ten times as long as by chance."""
CORRELATED, STRONGLY = 0.2, 0.6
"""Correlation of the losses of neighbouring batches within an epoch, its median over the epochs. Shuffled samples have
about 0 with a standard error of 1 / sqrt(batches); 0.2 is two of them at a hundred batches."""
ERRORS, BATCHES = 2.0, 100.0
"""These two standard errors, and the batches an epoch where they are not known."""
FORGOTTEN, ALL_FORGOTTEN = 0.1, 0.5
"""Loss at the end of an epoch above that over the epoch, as a share of the loss of the best constant answer, its
median over the epochs. With shuffled samples the end is better than the mean of an epoch while anything is learned."""
WORSE, MUCH_WORSE = 0.1, 0.3
"""Accuracy in fit below that in inference mode, with BatchNormalization alone. With batches of all classes the two
differ by less than 0.05 once the moving statistics are there."""
SHUFFLED = Edit("fit", "shuffle", True, False)
MEASURED = 0.85
"""Certainty: labels in order are counted, that fit takes them in this order is inferred from the losses."""


@cause(
    title="Unshuffled data",
    family="data",
    fix="Shuffle the samples: `shuffle=True` in fit for arrays, `dataset.shuffle(number of samples)` before "
    "`.batch(...)` for a Dataset.",
    brings_about=(
        "overfitting",
        "constant_prediction",
        "dead_relu",
        "saturated_activations",
        "vanishing_gradients",
        "exploding_gradients",
    ),
    looks_like=("too_few_epochs",),
    explains=("modes", "training"),
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
    data_form: str | None = None,
    repeated_batches: RepeatedBatches | None = None,
) -> Answer:
    if repeated_batches is not None and repeated_batches.different == 1:
        return DoesNotApply("All batches hold the same samples: they have no order.")
    saw = f"Along the {sample_count:,} samples the labels change {times(label_run_ratio, 'often')} as in random order"
    shown = f"Labels change {times(label_run_ratio, 'often')} as in random order"
    ordered = degree(max(label_run_ratio, 1e-9), HEALTHY, RUINOUS)
    if not ordered:
        return Fine(f"{saw}.")
    correlated = bool(np.isfinite(step_loss_autocorrelation).any())
    signs = [_neighbours_alike(step_loss_autocorrelation, steps_per_epoch)]
    # Validation samples that only fit knows may be the last samples of `data`, which were not trained on.
    split = val_loss is not None and validation_sample_count is None
    if loss is not None and probe_training_loss is not None and baseline_loss and not split:
        data_loss = loss - (0.0 if penalty is None else np.nan_to_num(penalty))
        signs.append(_forgotten(data_loss, probe_training_loss, abs(baseline_loss), epochs))
    if accuracy is not None and probe_accuracy is not None and set(training_only or ()) == {"BatchNormalization"}:
        signs.append(_statistics_of_one_class(accuracy, probe_accuracy, epochs))
    saw += "".join(f"; {text}" for _, text in signs if text)
    harm = min(ordered, max(sign for sign, _ in signs))
    if not harm:
        return Fine(f"{shown}, which fit is not seen to keep.")
    return Finding(
        harm,
        MEASURED,
        f"{saw}.",
        f"a ratio of about 1, or a fit that shuffles: a correlation of about 0, below {CORRELATED:g}.",
        _shuffle(sample_count, data_form),
        since=1,
        picture="step_loss_autocorrelation" if correlated else "loss",
        limit=CORRELATED if correlated else None,
        edits=(SHUFFLED,) if data_form == "arrays" else (),
        attempt=Try("samples in random order", (SHUFFLED,)),
    )


def _shuffle(samples: int, data_form: str | None) -> str:
    """The advice for the form that the data have: `fit` shuffles arrays, and nothing else."""
    arrays, dataset = (
        "leave out `shuffle=False` in fit",
        f"put `.shuffle({samples})` before `.batch(...)` of the Dataset",
    )
    if data_form is None:
        return f"Shuffle: {arrays}, or {dataset}."
    if data_form == "arrays":
        return f"Shuffle: {arrays}, or give it `shuffle=True`."
    if data_form == "dataset":
        return f"Shuffle: {dataset}; fit shuffles arrays only."
    return (
        f"Shuffle where the batches are made, by `order = np.random.permutation({samples})` anew for each epoch; fit "
        "shuffles arrays only."
    )


def _neighbours_alike(correlations: np.ndarray, steps: float | None) -> tuple[float, str]:
    """Losses of neighbouring batches that go together."""
    known = correlations[np.isfinite(correlations)]
    if not len(known):
        return 0.0, ""
    together = float(np.median(known))
    # Seeded fits take the same order in every epoch: more epochs are no more samples.
    healthy = max(CORRELATED, ERRORS / np.sqrt(steps or BATCHES))
    # Blocks of a few batches make neighbours differ more than chance does: that is an order, too.
    harm = degree(max(abs(together), 1e-9), healthy, max(STRONGLY, 2 * healthy))
    return harm, f"the losses of neighbouring batches have a correlation of {together:.2f}"


def _forgotten(loss: np.ndarray, loss_after: np.ndarray, baseline_loss: float, epochs: np.ndarray) -> tuple[float, str]:
    """A loss at the end of an epoch that is far above the one over it."""
    gaps = (loss_after - loss) / baseline_loss
    known = np.flatnonzero(np.isfinite(gaps) & (epochs > 0))
    forgotten = float(np.median(gaps[known])) if len(known) else 0.0
    if forgotten <= FORGOTTEN:
        return 0.0, ""
    last = known[-1]
    return degree(forgotten, FORGOTTEN, ALL_FORGOTTEN), (
        f"over epoch {int(epochs[last])} the loss is {number(float(loss[last]))} and at its end, on samples of all "
        f"classes, {number(float(loss_after[last]))}: the last class overwrote the others"
    )


def _statistics_of_one_class(accuracy: np.ndarray, accuracy_after: np.ndarray, epochs: np.ndarray) -> tuple[float, str]:
    """Batches of one class are normalized by the statistics of that class: nothing tells it from the others in fit."""
    worse = level_at_end(accuracy_after - accuracy, epochs) or 0.0
    if worse <= WORSE:
        return 0.0, ""
    return degree(worse, WORSE, MUCH_WORSE), (
        f"accuracy is {worse:.2f} lower in fit than on samples of all classes after it, as in batches of one class"
    )
