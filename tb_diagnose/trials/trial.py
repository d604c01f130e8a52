"""`trial`: which change of a diagnosis helps, shown by training copies with it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tb_diagnose import event_file
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.diagnosis.trial import CONTROL as AS_IT_IS
from tb_diagnose.diagnosis.trial import NO_HELP, NOT_TRIED, WORSE, Row, Trial
from tb_diagnose.recorder import arguments, dataset_copy
from tb_diagnose.recorder.data import Data, is_dataset, read_data
from tb_diagnose.recorder.guard import warn
from tb_diagnose.trials import done, known_run, pace
from tb_diagnose.trials.candidates import CONTROL, Candidate, joined, singles
from tb_diagnose.trials.comparing import compared
from tb_diagnose.trials.curve import mean_of
from tb_diagnose.trials.held_out import split
from tb_diagnose.trials.indirect import only_reported, told_by_shadow
from tb_diagnose.trials.made import Made
from tb_diagnose.trials.names import in_names_of
from tb_diagnose.trials.progress import say, told
from tb_diagnose.trials.running import Run, Runner
from tb_diagnose.trials.scoring import ACCURACY, are_classes
from tb_diagnose.trials.training import Setting

NO_LABELS = "Without labels for what the model gives nothing tells how good a change is."
AS_FED = "A trial has what fit was given, and not what it should have been given."
NOT_PAIRED = "Only the source of the samples pairs inputs and labels rightly, and a trial does not see it."
USUAL_BATCH = 32
"""Keras's own batch size."""


def trial(
    model: Any,
    data: Any,
    *,
    validation_data: Any = None,
    logdir: str | os.PathLike[str] | None = None,
    budget: float | None = None,
    seeds: int = 3,
    epochs: int | None = None,
    batch_size: int | None = None,
    shuffle: bool | None = None,
    class_weight: dict[int, float] | None = None,
    verbose: int = 1,
) -> Trial:
    """Trains copies of a model with each change that its diagnosis proposes, and says which of them help.

    The model as it is, each probable cause's change, those of the notes, all probable ones together and the best with
    the next are trained from several seeds, with fresh weights. Each is measured on samples that it was not trained on.
    The model, its optimizer, the data and all random states stay as they are, to the last bit. Callbacks of the run
    are not called: what one of them has changed, such as a learning rate, is not seen.

    Example:

    ```python
    model.fit(x, y, epochs=10, callbacks=[tb_diagnose.KerasCallback("logs/run1")])
    print(tb_diagnose.trial(model, (x, y), logdir="logs/run1"))
    ```

    Args:
        model: The compiled `keras.Model` of the run; it is copied from its config.
        data: What it was trained on: `(x, y)` or `(x, y, sample_weight)` arrays, or a `tf.data.Dataset` of batches.
        validation_data: The same for the samples that skill is measured on. Defaults to `None`: a quarter of the
            training samples is kept aside.
        logdir: Folder that the run was logged to; the newest one in it is taken, and the result is written to its
            event file, so that `tb-diagnose LOGDIR` shows it. Defaults to `None`: a control run is logged into a
            folder that is gone afterwards, which takes a third of the budget at most, and nothing is written. Called
            again for the same run, model and samples, it makes what is missing.
        budget: Seconds that it may take; a copy that runs over by a tenth is given up. Defaults to the time of the run
            itself, from one to five minutes.
        seeds: Seeds of each change; with one, nothing can be proven. Where none is proven, those that help get up to
            as many again, as far as the budget has room for them. Defaults to `3`.
        epochs: Epochs of the run. Defaults to those that were logged, or 10. A trial has fewer where the budget has
            no room for them, and of a large data set some samples where it has none for one epoch.
        batch_size: Batch size of the run. Defaults to the one that was logged, or 32.
        shuffle: As `fit` was given it. Defaults to `True`.
        class_weight: As `fit` was given it. Defaults to `None`.
        verbose: 1 says what is to come, and shows on a terminal how far it is; 0 nothing. Defaults to `1`.

    Returns:
        A `Trial`, which prints itself as a table. A change that could not be tried is a row, with the reason.

    Raises:
        TypeError: `model`, `data` or `validation_data` is of a wrong kind, or the data cannot be read twice.
        ValueError: the model is not compiled, the data are empty, or `budget` or `seeds` is no positive number.
        FileNotFoundError: `logdir` holds no run.
    """
    began = time.monotonic()
    _check(seeds, budget)
    arguments.check_compiled(model)
    training = read_data(data, "data")
    validation = None if validation_data is None else read_data(validation_data, "validation_data")
    arguments.check_alike(training, validation)
    given = {
        name: value
        for name, value in (
            ("epochs", epochs), ("batch_size", batch_size), ("shuffle", shuffle), ("class_weight", class_weight)
        )
        if value is not None
    }  # fmt: skip
    run: known_run.KnownRun | None
    if logdir is not None:
        run = known_run.newest(logdir)
    else:
        if verbose:
            say("one run of it as it is tells what to try.")
        limit = pace.MOST_BUDGET if budget is None else float(budget)
        fit = {"epochs": known_run.EPOCHS, **given}
        run = known_run.control(model, training, validation, fit, began + pace.OF_CONTROL * limit)
        if run is None:
            return Trial((), budget=limit, stopped="budget")
    subject = Subject(model, training, validation, run, given, paired=paired(data))
    return tried(subject, budget=budget, seeds=seeds, verbose=verbose, began=began)


