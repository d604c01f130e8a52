"""A model with several outputs: what each of them is, and how it does on the probe batch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tb_diagnose.evidence import keras_config
from tb_diagnose.recorder import backend, data_facts, forward, measure, probe
from tb_diagnose.recorder.data import Data, leaves
from tb_diagnose.recorder.data_facts import Labels
from tb_diagnose.recorder.loss_levels import loss_levels
from tb_diagnose.recorder.output_gradients import SharedGradients
from tb_diagnose.recorder.output_losses import Loss, OutputLosses, Part
from tb_diagnose.recorder.reference_facts import reference_facts

MOST_OUTPUTS = 32
"""Outputs up to which each is measured: each costs a pass back through the model an epoch."""


@dataclass(frozen=True)
class _Output:
    """One output.

    Args:
        facts: Its entry in the fact `outputs`.
        labels: What its labels stand for.
        threshold: Output value that parts two classes of a single unit.
    """

    facts: Mapping[str, Any]
    labels: Labels
    threshold: float


class Outputs:
    """Measures a model with several outputs.

    Args:
        model: A built and compiled model with several outputs.
        layers: Its names and layers.
        data: Training samples.
        validation: Validation samples, or None.
        probe_samples: Samples of the probe batch.

    Raises:
        ValueError: there are too many outputs, or no labels for them.
    """

    def __init__(
        self, model: Any, layers: list[tuple[str, Any]], data: Data, validation: Data | None, probe_samples: int
    ) -> None:
        first = forward.few(data, model)
        answers, calls_of = forward.predict_all(model, first.x, layers)
        self._losses = OutputLosses(model, first.several, answers)
        if not 1 <= len(self._losses.names) <= MOST_OUTPUTS:
            raise ValueError(f"{len(self._losses.names)} outputs have a loss, from 1 to {MOST_OUTPUTS} are measured")
        self._gradients = SharedGradients(model, self._losses, len(leaves(answers)))
        single = self._losses.parts(first.several, answers)
        validated = None
        with suppress(Exception):  # validation samples of another structure are refused by Keras, when it gets there
            validated = None if validation is None else self._losses.labels_of(validation.several, answers)
        places = measure.stratified_samples(None, data.sample_count, probe_samples)
        batch_bytes = sum(int(np.prod(given.shape)) * 4 for calls in calls_of.values() for given, _ in calls)
        probes = forward.whole_batches(data.take(places), model)
        self._probe = replace(probes, sample_bytes=batch_bytes // first.sample_count)
        self._outputs = [
            self._look_at(
                index,
                _key(data.several, labels),
                head_facts(single[index].answers, calls_of, dict(layers)),
                _one(data, labels),
                None if validation is None or validated is None else _one(validation, validated[index]),
                places,
            )
            for index, labels in enumerate(self._losses.labels_of(data.several, answers))
        ]

    @property
    def facts(self) -> dict[str, Any]:
        """The fact `outputs`, and the others that models with one output have and this has not."""
        facts = [output.facts for output in self._outputs]
        return {
            "outputs": facts,
            "output": {},
            "probe_sample_count": self._probe.sample_count,
            "validation_sample_count": facts[0].get("validation_sample_count"),
            "label_nonfinite_count": sum(fact.get("label_nonfinite_count", 0) for fact in facts),
        }

    def _look_at(
        self,
        index: int,
        key: str | int | None,
        head: dict[str, Any],
        data: Data,
        validation: Data | None,
        places: np.ndarray,
    ) -> _Output:
        """What is known of one output before the first step.

        Args:
            index: Its place.
            key: Where its labels are in those of the user.
            head: The layer that gives it.
            data: Training samples with its labels.
            validation: Validation samples with its labels, or None.
            places: The probe batch among the training samples.
        """
        loss = loss_facts(self._losses.losses[index])
        labels = data_facts.read_labels(data.y, loss["name"], head)
        facts: dict[str, Any] = {
            "name": self._losses.names[index],
            "reported": self._losses.reported[index],
            "label_key": key,
            "loss_weight": self._losses.weights[index],
            "loss_function": loss,
            "output": head,
            **data_facts.label_facts(data, labels),
            **reference_facts(data, labels, validation, ids=False),
        }
        if validation is not None:
            facts |= data_facts.validation_facts(data, labels, validation)
        units = head["units"]
        shape = () if units is None else (*data.y.shape[1 : len(head["shape"])], units)
        levels = loss_levels(
            _as_number(self._losses.losses[index]),
            data.take(places),
            labels,
            forward.Head(str(head["name"]), shape, head["activation"] is not None),
            loss["from_logits"],
        )
        facts |= {name: value for name, value in levels.items() if value is not None}
        values = labels.values
        below_zero = values is not None and values.dtype.kind in "biuf" and bool(values.min() < 0)
        bounded = head["activation"] in ("sigmoid", "hard_sigmoid", "softmax")
        return _Output(facts, labels, 0.0 if (loss["from_logits"] or below_zero) and not bounded else 0.5)

    def series(self, model: Any, shown: list[tuple[str, Any]]) -> probe.Series:
        """Loss and accuracy of each output on the probe batch, how hard it pulls at what outputs share, and what the
        layers show.

        Args:
            model: The model.
            shown: Names and layers of the layer table.
        """
        seen: list[list[Part]] = []
        sizes, statistics = [], probe.Statistics(shown)
        for part in forward.passes(self._probe, model):
            answers, calls_of = forward.predict_all(model, part.x, shown)
            statistics.add(calls_of)
            seen.append(self._losses.parts(part.several, answers, part.several_weights))
            sizes.append(part.sample_count)
        by_output = list(zip(*seen, strict=True))
        series: probe.Series = {
            **statistics.series(),
            "output_loss": np.array(
                [np.average([backend.number(part.loss) for part in parts], weights=sizes) for parts in by_output]
            ),
            "output_accuracy": np.array(
                [_accuracy(output, parts) for output, parts in zip(self._outputs, by_output, strict=True)]
            ),
        }
        return series | self._gradients.series(model, self._probe, shown)


def _one(data: Data, labels: Any) -> Data:
    """The samples with the labels of one output."""
    return replace(data, y=np.asarray(labels), several=None, several_weights=None, dtypes=())


def _key(given: Any, labels: Any) -> str | int | None:
    """Where the labels of an output are in the structure that the user gave; None where they were made anew."""
    entries = given.items() if isinstance(given, dict) else enumerate(given if isinstance(given, (list, tuple)) else ())
    return next((key for key, array in entries if array is labels), None)


def head_facts(answers: Any, calls_of: Mapping[str, Any], layers: Mapping[str, Any]) -> dict[str, Any]:
    """The layer that gives an output: a fact `output`; its activation is None where another operation stands behind."""
    shape = [int(size) for size in answers.shape[1:]]
    units = shape[-1] if shape else 1
    for name, calls in calls_of.items():
        if any(given is answers for given, _ in calls):
            config: dict[str, Any] = {}
            with suppress(Exception):  # a custom layer without get_config is a layer all the same
                config = layers[name].get_config()
            activation = keras_config.activation_name(type(layers[name]).__name__, config)
            return {"name": name, "activation": activation, "units": units, "shape": shape}
    return {"name": None, "activation": None, "units": units, "shape": shape}


def loss_facts(loss: Any) -> dict[str, Any]:
    """A fact `loss_function` of a compiled loss."""
    config: dict[str, Any] = {}
    with suppress(Exception):  # a custom loss without get_config has no settings that we know
        config = loss.get_config()
    function = getattr(loss, "fn", None)
    name = getattr(function, "__name__", None) or type(loss).__name__
    known = keras_config.loss_function({"loss": {"class_name": name, "config": config}})
    return known or {"name": name, "from_logits": False, "custom": True}


def _as_number(loss: Loss) -> Any:
    def number(labels: np.ndarray, answers: np.ndarray, weight: np.ndarray | None) -> float:
        import keras

        truth, given = (keras.ops.convert_to_tensor(forward.as_fit(array)) for array in (labels, answers))
        return backend.number(loss(truth, given, weight))

    return number


def _accuracy(output: _Output, parts: tuple[Part, ...]) -> float:
    """Share of right answers of one output; NaN without classes."""
    answers, truth = (
        np.concatenate([forward.to_numpy(getattr(part, name)) for part in parts]) for name in ("answers", "labels")
    )
    columns = answers.reshape(-1, answers.shape[-1]) if answers.ndim > 1 else answers[:, None]
    return probe.accuracy(columns, truth, output.labels, output.threshold)
