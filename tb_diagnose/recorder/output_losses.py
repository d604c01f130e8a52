"""The losses of a model with several outputs one by one, with labels and outputs brought together as Keras does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tb_diagnose.recorder import forward
from tb_diagnose.recorder.data import map_leaves

Loss = Callable[[Any, Any, Any], Any]
"""Loss of labels, answers and sample weights."""


@dataclass(frozen=True)
class Part:
    """What belongs to one output.

    Args:
        labels: Its labels.
        answers: What the model gives.
        sample_weight: Their weights, or None.
        loss: Its loss before its weight in the whole.
    """

    labels: Any
    answers: Any
    sample_weight: Any
    loss: Any


class OutputLosses:
    """The compiled losses of a model, output by output, in a copy of its own: the model's stays as it is.

    Args:
        model: A compiled model with several outputs.
        labels: Labels of some samples, in the structure in which `fit` takes them.
        answers: What the model gives for them.

    Raises:
        AttributeError: the model has no compiled loss, or Keras keeps it elsewhere.
        KeyError, TypeError, ValueError: labels and outputs do not belong together.
    """

    def __init__(self, model: Any, labels: Any, answers: Any) -> None:
        given = model._compile_loss
        self._whole = type(given)(given._user_loss, given._user_loss_weights, output_names=given.output_names)
        self._whole(*_tensors(labels, answers, None))
        entries = self._whole._flat_losses
        self.losses: list[Loss] = [entry.loss for entry in entries]
        self.weights = [1.0 if entry.loss_weights is None else float(entry.loss_weights) for entry in entries]
        self.paths: list[str] = ["/".join(map(str, entry.path)) for entry in entries]
        # Outputs without a name of their own are called by their loss.
        names = [str(entry.name) for entry in entries]
        self.reported = [name if names.count(name) == 1 else None for name in names]
        self.names = [own or path for own, path in zip(self.reported, self.paths, strict=True)]
        self._parts: list[Part] = []
        self._whole._flat_losses = [entry._replace(loss=self._noting(entry.loss)) for entry in entries]

    def _noting(self, loss: Loss) -> Loss:
        def noting(labels: Any, answers: Any, sample_weight: Any = None) -> Any:
            value = loss(labels, answers, sample_weight)
            self._parts.append(Part(labels, answers, sample_weight, value))
            return value

        return noting

    def parts(self, labels: Any, answers: Any, sample_weight: Any = None) -> list[Part]:
        """Labels, answers and loss of each output, as tensors."""
        self._parts = []
        self._whole(*_tensors(labels, answers, sample_weight))
        found, self._parts = self._parts, []  # not held: they may hold the whole pass
        return found

    def labels_of(self, labels: Any, answers: Any) -> list[Any]:
        """The labels of each output, as they were given: of all samples, beside the answers for any of them."""
        entries = self._whole._flat_losses
        found: list[Any] = []

        def noting(labels: Any, answers: Any, sample_weight: Any = None) -> float:
            found.append(labels)
            return 0.0

        try:
            self._whole._flat_losses = [entry._replace(loss=noting) for entry in entries]
            self._whole(labels, answers)
        finally:
            self._whole._flat_losses = entries
        return found


def _tensors(labels: Any, answers: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
    """Labels and weights as `fit` hands them on: floats in Keras's own precision."""
    import keras

    def tensor(array: Any) -> Any:
        return keras.ops.convert_to_tensor(forward.as_fit(array))

    return (
        map_leaves(tensor, labels),
        answers,
        None if sample_weight is None else map_leaves(tensor, sample_weight),
    )
