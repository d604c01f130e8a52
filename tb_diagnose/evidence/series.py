"""The table of all series: what is measured once an epoch, epoch first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
    "loss": _epoch("loss", "Training loss as the program reports it, a mean over the epoch."),
    "val_loss": _epoch("loss", "Validation loss as the program reports it."),
    "accuracy": _epoch("fraction", "Training accuracy as the program reports it, a mean over the epoch."),
    "val_accuracy": _epoch("fraction", "Validation accuracy as the program reports it."),
    "score": _epoch(
        "fraction",
        "A score between 0 and 1 on training samples (AUC, F1, mAP, ...), of logs without an accuracy.",
    ),
    "val_score": _epoch("fraction", "The same score on validation samples."),
    "reward": _epoch("1", "Mean reward of an episode, of logs of reinforcement learning."),
    "learning_rate": _epoch("1", "Learning rate of the optimizer at the end of the epoch."),
    "seconds": _epoch("s", "Wall time of the epoch."),
    "iterations": _epoch("steps", "Optimizer steps taken since the model was made."),
    # Measured on the probe batch
    "probe_loss": _epoch("loss", "Loss on the probe batch in inference mode, regularization left out."),
    "probe_accuracy": _epoch("fraction", "Accuracy on the probe batch in inference mode."),
    "probe_balanced_accuracy": _epoch("fraction", "Mean over the classes of the accuracy on their probe samples."),
    "probe_val_loss": _epoch("loss", "Loss on probe samples of the validation data, in inference mode."),
    "probe_val_accuracy": _epoch("fraction", "Accuracy on probe samples of the validation data."),
    "probe_auc": _epoch(
        "fraction",
        "Chance that the output ranks a probe sample of the second class above one of the first: 0.5 = no order, 0 = "
        "the wrong way round; with several labels a sample, the mean over the labels.",
    ),
    "probe_val_auc": _epoch("fraction", "The same on probe samples of the validation data."),
    "best_threshold": _epoch("output units", "Value of a single output that parts the two classes best."),
    "best_threshold_accuracy": _epoch(
        "fraction", "Accuracy on the probe batch with that threshold, whichever class is above it."
    ),
    "probe_training_loss": _epoch(
        "loss", "Loss on the probe batch in training mode (dropout, noise, batch statistics), penalty left out."
    ),
    "probe_training_accuracy": _epoch(
        "fraction",
        "Accuracy on the probe batch in training mode; only of a model with layers that act otherwise in training.",
    ),
    "penalty": _epoch("loss", "Sum of the model's own losses (L1, L2, activity) on the probe batch; 0 without any."),
    "largest_step_loss": _epoch("loss", "The largest loss of a single batch in the epoch."),
    "step_loss_std": _epoch("loss", "Standard deviation of the losses of the single batches of the epoch."),
    "step_loss_autocorrelation": _epoch(
        "fraction",
        "Correlation between the losses of neighbouring batches of the epoch, its trend taken out; near 0 for shuffled "
        "samples.",
    ),
    # Of the batches that fit consumed: all of the first epoch, a few of each later one
    "observed_repeat_fraction": _epoch(
        "fraction", "Share of the noted samples whose inputs occurred in an earlier noted batch of the epoch."
    ),
    "observed_new_input_fraction": _epoch(
        "fraction",
        "Share of the noted samples whose inputs did not occur in the first epoch: 0 for fixed samples, near 1 under "
        "augmentation.",
    ),
    "observed_label_change_fraction": _epoch(
        "fraction",
        "Of the noted samples whose inputs occurred in the first epoch, the share with a label that they never had "
        "there.",
    ),
    # Measured on parts of the probe batch
    "gradient_agreement": _epoch(
        "fraction",
        "How far the gradients of parts of the probe batch agree: squared norm of their mean "
        "over the mean of their squared norms; 1 = all alike, 1 / parts = unrelated (compare the "
        "gradient noise scale of McCandlish et al., 2018).",
    ),
    "gradient_noise_scale": _epoch(
        "samples",
        "Samples that a batch needs for its gradient to be as much signal as noise: trace of the gradients' covariance "
        "over the squared norm of their mean (McCandlish et al., 2018, section 2.2).",
    ),
    "prediction_mean": _epoch("output units", "Mean of each output over the probe batch.", "output"),
    "prediction_std": _epoch("output units", "Standard deviation of each output over the probe batch.", "output"),
    "prediction_histogram": _epoch("samples", "Histogram of each output over the probe batch.", "output", "bin"),
    "prediction_edges": _epoch("output units", "Edges of the bins of prediction_histogram.", "edge"),
    "predicted_fraction": _epoch("fraction", "Share of the probe samples predicted as each class.", "class"),
    "padding_std_ratio": _epoch(
        "ratio",
        "Standard deviation of the outputs over probe samples as given, over that with their own steps, repeated, in "
        "place of the padding; near 0 where padding hides what the samples say.",
    ),
    # Per output of a model with several, on the probe batch
    "output_loss": _epoch("loss", "Loss of each output in inference mode, before its weight in the whole.", "output"),
    "output_accuracy": _epoch("fraction", "Accuracy of each output in inference mode; NaN for targets.", "output"),
    "output_gradient_norm": _epoch(
        "norm",
        "Norm of the gradient of each output's weighted loss with respect to the weights that outputs share, in "
        "training mode: root mean square over parts of the probe batch.",
        "output",
    ),
    # Per layer, on the probe batch
    "gradient_norm": _layer("norm", "Euclidean norm of the loss gradient with respect to the layer's weights."),
    "weight_norm": _layer("norm", "Euclidean norm of the layer's trainable weights."),
    "activation_mean": _layer("1", "Mean of the layer's output."),
    "activation_std": _layer("1", "Standard deviation of the layer's output."),
    "preactivation_std": _layer("1", "Standard deviation of what goes into the layer's activation function."),
    "dead_fraction": _layer(
        "fraction", "Share of the units of a ReLU layer that are silent on every sample of the probe batch."
    ),
    "saturated_fraction": _layer(
        "fraction", "Share of the values of a sigmoid or tanh layer whose pre-activation is beyond 5 (tanh: 2.5)."
    ),
    "moving_statistics_error_ratio": _layer(
        "ratio",
        "How far the output of a BatchNormalization layer in inference mode, by moving statistics, is from that in "
        "training mode, by those of the probe batch: a root mean square, in standard deviations of the latter.",
    ),
    "moving_statistics_update_ratio": _layer(
        "ratio",
        "Change of a BatchNormalization layer's moving statistics over the epoch, against their size; 0 = not updated.",
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
        "Median over sampled steps of |dW| / |W|, the change of a kernel by one step against its size, or its first "
        "size where that is larger.",
    ),
    "largest_update_ratio": _layer("ratio", "Largest |dW| / |W| of a sampled step in the epoch."),
    "epoch_update_ratio": _layer("ratio", "|W(end) - W(start)| / |W(start)| of the layer's kernels over the epoch."),
    # Worked out on reading
    "skill": _epoch(
        "ratio",
        "How much of the way from the best constant answer (0) to a perfect one (1) the run has come.",
    ),
}
