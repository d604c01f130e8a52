"""Brings what `fit` takes into a session: arrays before the first step, batches when they have passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tb_diagnose.recorder.batches import Batches
from tb_diagnose.recorder.data import Data, is_stream, read_data
from tb_diagnose.recorder.error_line import error_line
from tb_diagnose.recorder.fit_hook import FitCall
from tb_diagnose.recorder.observed_facts import observed_facts
from tb_diagnose.recorder.session import Session


@dataclass(frozen=True)
class Given:
    """What the user named as data for the callback."""

    data: Any
    validation_data: Any

    @property
    def arrays(self) -> Any:
        """The training arrays; None where batches are made one after the other, which are never read ahead."""
        return None if is_stream(self.data) else self.data

    @property
    def validation_arrays(self) -> Any:
        """The validation arrays; None for anything else."""
        return None if is_stream(self.validation_data) else self.validation_data


class Feed:
    """What one session learns of its samples, and when.

    Args:
        session: The session.
        given: What the user named; it is measured on in place of what `fit` takes.
    """

    def __init__(self, session: Session, given: Given) -> None:
        self._session = session
        self._given = given
        self._arrays = session.data, session.validation
        self._call: FitCall | None = None
        self._is_learned = False
        self._series: Mapping[str, float] = {}

    def begin(self, call: FitCall | None) -> None:
        """Says to the session what is known before the first step.

        Args:
            call: The call of `fit`; None where it could not be watched, or in a custom loop.
        """
        self._call, self._is_learned = call, False
        data, validation = self._arrays
        training = None
        if call is not None:
            call.read_unseen()
            training = _watched(call.training)
            if isinstance(training, Data):
                # Of samples that the user named, fit tells all the same how many of them are in a batch.
                data = training if data is None else replace(data, batch_size=data.batch_size or training.batch_size)
            validation = call.validation if validation is None and isinstance(call.validation, Data) else validation
            if isinstance(training, Batches):
                training.restart()
        self._session.data, self._session.validation = data, validation
        if data is None and training is None and self._given.data is not None:
            self._session.data = read_data(self._given.data, "data")
            if validation is None and self._given.validation_data is not None:
                self._session.validation = read_data(self._given.validation_data, "validation_data")

    def begin_epoch(self) -> None:
        """Begins to note the batches of an epoch."""
        if self._call is not None and isinstance(self._call.training, Batches):
            self._call.training.begin_epoch()

    def learn(self, model: Any, steps: int) -> None:
        """Takes in what an epoch has shown: of the first one, and of the first validation, the samples.

        Args:
            model: The model.
            steps: Batches that the epoch consumed.
        """
        call = self._call
        self._series = {}
        if call is None:
            return
        training, is_new = _watched(call.training), False
        if isinstance(training, Batches):
            if not self._is_learned:
                self._is_learned = True
                is_new = self._learn_first(training, call, steps)
            else:
                self._series = training.series()
        validation_is_new = self._learn_validation(call)
        if is_new or validation_is_new:
            expected = call.arguments.get("validation_data") is not None
            self._session.learn(model, is_new, expected and self._session.validation is None)
        for batches in (training, call.validation):
            if isinstance(batches, Batches) and batches.error is not None:
                raise batches.error

    def series(self) -> Mapping[str, float]:
        """How the samples of the epoch that has ended repeat."""
        return self._series

    def _learn_validation(self, call: FitCall) -> bool:
        """Gives the session the validation samples that have passed; False where there are none that it has not."""
        if not isinstance(call.validation, Batches):
            return False
        call.validation.cut(call.arguments.get("validation_steps"))
        noted = call.validation.data()
        if noted is not None and call.callback.may_try:
            call.kept_validation = noted
        if noted is None or self._session.validation is not None:
            return False
        self._session.validation = noted
        return True

    def _learn_first(self, training: Batches, call: FitCall, steps: int) -> bool:
        """Gives the session the samples of the first epoch; False where it knows them otherwise."""
        training.cut(steps)
        fed, given = training.data(), self._session.data
        if call.callback.may_try:
            call.kept_training = fed
        try:
            self._session.write_facts(observed_facts(training, fed, given, call.dataset))
            self._series = training.series()
        finally:
            training.go_on(steps)
        if fed is None or given is not None:
            return False
        self._session.data = fed
        return True

    def failed(self, call: FitCall, error: BaseException) -> None:
        """Writes what is known when a call of `fit` has raised, be it before its first step."""
        session = self._session
        if not session.is_open:
            if not isinstance(error, Exception):
                return  # a user who has seen enough need not wait for what is measured before a run
            self.begin(call)
            session.begin(call.model)
        if session.data is None and isinstance(call.training, Batches):
            session.data = call.training.data()
            if call.callback.may_try:
                call.kept_training = session.data
            session.learn(call.model, is_new=True, more_to_come=False)
        if isinstance(error, Exception):
            message = error_line(error) if session.probe_samples else ""  # it may quote a sample
            session.write_facts({"error": {"type": type(error).__name__, "message": message}})


def _watched(source: Data | Batches | None) -> Data | Batches | None:
    """What is known of the samples; None for batches that pass unseen."""
    return source if not isinstance(source, Batches) or source.is_watched else None