@dataclass(frozen=True)
class Subject:
    """What a trial is about.

    Args:
        model: The model that is copied.
        training: What it was trained on.
        validation: Validation samples, or None.
        run: The run.
        fit: Arguments of `fit` that are known otherwise than from the log.
        compiled: Arguments of `compile` as the run began with them; None where they are as the model has them.
        paired: The training samples as their source pairs them; None where that is how they are fed, or not known.
        is_as_fed: Whether the training samples are those that went into the steps: the run fed as it should have been
            cannot be tried.
    """

    model: Any
    training: Data
    validation: Data | None
    run: known_run.KnownRun
    fit: Mapping[str, Any]
    compiled: Mapping[str, Any] | None = None
    paired: Data | None = None
    is_as_fed: bool = False


def tried(
    subject: Subject, *, budget: float | None = None, seeds: int = 3, verbose: int = 1, began: float | None = None
) -> Trial:
    """Makes the trials, and writes what they show into the event file of the run.

    Args:
        subject: What is tried.
        budget: As in `trial`.
        seeds: As in `trial`.
        verbose: As in `trial`.
        began: Time (`time.monotonic`) from which the budget counts. Defaults to now.
    """
    run, began = subject.run, time.monotonic() if began is None else began
    limit = pace.usual_budget(run.seconds) if budget is None else float(budget)
    candidates = in_names_of(singles(run.diagnosis), run.diagnosis, subject.model)
    found, kept = _tried(subject, candidates, began, limit, seeds, verbose)
    if run.folder is not None and any(row.values for row in found.rows):  # one that tells nothing replaces none
        try:
            event_file.add_facts(run.folder, {"trial": {**found.as_fact(), **kept}})
        except OSError as error:
            warn(f"tb_diagnose: the trial is not written to {run.folder!r} ({error}).")
    return found


def _check(seeds: Any, budget: Any) -> None:
    """Raises ValueError for what is no positive number."""
    if not isinstance(seeds, (int, np.integer)) or isinstance(seeds, bool) or seeds < 1:
        raise ValueError(f"`seeds` must be a number of seeds. Expected: an integer from 1. Received: {seeds!r}.")
    if budget is not None and not (isinstance(budget, (int, float, np.number)) and budget > 0):
        raise ValueError(f"`budget` must be a time. Expected: seconds above 0. Received: {budget!r}.")


def _tried(
    subject: Subject, candidates: list[Candidate], began: float, budget: float, seeds: int, verbose: int
) -> tuple[Trial, dict[str, Any]]:
    """The trial, and what of it is kept for the next call."""
    model, training, run = subject.model, subject.training, subject.run
    outputs = len(getattr(model, "outputs", None) or [0])
    if training.several is None and (not training.has_labels or outputs > 1):
        candidates = [replace(each, reason=NO_LABELS) for each in candidates]
    if subject.paired is None:
        candidates = [replace(each, reason=NOT_PAIRED) if _needs_pairs(each) else each for each in candidates]
    if subject.is_as_fed:
        candidates = [replace(each, reason=AS_FED) if _feeds_otherwise(each) else each for each in candidates]
    able = [each for each in candidates if not each.reason]
    if not able and not any(each.only_reports for each in candidates):
        return Trial(tuple(_not_tried(each, each.reason) for each in candidates), budget=budget), {}
    probable = {named.cause.id for named in run.diagnosis.probable_causes}
    together = [each for each in able if each.causes[0] in probable and each.shadow is None]
    tries = [*candidates, *([joined(together, run.diagnosis)] if len(together) > 1 else [])]
    fit = _arguments(run, able, subject.fit)
    edits = [edit for each in able for edit in each.edits]
    samples = split(training, subject.validation, subject.paired)
    as_fed = tuple(edit for each in able for one in each.tries for edit in one.as_fed)
    output = None if training.several is None else known_run.worst_output(run.diagnosis)
    whole = Setting(model, samples, fit, fit["epochs"], are_classes(edits), as_fed, output, subject.compiled)
    steps_an_epoch = whole.steps([]) // fit["epochs"]
    a_step = run.seconds_a_step(int(fit.get("batch_size") or USUAL_BATCH), steps_an_epoch)
    whole = replace(whole, seconds_a_step=a_step or None)
    expected = pace.Pace(a_step, run.seconds_to_start)

    def seconds(count: int) -> float:
        shorter = replace(whole, epochs=count)
        work = [shorter.work(each.edits) for each in (CONTROL, *tries) if not each.reason]
        return pace.total(expected, work, seeds)

    left = budget - (time.monotonic() - began)
    setting = replace(whole, epochs=pace.epochs_within(left, fit["epochs"], steps_an_epoch, seconds))
    before = done.read(run.diagnosis.evidence.facts.get("trial"), whole)
    one = expected.seconds(setting.steps([]))
    if one > left and not before.outcomes:
        reason = f"The budget of {budget:g} s is too small for one trial, which takes about {max(round(one), 1)} s."
        if left < 0 and run.folder is None:
            reason = f"The budget of {budget:g} s was over when it was known what to try, after {budget - left:.0f} s."
        rows = [_not_tried(each, each.reason or reason) for each in tries]
        return Trial(tuple(rows), budget=budget, stopped="budget", planned_epochs=fit["epochs"]), {}
    if before.epochs < setting.epochs:  # there is time for longer ones
        before = done.Done()
    if before.outcomes:
        setting = replace(setting, epochs=before.epochs, samples=samples.part(before.samples))
        if verbose:
            say(f"{len(before.outcomes):,} trials were made before: it goes on with them.")
    asked = {done.key(each.edits, seed) for each in (CONTROL, *tries) if not each.reason for seed in range(seeds)}
    count, missing = len(asked), len(asked - before.outcomes.keys())
    with told(missing, setting.epochs, min(seconds(setting.epochs) * missing / count, left), left, verbose) as who:
        ended = Runner(setting, run.diagnosis, expected, began, budget, who, before.outcomes).run(tries, seeds)
    judged = _judged(ended, run.diagnosis, budget, time.monotonic() - began)
    there = samples.training.sample_count
    judged = replace(judged, training_samples=there, of_first_epoch=subject.is_as_fed)
    return judged, done.as_entry(whole, ended.setting, ended.outcomes)


