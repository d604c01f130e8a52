"""Augmentation turns, moves, crops or blurs the samples beyond recognition.

Augmentation stands in for samples that are missing, as long as a person would still give the augmented sample its
label. Beyond that the model is asked for labels that cannot be seen any more: the training loss stays high, training
accuracy low, and validation, which is not augmented, is better than training.

How it is told: the loss of the same samples with augmentation on and off; where nothing is learned either way, the
settings of the layers; for augmentation in the input pipeline, the loss that fit reports against that of the samples as
they were given.

Not this: light augmentation, and Dropout, which raises the loss in training as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Finding, Fine, Try, cause, degree, number
from tb_diagnose.causes._augmentation import PipelineLoss, TrainingModeLoss
from tb_diagnose.causes._tries import without
from tb_diagnose.causes._wording import listed
from tb_diagnose.evidence.keras_config import walk_layers

HEALTHY, RUINOUS = 0.15, 0.6
"""Loss that augmentation adds, as a share of the way from the best constant answer to a perfect one; also accuracy
that it takes. In the demo setups noise of 0.3 times the standard deviation of the inputs adds 0.04 to 0.1 and leaves
accuracy alone; noise of their own standard deviation adds 0.15 to 0.3."""
STRONG, TOO_STRONG = 2.0, 6.0
"""Settings of all layers over the light ones, as the root of the sum of their squares: three light layers have 1.7."""
UNLEARNED = 0.2
"""Way to a perfect answer on samples as they are, below which the two losses have nothing to differ by."""
SPIKES = 1.0
"""Loss that the pipeline adds, in standard deviations of the losses of the single batches: below, the mean is made of a
few large ones."""
HARDER, MEAN_ERRORS = 0.02, 3.0
"""Loss added, as a share of that way and in standard errors of the mean of an epoch, from which lower accuracy in
fit is taken for harder samples: a metric that counts otherwise leaves the loss alone."""
SMALL_BATCH = 16
"""Samples a step below which batch statistics differ enough to raise the loss in training."""
STRONG_DROPOUT = 0.6
"""Rate of Dropout that raises the loss in training by as much (compare excessive regularization)."""
SORTED = 0.5
"""Runs of equal labels over those of a random order, below which batches of few labels are hard as well."""
MEASURED, BESIDE_DROPOUT = 0.8, 0.4
"""Certainty of a difference that other layers may have a small part in, and where strong Dropout may have all of it."""


@cause(
    title="Excessive augmentation",
    family="data",
    fix="Halve the strength of each augmentation, and look at ten augmented samples: can a person still label them?",
    brings_about=("constant_prediction", "vanishing_gradients", "dead_relu", "saturated_activations"),
    explains=("training",),
    sources=(
        "Shorten and Khoshgoftaar, 'A survey on Image Data Augmentation for Deep Learning', 2019, on label-preserving "
        "transformations",
        "https://keras.io/guides/preprocessing_layers/",
    ),
)
def excessive_augmentation(
    augmentation_layers: tuple[str, ...],
    training_mode_loss: TrainingModeLoss | None,
    loss_scale: float | None,
    accuracy_lost_in_fit: float | None = None,
    augmentation_strengths: Mapping[str, float] | None = None,
    pipeline_loss: PipelineLoss | None = None,
    operations: Sequence[str] = (),
    dropout_rates: Sequence[float] = (),
    batch_size: float | None = None,
    label_run_ratio: float | None = None,
    model: dict[str, Any] | None = None,
) -> Answer:
    if loss_scale is None:
        return DoesNotApply("A constant answer is as good as a perfect one: there is nothing to compare with.")
    if training_mode_loss is None:
        return CouldNotTell(("probe_training_loss", "probe_loss"))
    if augmentation_layers:
        dropout = max(dropout_rates, default=0.0)
        measured = _measured(augmentation_layers, training_mode_loss, loss_scale, accuracy_lost_in_fit or 0.0, dropout)
        by_settings = None
        if training_mode_loss.learned < UNLEARNED and augmentation_strengths:
            by_settings = _by_settings(augmentation_strengths)
        answer = measured if by_settings is None else max(measured, by_settings, key=lambda each: each.weight)
        names = [layer.name for layer in walk_layers(model or {}) if layer.kind in augmentation_layers]
        return replace(answer, attempt=without(names)) if isinstance(answer, Finding) and names else answer
    if pipeline_loss is None:
        return CouldNotTell(("loss",))
    in_order = label_run_ratio is not None and label_run_ratio < SORTED
    small_batches = "BatchNormalization" in operations and (batch_size or SMALL_BATCH) < SMALL_BATCH
    dropout_layers = any("Dropout" in name for name in operations)
    return _in_pipeline(pipeline_loss, loss_scale, accuracy_lost_in_fit, in_order or small_batches, dropout_layers)


def _measured(
    layers: Sequence[str], losses: TrainingModeLoss, scale: float, accuracy_lost: float, dropout: float
) -> Finding | Fine:
    """What the layers add to the loss, and take from accuracy."""
    names = ", ".join(layers)
    when = "Before training" if losses.epoch == 0 else f"After epoch {losses.epoch}"
    saw = (
        f"{when} the probe samples have a loss of {number(losses.as_they_are)} as they are and of "
        f"{number(losses.in_training)} behind {names}"
    )
    harm = degree(max(losses.added, 1e-9), HEALTHY, RUINOUS)
    if accuracy_lost > HEALTHY:
        harm = max(harm, degree(accuracy_lost, HEALTHY, RUINOUS))
        saw += f"; accuracy is {accuracy_lost:.2f} lower behind them"
    if not harm:
        return Fine(
            f"{when} the loss is {number(losses.as_they_are)} as samples are, {number(losses.in_training)} behind "
            f"{listed(layers)}."
        )
    strong = dropout >= STRONG_DROPOUT
    return Finding(
        harm,
        BESIDE_DROPOUT if strong else MEASURED,
        f"{saw}{f', with Dropout of {dropout:g} beside them' if strong else ''}.",
        f"a loss that is at most {number(HEALTHY * scale)} higher.",
        f"Halve the strength of {names}, and train without {_them(layers)} for one epoch to see what is lost.",
        picture="probe_training_loss",
    )


def _by_settings(strengths: Mapping[str, float]) -> Finding | Fine:
    """Layers set so strongly that nothing can be learned: then no measurement shows it."""
    total = float(sum(ratio**2 for ratio in strengths.values()) ** 0.5)
    each = ", ".join(f"{name} {number(ratio, 2)}" for name, ratio in strengths.items())
    saw = (
        f"Augmentation is {number(total, 2)} times as strong as light augmentation ({each}), and the samples as they "
        "are were not learned"
    )
    harm = degree(max(total, 1e-9), STRONG, TOO_STRONG)
    if not harm:
        return Fine(f"Augmentation is {number(total, 2)} times as strong as light augmentation.")
    return Finding(
        harm,
        MEASURED,
        f"{saw}.",
        f"less than {STRONG:g} times.",
        f"Train without {', '.join(strengths)} first, and bring {_them(strengths)} back at a strength of about "
        f"{STRONG / 2 / total:.1g} times the present one.",
        picture="probe_training_loss",
    )


def _in_pipeline(
    losses: PipelineLoss, scale: float, accuracy_lost: float | None, otherwise_hard: bool, dropout: bool
) -> Finding | Fine:
    """Samples that are harder as fit sees them than as they were given."""
    saw = (
        f"The samples that fit sees have a loss of {number(losses.in_fit)}, the same samples as they were given "
        f"{number(losses.as_given)}"
    )
    if losses.validation is not None:
        saw += f", validation samples {number(losses.validation)}"
    if accuracy_lost is not None:
        side = "lower" if accuracy_lost >= 0 else "higher"
        saw += f"; accuracy is {abs(accuracy_lost):.2f} {side} in fit than on the samples as given"
    lost = accuracy_lost or 0.0
    harm = 0.0
    if losses.added > SPIKES * losses.jumps and (accuracy_lost is None or lost > HEALTHY / 2):
        harm = degree(max(losses.added / scale, 1e-9), HEALTHY, RUINOUS)
    if losses.added > max(HARDER * scale, MEAN_ERRORS * losses.error) and not dropout:
        # Near a constant answer the loss can hardly tell, but accuracy can.
        harm = max(harm, degree(max(lost, 1e-9), HEALTHY, RUINOUS))
    alone = losses.validation is None or losses.validation >= losses.in_fit
    if not harm or alone or otherwise_hard:
        return Fine(
            f"The loss is {number(losses.in_fit)} in fit, {number(losses.as_given)} on the same samples as given."
        )
    return Finding(
        harm,
        MEASURED,
        f"{saw}: what comes to fit is harder than the samples in `data`.",
        f"a difference of at most {number(HEALTHY * scale)}.",
        "Look at ten samples of what fit is given, halve the strength of each augmentation, and train without it "
        "first.",
        since=1,
        picture="loss",
        attempt=Try(untold="The augmentation is in what feeds fit, and a trial is fed the samples as they were given."),
    )


def _them(names: Sequence[str] | Mapping[str, float]) -> str:
    return "it" if len(names) == 1 else "them"
