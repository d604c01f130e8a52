"""Brings what `fit` takes into a session: arrays before the first step, batches when they have passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tb_diagnose.recorder.batches import Batches
from tb_diagnose.recorder.data import Data, is_stream, read_data
from tb_diagnose.recorder.error_line import error_line
from tb_diagnose.recorder.fed_facts import fed_facts
from tb_diagnose.recorder.fit_hook import FitCall
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

    def begin(self, call: FitCall | None) -> None:
        """Says to the session what is known before the first step.

        Args:
            call: The call of `fit`; None where it could not be watched, or in a loop of one's own.
        """
        self._call, self._is_learned = call, False
        data, validation = self._arrays
        if call is not None:
            data = call.training if data is None and isinstance(call.training, Data) else data
            validation = call.validation if validation is None and isinstance(call.validation, Data) else validation
            if isinstance(call.training, Batches):
                call.training.restart()
        self._session.data, self._session.validation = data, validation
        if data is None and (call is None or call.training is None) and self._given.data is not None:
            self._session.data = read_data(self._given.data, "data")
            if validation is None and self._given.validation_data is not None:
                self._session.validation = read_data(self._given.validation_data, "validation_data")

    def learn(self, model: Any, steps: int) -> None:
        """Hands on the samples of the first epoch, and of the first validation, when they have passed.

        Args:
            model: The model.
            steps: Batches that the epoch consumed.
        """
        call = self._call
        if call is None:
            return
        if not self._is_learned and isinstance(call.training, Batches):
            call.training.cut(steps)
        data = self._noted(call.training) if self._session.data is None else None
        validation = self._noted(call.validation) if self._session.validation is None else None
        if not self._is_learned and isinstance(call.training, Batches):
            self._is_learned = True
            self._session.write_facts(fed_facts(call.training, self._session.data, call.dataset))
        if data is not None or validation is not None:
            self._session.learn(model, data, validation)
        for batches in (call.training, call.validation):
            if isinstance(batches, Batches):
                batches.close()

    def failed(self, call: FitCall, error: BaseException) -> None:
        """Writes what is known when a call of `fit` has raised, be it before its first step."""
        session = self._session
        if not session.is_recording:
            self.begin(call)
            session.begin(call.model)
        if session.data is None:
            session.learn(call.model, self._noted(call.training), None)
        if isinstance(error, Exception):  # not a user who has seen enough
            session.write_facts({"error": {"type": type(error).__name__, "message": error_line(error)}})

    @staticmethod
    def _noted(source: Any) -> Data | None:
        if not isinstance(source, Batches):
            return None
        if source.error is not None:
            raise source.error
        return source.data()
