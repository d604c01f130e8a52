"""`KerasCallback`: logs what tells why accuracy does not move, from inside `fit`."""

from __future__ import annotations

import numbers
import os
import time
from typing import Any

import keras
import numpy as np

from tb_diagnose.recorder import arguments, fit_hook, objective, program, scalars, watchers
from tb_diagnose.recorder.feed import Feed, Given
from tb_diagnose.recorder.guard import warn
from tb_diagnose.recorder.notices import Notices
from tb_diagnose.recorder.own_step import StepWatch
from tb_diagnose.recorder.prepare import prepare
from tb_diagnose.recorder.step_samples import StepSamples

NOT_LOGGED = "tb_diagnose: this fit is not logged."


class KerasCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Logs predictions, label statistics and gradients of a run, for the Diagnosis tab of TensorBoard.

    Weights, random state and every other part of the run are the same with and without it; an
    error inside it is one warning.

    Example:

    ```python
    model.fit(x, y, epochs=10, callbacks=[tb_diagnose.KerasCallback("logs/run1")])
    ```

    What `fit` takes is known from its own arguments, and batches are noted as they go into the step: nothing is read a
    second time.

    Args:
        logdir: Folder of this run; events go to its sub-folder `diagnosis`, scalars for TensorBoard's own tabs to
            `train` and `validation`. May be that of `keras.callbacks.TensorBoard`, which then writes those.
        data: Training samples to measure on, in place of those that `fit` takes: `(x, y)` or `(x, y, sample_weight)`
            arrays, such as the samples before they are augmented. A Dataset or a generator is not read ahead. Defaults
            to `None`: what `fit` takes.
        validation_data: The same for the validation samples. Defaults to `None`.
        probe_samples: Samples of the probe batch, the fixed samples on which predictions, activations and
            gradients are taken. With 0 the data are not looked at: what is logged is what Keras reports, the model,
            and its weights. Defaults to `512`.
        verbose: 1 prints a short verdict at the end of `fit`, and a line at the first stall and where the settings
            contradict the data, before the first step; 0 nothing. Defaults to `1`.
        trial: Whether a `fit` that has stalled, is unfinished, does not generalize or has diverged is followed by a
            trial of what its diagnosis proposes, as `tb_diagnose.trial` makes it, with what that `fit` was given. In
            place of what cannot be read twice, such as a generator, `data` is tried, or else the batches of the first
            epoch as they went into the steps: these are kept until then, as far as memory has room. A fit that
            raises, one inside another, and one of several processes is not tried, and a run is tried once. What is
            said of it goes to standard error. Defaults to `False`.
        probe_rows: The old name of `probe_samples`.

    Raises:
        TypeError: `data`, `validation_data` or `logdir` is of a wrong kind, or the labels are strings.
        ValueError: `data` is empty or its arrays differ in length, `logdir` cannot be written,
            or `probe_samples` is below 0.
    """

    def __init__(
        self,
        logdir: str | os.PathLike[str],
        data: Any = None,
        validation_data: Any = None,
        *,
        probe_samples: int = 512,
        verbose: int = 1,
        trial: bool = False,
        probe_rows: int | None = None,
    ) -> None:
        super().__init__()
        self.is_automatic = False
        """Whether the user has not asked for this very callback: then no mistake in an argument ends the run."""
        samples = arguments.check_probe_samples(probe_samples if probe_rows is None else probe_rows)
        self.verbose = verbose
        self._tries = trial
        self._is_recorded = False
        self._compiled: Any = None
        self._given = Given(data, validation_data)
        self._session = prepare(logdir, self._given.arrays, self._given.validation_arrays, samples)
        self.guarded = self._guarded = self._session.guarded
        self._feed = Feed(self._session, self._given)
        with self._guarded("watching fit"):
            fit_hook.install()
        self._measured_model: Any = None
        self._step_samples: StepSamples | None = None
        self._step_watch: StepWatch | None = None
        self._planned = False
        self._started: float | None = None
        self._steps = 0
        self._notices: Notices | None = None

    @property
    def looks_at_data(self) -> bool:
        """Whether anything is to be known of the samples."""
        return self._session.probe_samples > 0

    @property
    def may_try(self) -> bool:
        """Whether a trial may follow a call of `fit`."""
        return self._tries or watchers.keeper() is not None

    def on_train_begin(self, logs: Any = None) -> None:
        self._guarded.hold()
        self._measured_model = self._step_samples = self._started = self._notices = None
        self._planned = self._is_recorded = False
        self._compiled = None
        watch, self._step_watch = self._step_watch, None
        with self._guarded("watching the first step"):
            if watch is not None:  # the fit before ended without a step
                watch.end()
            self._step_watch = StepWatch(self.model, self._guarded)
        try:
            with self._guarded("beginning a run", unless=(TypeError, ValueError)):
                self._begin()
        except (TypeError, ValueError) as error:
            if not self.is_automatic:
                raise
            warn(f"{NOT_LOGGED} {error}")
        with self._guarded("keeping the settings that a trial begins with"):
            if self.may_try:
                # Callbacks change some of them, such as the learning rate.
                self._compiled = self.model.get_compile_config()
        with self._guarded("beginning to measure"):
            if self.model.built:
                self._begin_measuring()
        with self._guarded("looking at the run before its first step"):
            # Under `tb-diagnose run` the watching process says it.
            if self.verbose and self._session.is_recording and program.VARIABLE not in os.environ:
                self._notices = Notices(watchers.Run(self._session.folder, self._session.logdir))
                self._notices.before_first_step()

    def _begin(self) -> None:
        """Begins a run.

        Raises:
            TypeError, ValueError: an argument of the callback, or the model, is not what it should be.
        """
        arguments.check_compiled(self.model)
        with self._guarded("finding what fit takes"):
            self._feed.begin(fit_hook.current(self.model))
        objective.use(self.model, objective.COMPILED)  # whatever a loop before has used
        self._session.begin(self.model, (self.params or {}).get("steps"))
        call = fit_hook.current(self.model)
        with self._guarded("noting how classes are weighed"):
            if call is not None and call.class_weight is not None and self.looks_at_data:
                self._session.write_facts({"class_weight": call.class_weight})
        with self._guarded("looking for a TensorBoard callback"):
            beside = [] if call is None else call.callbacks
            if not scalars.shown_already(beside, self._session.logdir):
                self._session.write_scalars()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        with self._guarded("looking at the run between epochs"):
            if self._notices is not None:
                self._notices.between_epochs()
        with self._guarded("beginning an epoch"):
            if not self._planned and (self.params or {}).get("epochs"):
                self._planned = True
                self._session.plan((self.params or {})["epochs"] - epoch)
            self._feed.begin_epoch()
            self._started = time.monotonic()
            self._steps = 0
            self._step_samples = StepSamples((self.params or {}).get("steps"))
            self._watch(self._step_samples)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        with self._guarded("measuring a step"):
            if self._step_samples is not None and self._measured_model is self.model:
                self._step_samples.before(batch)
        if self._step_watch is not None:
            with self._guarded("watching the first step"):
                self._step_watch.begin()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._steps = batch + 1
        watch, self._step_watch = self._step_watch, None
        if watch is not None:
            with self._guarded("watching the first step"):
                self._session.write_step(watch.end())
        with self._guarded("measuring a step"):
            if self._step_samples is not None:
                self._step_samples.after(batch, (logs or {}).get("loss"))
        if self._measured_model is not self.model:
            # A model without a known input shape is built by its first step.
            with self._guarded("beginning to measure"):
                self._begin_measuring()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._guarded.release()
        series: dict[str, Any] = {}
        with self._guarded("measuring a step"):
            if self._started is not None:
                series["seconds"] = time.monotonic() - self._started
            if self._step_samples is not None:
                series |= self._step_samples.series()
        metrics: dict[str, float] = {}
        with self._guarded("reading the metrics"):
            metrics = {
                name: float(value)
                for name, value in (logs or {}).items()
                if isinstance(value, (numbers.Real, np.generic))
            }
        with self._guarded("measuring what fit takes"):
            self._feed.learn(self.model, self._steps)
        with self._guarded("measuring what fit takes"):
            series |= self._feed.series()
        with self._guarded("writing a record"):
            self._session.record(self.model, metrics, series)

    def on_train_end(self, logs: Any = None) -> None:
        self._close()

    def failed(self, call: fit_hook.FitCall, error: BaseException) -> None:
        """Writes what is known of a call of `fit` that raised: it has a diagnosis, too.

        Args:
            call: The call.
            error: What was raised; it goes on to the user as it is.
        """
        self._guarded.drop()
        watch, self._step_watch = self._step_watch, None
        with self._guarded("watching the first step"):
            if watch is not None:  # it ended in its first step
                watch.end()
        with self._guarded("writing what is known of a crash"):
            self._feed.failed(call, error)
        self._close()
        with self._guarded("keeping what a trial is made of"):
            self._kept(call)

    def returned(self, call: fit_hook.FitCall) -> None:
        """Tries what the diagnosis of a call of `fit` proposes, where that is wanted.

        Args:
            call: The call, which has returned.
        """
        ended = self._kept(call)
        if self._tries and ended is not None:
            from tb_diagnose.trials.after_fit import after_fit

            after_fit(ended, self.verbose)

    def _kept(self, call: fit_hook.FitCall) -> Any:
        """A call that is over, with what a trial of it needs; None where somebody keeps it for later, or where it was
        not recorded."""
        keep = watchers.keeper()
        if not self._is_recorded or not self.may_try:
            return None
        from tb_diagnose.trials.after_fit import Ended

        run = watchers.Run(self._session.folder, self._session.logdir).found_from_anywhere()
        ended = Ended(call, run, self._given, self._compiled)
        if keep is None:
            return ended
        keep(ended)
        return None

    def _close(self) -> None:
        """Closes the event file, and shows the verdict."""
        self._guarded.release()
        with self._guarded("closing the run"):
            self._is_recorded = self._session.is_recording
            self._session.close()
            if self._is_recorded:
                with self._guarded("printing the verdict"):
                    said = () if self._notices is None else self._notices.said
                    watchers.ended(watchers.Run(self._session.folder, self._session.logdir, said), self.verbose)

    def _begin_measuring(self) -> None:
        self._measured_model = self.model
        self._session.begin_measuring(self.model)
        if self._step_samples is not None:  # in the middle of an epoch: its losses so far are kept
            self._watch(self._step_samples)

    def _watch(self, samples: StepSamples) -> None:
        if self._session.first_norms:
            bring_back = getattr(self.model, "jax_state_sync", lambda: None)
            samples.watch(self._session.kernels(), self._session.first_norms, bring_back)
