"""What `fit` gets is not what the data hold.

The arrays are right, and what stands between them and the model is not: a generator that sets its position back, so
that each batch is the first one; inputs and labels that are shuffled each on their own, at once or between epochs, so
that each input comes with the label of another; an index that is computed wrongly, so that each batch is the one before
moved on by a single sample. Nothing of this shows in the arrays. It shows in the batches that the step consumed.

Not this: shuffling, augmentation, sampling with replacement, labels that are smoothed, and a number of steps that goes
through small data more than once.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, Try, cause, degree
from tb_diagnose.causes._repeated_batches import RepeatedBatches
from tb_diagnose.causes._tries import PAIRED

FEW_WRONG, MANY_WRONG = 0.02, 0.3
"""Share of the samples that `fit` gets with another label than they have. Large data sets have about 3 % of wrong
labels (Northcutt et al., "Pervasive Label Errors", 2021); a pipeline has no reason to make any."""
COMPARED = 0.5
"""Share of the fed samples that must be found again: where inputs are changed on the way, few are."""
ONE_BATCH = 0.95
"""Certainty for a Python generator or sequence that gives one batch for ever, or batches that overlap."""
REPEATED = 0.6
"""Certainty where a Dataset repeats one batch, or few samples come again: that may be all there are. Of a Dataset of
batches that overlap, too: windows may be meant."""
FEWER = 0.5
"""Different training samples over validation samples below which training gets less than it is tested on."""
OFTEN = 3
"""Times that each sample must come in an epoch, on average."""
OWN = 0.9
"""Share of different inputs from which an input tells which sample it is."""


@cause(
    title="fit gets other data",
    family="data",
    fix="Print what two batches hold, just before fit, and compare them with the arrays.",
    brings_about=("overfitting", "constant_prediction"),
    looks_like=("shuffled_labels", "label_noise", "duplicate_rows", "too_little_data"),
    explains=("training",),
    sources=(
        "https://github.com/keras-team/keras/issues/3985: a generator that begins anew in each batch",
        "https://github.com/tensorflow/tensorflow/issues/41334: two Datasets that are shuffled apart and zipped",
    ),
)
def fit_data_differs(
    data_form: str,
    observed_batch_count: int | None = None,
    observed_distinct_batch_count: int | None = None,
    observed_sample_count: int | None = None,
    observed_distinct_input_count: int | None = None,
    observed_known_fraction: float | None = None,
    observed_relabelled_fraction: float | None = None,
    observed_label_change_fraction: np.ndarray | None = None,
    observed_new_input_fraction: np.ndarray | None = None,
    validation_sample_count: int | None = None,
    repeated_batches: RepeatedBatches | None = None,
) -> Answer:
    if data_form == "arrays" and observed_batch_count is None:
        return DoesNotApply("fit was given arrays, and takes its batches from them by itself.")
    if observed_batch_count is None or observed_distinct_batch_count is None or observed_sample_count is None:
        return CouldNotTell(("observed_batch_count",))
    if observed_relabelled_fraction is not None and (observed_known_fraction or 0.0) >= COMPARED:
        wrong = _relabelled(observed_relabelled_fraction, observed_sample_count, data_form)
        if isinstance(wrong, Finding):
            return wrong
    if observed_distinct_batch_count == 1 and observed_batch_count > 1:
        return _one_batch(observed_batch_count, observed_sample_count, data_form)
    if (observed_distinct_input_count or 0) >= OWN * observed_sample_count:
        changing = _changing(observed_label_change_fraction, observed_new_input_fraction, data_form)
        if isinstance(changing, Finding):
            return changing
    batches, different = observed_batch_count, observed_distinct_batch_count
    saw = f"The first epoch had {batches:,} batches, {different:,} of them different"
    if observed_distinct_input_count is None:
        return Fine(f"{saw}.")
    inputs, samples = observed_distinct_input_count, observed_sample_count
    cleared = (
        f"The first epoch had {different:,} different batches of {batches:,}, and {inputs:,} samples of {samples:,}."
    )
    saw += f", with {inputs:,} different samples of {samples:,}"
    if repeated_batches is not None and repeated_batches.moved:
        return _overlapping(f"{saw}: each batch is another one moved on by one sample.", inputs, data_form)
    few = validation_sample_count is not None and inputs < FEWER * validation_sample_count
    if not few or samples < OFTEN * inputs or repeated_batches is None:
        return Fine(cleared)
    return Finding(
        1.0,
        REPEATED,
        f"{saw}: fewer than the {validation_sample_count:,} validation samples.",
        "more different samples for training than for validation, each about once in an epoch.",
        _fix(data_form),
        picture="observed_distinct_input_count",
        attempt=_as_given(inputs),
    )


def _one_batch(batches: int, samples: int, data_form: str) -> Finding:
    return Finding(
        1.0,
        REPEATED if data_form == "dataset" else ONE_BATCH,
        f"All {batches:,} batches of the first epoch held the same {samples // batches:,} samples.",
        "other samples in each batch.",
        _fix(data_form),
        picture="observed_distinct_batch_count",
        attempt=_as_given(samples // batches),
    )


def _as_given(inputs: int) -> Try:
    """What a trial makes: `data` as they are, beside copies that see as few different samples as the run did."""
    return Try(
        "each sample of `data` once an epoch",
        (Edit("training", "as_given", "True"),),
        as_fed=(Edit("training", "x, y", f"x[:{inputs}], y[:{inputs}]"),),
    )


def _overlapping(saw: str, inputs: int, data_form: str) -> Finding:
    return Finding(
        1.0,
        REPEATED if data_form == "dataset" else ONE_BATCH,
        saw,
        "batches without a sample in common.",
        _fix_of_overlap(data_form),
        picture="observed_distinct_input_count",
        attempt=_as_given(inputs),
    )


def _relabelled(share: float, samples: int, data_form: str) -> Finding | Fine:
    saw = (
        f"{share:.0%} of the {samples:,} samples that the first epoch consumed came with another label than the same "
        "input has"
    )
    if share <= FEW_WRONG:
        return Fine(f"{saw}.")
    expected = f"at most {FEW_WRONG:.0%}."
    return _other_labels(share, f"{saw} in the data themselves.", expected, data_form, "observed_relabelled_fraction")


def _changing(changes: np.ndarray | None, news: np.ndarray | None, data_form: str) -> Finding | None:
    """Samples that come with one label in one epoch and with another in the next; None where they do not."""
    if changes is None or news is None:
        return None
    known = np.flatnonzero(np.isfinite(changes) & (news <= 1 - COMPARED))
    share = float(np.median(changes[known])) if len(known) else 0.0
    if share <= FEW_WRONG:
        return None
    saw = f"{share:.0%} of the samples that came again in a later epoch had another label than in the first one."
    expected = f"the same label for a sample in each epoch, for all but {FEW_WRONG:.0%}."
    return _other_labels(share, saw, expected, data_form, "observed_label_change_fraction")


def _other_labels(share: float, saw: str, expected: str, data_form: str, picture: str) -> Finding:
    """Labels that are not those of their inputs, for a share of the samples."""
    harm = degree(share, FEW_WRONG, MANY_WRONG)
    return Finding(harm, 1.0, saw, expected, _fix_of_pairs(data_form), picture=picture, limit=FEW_WRONG, attempt=PAIRED)


def _fix_of_pairs(data_form: str) -> str:
    where = "Find where inputs and labels part. "
    if data_form == "dataset":
        return (
            f"{where}`tf.data.Dataset.zip((a.shuffle(n), b.shuffle(n)))` draws two orders: zip first, and shuffle the "
            "pairs, `tf.data.Dataset.zip((a, b)).shuffle(n)`."
        )
    return f"{where}Take inputs and labels by the same indices, also where their order changes between epochs."


def _fix_of_overlap(data_form: str) -> str:
    if data_form == "py_dataset":
        return _fix(data_form)
    return "Move the position on by a whole batch, `start += batch_size`; two batches must have no sample in common."


def _fix(data_form: str) -> str:
    if data_form == "generator":
        return (
            "In the generator, keep the position outside of the loop and move it on after each `yield`; "
            "`a, b = next(batches), next(batches)` must give two different batches."
        )
    if data_form == "py_dataset":
        return "In `__getitem__`, use the index: `x[index * batch_size : (index + 1) * batch_size]`."
    return "Look at two batches of the data that fit is given: they must hold different samples."
