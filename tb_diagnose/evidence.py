"""The table of every series and fact, and `Evidence`: all of one training, read-only.

A *series* is measured once an epoch, a *fact* once a training. Axes are always (epoch, layer),
(epoch, class) and so on, epoch first. Epoch 0 is the state before the first step; epoch 1 is
what Keras prints as "Epoch 1". NaN means: not measured.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

SCHEMA = 1


@dataclass(frozen=True)
class Quantity:
    """What a series or fact is: its axes, its unit, and one sentence of meaning."""

    axes: tuple[str, ...]
    unit: str
    meaning: str


def _epoch(unit: str, meaning: str, *axes: str) -> Quantity:
    return Quantity(("epoch", *axes), unit, meaning)


def _layer(unit: str, meaning: str) -> Quantity:
    return _epoch(unit, meaning, "layer")


SERIES: Mapping[str, Quantity] = {
    # Reported by Keras
    "loss": _epoch("loss", "Training loss as Keras reports it, a mean over the epoch."),
    "val_loss": _epoch("loss", "Validation loss as Keras reports it."),
    "accuracy": _epoch("fraction", "Training accuracy as Keras reports it, a mean over the epoch."),
    "val_accuracy": _epoch("fraction", "Validation accuracy as Keras reports it."),
    "learning_rate": _epoch("1", "Learning rate of the optimizer at the end of the epoch."),
    "seconds": _epoch("s", "Wall time of the epoch."),
    "iterations": _epoch("steps", "Optimizer steps taken since the model was made."),
    # Measured on the probe batch
    "probe_loss": _epoch("loss", "Loss on the probe batch in inference mode, regularization left out."),
    "probe_accuracy": _epoch("fraction", "Accuracy on the probe batch in inference mode."),
    "probe_balanced_accuracy": _epoch("fraction", "Mean over the classes of the accuracy on their probe rows."),
    "probe_val_loss": _epoch("loss", "Loss on probe rows of the validation data, in inference mode."),
    "probe_val_accuracy": _epoch("fraction", "Accuracy on probe rows of the validation data."),
    "probe_training_loss": _epoch(
        "loss", "Loss on the probe batch in training mode (dropout, noise, batch statistics), penalty left out."
    ),
    "penalty": _epoch("loss", "Sum of the model's own losses (L1, L2, activity) on the probe batch; 0 without any."),
    "largest_step_loss": _epoch("loss", "The largest loss of a single batch in the epoch."),
    "step_loss_spread": _epoch("loss", "Standard deviation of the losses of the single batches of the epoch."),
    "step_loss_autocorrelation": _epoch(
        "fraction",
        "Correlation between the losses of neighbouring batches of the epoch, its trend taken out; near 0 for shuffled rows.",
    ),
    "gradient_agreement": _epoch(
        "fraction",
        "How far the gradients of parts of the probe batch agree: squared norm of their mean "
        "over the mean of their squared norms; 1 = all alike, 1 / parts = unrelated (compare the "
        "gradient noise scale of McCandlish et al., 2018).",
    ),
    "gradient_noise_scale": _epoch(
        "rows",
        "Rows that a batch needs for its gradient to be as much signal as noise: trace of the gradients' covariance "
        "over the squared norm of their mean (McCandlish et al., 2018, section 2.2).",
    ),
    "prediction_mean": _epoch("output units", "Mean of each output over the probe batch.", "output"),
    "prediction_spread": _epoch("output units", "Standard deviation of each output over the probe batch.", "output"),
    "prediction_histogram": _epoch("rows", "Histogram of each output over the probe batch.", "output", "bin"),
    "prediction_edges": _epoch("output units", "Edges of the bins of prediction_histogram.", "edge"),
    "predicted_share": _epoch("fraction", "Share of the probe rows predicted as each class.", "class"),
    # Per layer, on the probe batch
    "gradient_norm": _layer("norm", "Euclidean norm of the loss gradient with respect to the layer's weights."),
    "weight_norm": _layer("norm", "Euclidean norm of the layer's trainable weights."),
    "activation_mean": _layer("1", "Mean of the layer's output."),
    "activation_spread": _layer("1", "Standard deviation of the layer's output."),
    "preactivation_spread": _layer("1", "Standard deviation of what goes into the layer's activation function."),
    "dead_fraction": _layer(
        "fraction", "Share of the units of a ReLU layer that are silent on every row of the probe batch."
    ),
    "saturated_fraction": _layer(
        "fraction", "Share of the values of a sigmoid or tanh layer whose pre-activation is beyond 5 (tanh: 2.5)."
    ),
    "nonfinite_weight_count": _layer("values", "NaN and infinite values in the layer's weights."),
    "nonfinite_activation_count": _layer("values", "NaN and infinite values in the layer's output."),
    "nonfinite_gradient_count": _layer("values", "NaN and infinite values in the layer's gradient."),
    "disconnected_fraction": _layer(
        "fraction",
        "Share of the layer's trainable weights that get no gradient at all: nothing connects them to the loss.",
    ),
    # Per layer, from the weight histograms of stock Keras logs
    "kernel_unmoved": _layer(
        "0 or 1", "1 where no weight of the layer's kernel has moved since the histogram before, to the last bit."
    ),
    "bias_unmoved": _layer("0 or 1", "The same of the layer's biases."),
    # Per layer, from real training steps
    "update_ratio": _layer(
        "ratio",
        "Median over sampled steps of |dW| / |W|, the change of a kernel by one step against its size, or its first size where that is larger.",
    ),
    "largest_update_ratio": _layer("ratio", "Largest |dW| / |W| of a sampled step in the epoch."),
    "epoch_update_ratio": _layer("ratio", "|W(end) - W(start)| / |W(start)| of the layer's kernels over the epoch."),
    # Worked out on reading
    "skill": _epoch(
        "ratio",
        "How much of the way from the best constant answer (0) to a perfect one (1) the training has come.",
    ),
}

FACTS: Mapping[str, Quantity] = {
    "environment": Quantity((), "", "Versions of Python, Keras, its backend and tb_diagnose; host and process."),
    "training_start": Quantity((), "step", "The TensorBoard step at which this training began."),
    "model": Quantity((), "", "The model as Keras serializes it."),
    "hparams": Quantity((), "", "What was logged for TensorBoard's HParams tab, by name."),
    "layers": Quantity(
        ("layer",),
        "",
        "Layers with weights or an activation: name, class, activation, units, parameters, trainable, rate, regularized.",
    ),
    "preprocessing": Quantity((), "", "Class names of the layers before the first one with a kernel."),
    "dropout_rates": Quantity((), "fraction", "Rates of the Dropout layers in the order of their calls."),
    "operations": Quantity((), "", "Class names of all layers in the order of their calls."),
    "initial_weights": Quantity(
        ("layer",),
        "",
        "Kernel of each layer before training: spread, fan-in, fan-out, mean bias, whether all units are alike.",
    ),
    "training_only": Quantity(
        (), "", "Class names of layers that act otherwise in training: dropout, noise, batch statistics."
    ),
    "loss_function": Quantity((), "", "Name and settings of the loss; custom = not one of Keras's own."),
    "optimizer": Quantity((), "", "Name and settings of the optimizer."),
    "compiled_metrics": Quantity((), "", "Names of the metrics given to compile()."),
    "output": Quantity((), "", "The output layer: name, activation, units."),
    "row_count": Quantity((), "rows", "Rows of the training data that were given."),
    "data_form": Quantity((), "", "What the training data were given as: arrays, or dataset."),
    "probe_row_count": Quantity((), "rows", "Rows of the probe batch."),
    "batch_size": Quantity((), "rows", "Rows a step, rows over steps when fit does not tell."),
    "steps_per_epoch": Quantity((), "steps", "Steps an epoch."),
    "planned_epochs": Quantity((), "epochs", "Epochs that fit was asked for."),
    "input_shape": Quantity((), "", "Shape of one input row, per input."),
    "input_dtype": Quantity((), "", "Data type of the inputs, per input."),
    "input_min": Quantity(("feature",), "input units", "Smallest value of each feature."),
    "input_max": Quantity(("feature",), "input units", "Largest value of each feature."),
    "input_mean": Quantity(("feature",), "input units", "Mean of each feature."),
    "input_spread": Quantity(("feature",), "input units", "Standard deviation of each feature."),
    "input_nonfinite_count": Quantity((), "values", "NaN and infinite values in the inputs."),
    "input_gap_fraction": Quantity(
        (), "fraction", "Widest stretch of unused values amid the used ones of integer inputs, over their range."
    ),
    "constant_feature_fraction": Quantity(
        (), "fraction", "Share of the input features with the same value in every row."
    ),
    "distinct_input_count": Quantity((), "rows", "Rows whose inputs differ from those of every earlier row."),
    "label_dtype": Quantity((), "", "Data type of the labels."),
    "label_shape": Quantity((), "", "Shape of the labels of one row."),
    "label_form": Quantity((), "", "binary, integer, one_hot, multi_label, probabilities, continuous or string."),
    "label_min": Quantity((), "label units", "Smallest label."),
    "label_max": Quantity((), "label units", "Largest label."),
    "label_mean": Quantity((), "label units", "Mean of the labels."),
    "label_spread": Quantity((), "label units", "Standard deviation of the labels."),
    "label_nonfinite_count": Quantity((), "values", "NaN and infinite values in the labels."),
    "label_unique_count": Quantity((), "values", "Number of different labels."),
    "label_counts": Quantity(("class",), "rows", "Rows of each class."),
    "classes": Quantity(("class",), "", "Names of the classes, in the order of the model's outputs."),
    "label_run_ratio": Quantity(
        (), "ratio", "Runs of equal labels along the rows, over those expected in random order; near 0 = sorted."
    ),
    "baseline_loss": Quantity((), "loss", "Loss of the best constant answer on the probe batch."),
    "perfect_loss": Quantity((), "loss", "Loss of an answer that is the labels themselves; 0 for most losses."),
    "baseline_accuracy": Quantity((), "fraction", "Accuracy of the best constant answer: the majority share."),
    "duplicate_row_fraction": Quantity((), "fraction", "Share of rows that repeat an earlier row, inputs and label."),
    "natural_duplicate_fraction": Quantity(
        (), "fraction", "Share of repeats that features of this resolution would show by chance."
    ),
    "conflicting_row_fraction": Quantity((), "fraction", "Share of rows whose inputs occur with another label too."),
    "neighbour_accuracy": Quantity(
        (), "fraction", "Accuracy of the 5 nearest other rows' majority label: what the inputs tell without training."
    ),
    "neighbour_skill": Quantity(
        (), "ratio", "The same as a share of the way from the best constant answer to a perfect one."
    ),
    "neighbour_row_count": Quantity((), "rows", "Rows that the nearest-neighbour figures were taken from."),
    "ridge_accuracy": Quantity(
        (),
        "fraction",
        "Accuracy of a cross-validated ridge regression on the inputs, on counts of ids, or on how much pieces of images "
        "and signals resemble each other.",
    ),
    "ridge_skill": Quantity(
        (), "ratio", "The same as a share of the way from the best constant answer to a perfect one."
    ),
    "confident_error_fraction": Quantity(
        (),
        "fraction",
        "Share of other labels among the half of the rows about which neighbours or ridge regression are surest.",
    ),
    "validation_reference_skill": Quantity(
        (),
        "ratio",
        "Skill on the validation rows of the better of neighbours and ridge regression on the training rows.",
    ),
    "validation_row_count": Quantity((), "rows", "Rows of the validation data that were given."),
    "validation_overlap_fraction": Quantity((), "fraction", "Share of validation rows that are training rows too."),
    "validation_label_shift": Quantity(
        (), "fraction", "Total variation distance between the label shares of training and validation."
    ),
}


@dataclass(frozen=True)
class Evidence:
    """All series and facts of one training.

    Args:
        training: Name of the training, as in the list of runs.
        epochs: Epoch numbers, shape `(epoch,)`; 0 is before the first step.
        series: Arrays by the names in `SERIES`, first axis `epoch`.
        facts: Values by the names in `FACTS`.
        metrics: What Keras reported, by Keras's own names, each of shape `(epoch,)`.
        last_sign: Wall time (s) of the last event, None when unknown.
        last_step: TensorBoard step of the last event.
        unit: What `epochs` counts: "epoch", or "step" where a log tells nothing of epochs.
    """

    training: str
    epochs: np.ndarray
    series: Mapping[str, np.ndarray] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, np.ndarray] = field(default_factory=dict)
    last_sign: float | None = None
    last_step: int = 0
    unit: str = "epoch"

    def __post_init__(self) -> None:
        for name, array in self.series.items():
            if name not in SERIES:
                raise ValueError(f"Unknown series. Expected: a name in evidence.SERIES. Received: {name!r}.")
            array.setflags(write=False)
        for name in self.facts:
            if name not in FACTS:
                raise ValueError(f"Unknown fact. Expected: a name in evidence.FACTS. Received: {name!r}.")

    def get(self, name: str) -> Any:
        """The series, fact or `"epochs"` of that name; None when it was not logged."""
        if name == "epochs":
            return self.epochs
        if name in self.series:
            array = self.series[name]
            return None if array.size == 0 or np.isnan(array).all() else array
        return self.facts.get(name)

    def logged(self, name: str) -> Any:
        """Like `get`, but a series that holds nothing but NaN is given as it is: it was logged, and does not apply."""
        value = self.get(name)
        return self.series.get(name) if value is None and self.finished_epochs else value

    def ask(self, function: Callable[..., Any]) -> Any:
        """Calls a function whose parameters are names of evidence; None when one that it needs was not logged."""
        given = {}
        for name, parameter in inspect.signature(function).parameters.items():
            value = self.get(name)
            if value is not None:
                given[name] = value
            elif parameter.default is parameter.empty:
                return None
        return function(**given)

    @property
    def finished_epochs(self) -> int:
        """Epochs that were finished, the state before training not counted."""
        return int(np.count_nonzero(self.epochs > 0))

    def labels(self, axis: str, size: int) -> list[str] | None:
        """Names along an axis (layers, classes, outputs), None where it has none."""
        if axis == "layer":
            return [row["name"] for row in self.facts.get("layers") or []][:size]
        if axis in ("class", "output") and len(self.facts.get("classes") or []) == size:
            return [str(name) for name in self.facts["classes"]]
        return None


def known(name: str) -> Quantity:
    """The table's entry for a series or fact. Raises KeyError for a name in neither."""
    return SERIES[name] if name in SERIES else FACTS[name]
