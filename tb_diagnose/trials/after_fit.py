"""The trial of a call of `fit` that is over, made of what that call was given.

Behind a `fit` that has not learned the program goes on afterwards as without it: nothing here raises but what
`KerasCallback` turns into a warning, and Ctrl+C ends the trial alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tb_diagnose import api
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.diagnosis.trial import Trial
from tb_diagnose.recorder import fit_hook, processes, watchers
from tb_diagnose.recorder.data import Data, is_dataset, is_stream, read_data
from tb_diagnose.recorder.feed import Given
from tb_diagnose.trials.known_run import KnownRun
from tb_diagnose.trials.progress import say
from tb_diagnose.trials.trial import Subject, paired, tried

TRIED = ("stalled", "unfinished", "not generalizing", "diverged")
"""Statuses of runs of which a trial is made: one that learns, or that nothing can be told of, has nothing to prove."""
MISREPORTED = "misreported"
"""That of a run whose figures mislead, by a metric or in inference mode: of the second a trial is made."""
_DONE: set[tuple[str, int]] = set()
"""Runs that were tried in this process, by folder and start: a loop may call `fit` for every single epoch of one."""


class CannotTryError(Exception):
    """Why no trial can be made of a run, a sentence for the user."""


@dataclass(frozen=True)
class Ended:
    """A call of `fit` that is over.

    Args:
        call: The call; it has returned or raised.
        run: Its run; the event file is closed.
        named: Samples that the user named for the callback, tried where those of the call cannot be read twice.
        compiled: Arguments of `compile` as the run began with them, or None.
    """

    call: fit_hook.FitCall
    run: watchers.Run
    named: Given
    compiled: Mapping[str, Any] | None


def after_fit(ended: Ended, verbose: int) -> None:
    """Makes a trial of the run that a call of `fit` has ended, where its status asks for one.

    Args:
        ended: The call.
        verbose: That of its callback.

    Raises:
        Exception: whatever reading the data or the run raises; what a copy raises is a row of the trial.
    """
    run, diagnosis = ended.run, _diagnosis(ended)
    if not _asks_for_one(diagnosis) or _is_one_of_a_loop(ended.call, diagnosis):
        return
    key = run.folder, int(diagnosis.evidence.get("run_start") or 0)
    if key in _DONE:
        return
    _DONE.add(key)
    told, found = watchers.trying(run, verbose), None
    try:
        found = _trial(ended, diagnosis, verbose=told)
    except CannotTryError as error:
        if told:
            say(f"no trial is made of {run.logdir}: {error}")
    except KeyboardInterrupt:
        if told:
            say(f"the trial of {run.logdir} was interrupted.")
    finally:
        watchers.tried(run, found, verbose)


def trial_of(ended: Ended, *, budget: float | None, seeds: int) -> Trial:
    """Makes a trial of a call of `fit` whatever its run has shown, because it was asked for.

    Args:
        ended: The call.
        budget: As in `trial`.
        seeds: As in `trial`.

    Raises:
        CannotTryError: none can be made.
        Exception: as `after_fit`.
    """
    return _trial(ended, _diagnosis(ended), budget=budget, seeds=seeds)


def _diagnosis(ended: Ended) -> Diagnosis:
    return api.newest(ended.run.folder, ended.run.logdir)


def _asks_for_one(diagnosis: Diagnosis) -> bool:
    """Whether there is something to prove: copies of a run that is only reported wrongly learn what it did."""
    if diagnosis.status.name != MISREPORTED:
        return diagnosis.status.name in TRIED
    edits = [edit for named in diagnosis.probable_causes for edit in named.finding.edits]
    return any(edit.argument != "metrics" for edit in edits)


def _is_one_of_a_loop(call: fit_hook.FitCall, diagnosis: Diagnosis) -> bool:
    """Whether a call has one epoch of a run that had some before: another such call is likely to follow."""
    epochs = int(call.arguments.get("epochs") or 1) - int(call.arguments.get("initial_epoch") or 0)
    return epochs <= 1 < diagnosis.evidence.finished_epochs


def _trial(ended: Ended, diagnosis: Diagnosis, **how: Any) -> Trial:
    """The trial.

    Args:
        ended: The call.
        diagnosis: That of its run.
        how: Arguments of `tried`.

    Raises:
        CannotTryError: none can be made.
    """
    if fit_hook.is_any():
        raise CannotTryError("it was trained inside another fit, which goes on.")
    if not processes.is_alone():
        raise CannotTryError("several processes train it, and the others would wait.")
    call, run = ended.call, KnownRun(diagnosis, ended.run.folder)
    training = _training(call, ended.named)
    fit: dict[str, Any] = {"shuffle": _is_shuffled(call, training)}
    if call.arguments.get("class_weight") is not None:
        fit["class_weight"] = call.arguments["class_weight"]
    if training.batch_size is not None:
        fit["batch_size"] = training.batch_size
        fit["epochs"] = _epochs(call, run, training, training.batch_size)
    pairs = paired(call.arguments.get("x"))
    is_as_fed, validation = training is call.kept_training, _validation(call, ended.named)
    subject = Subject(call.model, training, validation, run, fit, ended.compiled, pairs, is_as_fed)
    found = tried(subject, **how)
    if not any(row.values for row in found.rows):
        raise CannotTryError(next((row.reason for row in found.rows if row.reason), "no finding has a change to try."))
    return found


def _is_shuffled(call: fit_hook.FitCall, training: Data) -> bool:
    """Whether copies are trained in an order that is drawn anew each epoch: batches that were kept stay in theirs."""
    if training is call.kept_training:
        return False
    return training.drawn_anew if training.form == "dataset" else bool(call.arguments.get("shuffle", True))


def _training(call: fit_hook.FitCall, named: Given) -> Data:
    """What the call was trained on, or what the user named in its place; of batches that cannot be read twice, those
    of the first epoch as they went into its steps.

    Raises:
        CannotTryError: none of it is there.
    """
    if isinstance(call.training, Data):
        return call.training
    given = call.arguments.get("x")
    found = _readable((given if is_dataset(given) else None, "x"), (named.data, "data"))
    found = call.kept_training if found is None else found
    if found is not None:
        return found
    if given is not None and not is_stream(given):
        raise CannotTryError("what fit takes was not read: `probe_samples` is 0, or it is no arrays of numbers.")
    raise CannotTryError(
        f"fit takes a {type(given).__name__}, which cannot be read twice without a trace, and what it gave was not "
        "kept. Give arrays of its samples to KerasCallback(logdir, data=(x, y), trial=True), or fit a tf.data.Dataset "
        "that is made of arrays."
    )


def _validation(call: fit_hook.FitCall, named: Given) -> Data | None:
    """Its validation samples; None where there are none, or none that can be read twice or were kept."""
    if isinstance(call.validation, Data):
        return call.validation
    given = call.arguments.get("validation_data")
    argument = "validation_data"
    found = _readable((given if is_dataset(given) else None, argument), (named.validation_data, argument))
    # What the user named may be prepared otherwise than what goes into the steps.
    return call.kept_validation if found is None and named.data is None else found


def _readable(*given: tuple[Any, str]) -> Data | None:
    """The first of several data, each with the argument that it came by, that can be read twice."""
    for each, argument in given:
        try:
            if each is not None:
                return read_data(each, argument)
        except TypeError:  # Python code makes its samples
            continue
    return None


def _epochs(call: fit_hook.FitCall, run: KnownRun, training: Data, batch_size: int) -> int:
    """Epochs in which a copy sees as many samples as the run did: with `steps_per_epoch`, its epochs are others."""
    steps = call.arguments.get("steps_per_epoch")
    if not steps or not training.whole:
        return run.epochs
    return max(round(run.epochs * int(steps) * batch_size / training.sample_count), 1)