def paired(data: Any) -> Data | None:
    """The samples of a Dataset as their source pairs them, where it shuffles more than once: inputs and labels may be
    shuffled apart."""
    if not is_dataset(data) or dataset_copy.shuffles(data) < 2:
        return None
    with suppress(Exception):  # without it one change cannot be tried
        copy = dataset_copy.unshuffled(data)
        return None if copy is None else read_data(copy, "data")
    return None


def _needs_pairs(candidate: Candidate) -> bool:
    return any("paired." in str(edit.new) for edit in candidate.edits if edit.where == "training")


def _feeds_otherwise(candidate: Candidate) -> bool:
    return any(each.as_fed for each in candidate.tries)


def _arguments(run: known_run.KnownRun, candidates: list[Candidate], given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `fit` as the run had them: as they are given, as edits say they were, as they were logged."""
    were = {
        edit.argument: edit.old
        for each in candidates
        for edit in each.edits
        if edit.where == "fit" and edit.old is not None
    }
    logged = {"epochs": run.epochs, "batch_size": run.batch_size or USUAL_BATCH}
    return {**logged, **were, **given}


def _judged(run: Run, diagnosis: Diagnosis, budget: float, seconds: float) -> Trial:
    """The table of all trials."""
    setting = run.setting
    control, *others = run.made
    over = f"The budget of {budget:g} s was over before." if run.stopped == "budget" else "It was interrupted."
    rows = [_row(control, AS_IT_IS)]
    for each in compared(control, others, setting.samples.kept_aside):
        made = each.made
        if each.gain is None:
            reason = only_reported(control, diagnosis) if made.candidate.only_reports else made.reason or over
            rows.append(_not_tried(made.candidate, reason))
        elif made.candidate.shadow is not None:
            rows.append(_not_tried(made.candidate, told_by_shadow(control, made, each.gain, each.chance)))
        else:
            rows.append(_row(made, each.verdict, each.gain, each.chance))
    measures = {outcome.score.measure for made in run.made for outcome in made.outcomes.values()}
    return Trial(
        tuple(rows),
        measure=measures.pop() if len(measures) == 1 else ACCURACY,
        samples=setting.samples.held.sample_count,
        kept_aside=setting.samples.kept_aside,
        epochs=setting.epochs,
        planned_epochs=setting.fit["epochs"],
        seconds=round(seconds, 1),
        budget=budget,
        stopped=run.stopped,
        trained_on=setting.samples.training.sample_count,
    )


def _row(made: Made, called: str, gain: float | None = None, chance: float | None = None) -> Row:
    outcomes = [made.outcomes[seed] for seed in sorted(made.outcomes)]
    curve = mean_of([outcome.curve for outcome in outcomes])
    return Row(
        made.candidate.causes,
        made.candidate.titles,
        made.candidate.changes,
        called,
        tuple(outcome.score.value for outcome in outcomes),
        tuple(outcome.score.skill for outcome in outcomes),
        outcomes[0].epochs if outcomes else 0,
        gain,
        None if chance is None or np.isnan(chance) else chance,
        made.reason or (made.candidate.left_out if called in (NO_HELP, WORSE) else ""),
        tuple(curve),
        tuple(value if np.isfinite(value) else None for value in curve.values()),
    )


def _not_tried(candidate: Candidate, reason: str) -> Row:
    return Row(candidate.causes, candidate.titles, candidate.changes, NOT_TRIED, reason=reason)
