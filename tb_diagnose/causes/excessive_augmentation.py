"""Augmentation turns, moves, crops or blurs the samples beyond recognition.

Augmentation stands in for samples that are missing, as long as a person would still give the augmented row its label.
Beyond that the model is asked for labels that cannot be seen any more: training loss stays high, training
accuracy low, and validation, which is not augmented, is better than training.

How it is told: the loss of the same samples with augmentation on and off; where nothing is learned either way, the
settings of the layers; for augmentation in the input pipeline, the loss that fit reports against that of the samples as
they were given.

Not this: light augmentation, and Dropout, which raises the loss in training as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Finding, Fine, cause, degree, number

HEALTHY, RUINOUS = 0.15, 0.6
"""Loss that augmentation adds, as a share of the way from the best constant answer to a perfect one. In the demo
setups noise of 0.3 times the spread of the inputs adds 0.04 to 0.1 and leaves accuracy alone; noise of their spread
adds 0.15 to 0.3."""
LIGHT = {
    "RandomRotation": 0.1,
    "RandomTranslation": 0.15,
    "RandomZoom": 0.2,
    "RandomShear": 0.15,
    "RandomContrast": 0.3,
    "RandomBrightness": 0.3,
}
"""Settings that leave a picture what it is: 36 degrees (as in Keras's image classification example), a seventh of
its side, a fifth of its size."""
LIGHT_NOISE = 0.3
"""Deviation of GaussianNoise as a share of the spread of the inputs: a tenth of their power."""
STRONG, TOO_STRONG = 2.0, 6.0
"""Settings of all layers over the light ones, as the root of the sum of their squares: three light layers have 1.7."""
UNLEARNED = 0.2
"""Way to a perfect answer on samples as they are, below which the two losses have nothing to differ by."""
SPIKES = 1.0
"""The gap in units of the spread of the single batches' losses: below, the mean is made of a few large ones."""
HARDER, MEAN_ERRORS = 0.02, 3.0
"""Loss added, as a share of that way and in standard errors of an epoch's mean, from which on lower accuracy in fit
is taken for harder samples: a metric that counts otherwise leaves the loss alone."""
SMALL_BATCH = 16
"""Samples a step below which batch statistics differ enough to raise the loss in training."""
STRONG_DROPOUT = 0.6
SORTED = 0.5
"""Runs of equal labels over those of a random order below which samples are in an order of their own."""
LAST = 3
MARKS = (
    "Random",
    "GaussianNoise",
    "MixUp",
    "CutMix",
    "AugMix",
    "AutoContrast",
    "Solarization",
    "Equalization",
    "MaxNumBoundingBoxes",
)


@cause(
    title="Excessive augmentation",
    family="data",
    fix="Halve the strength of each augmentation, and look at ten augmented samples: can a person still tell their labels?",
    brings_about=(
        "constant_prediction",
        "insufficient_capacity",
        "vanishing_gradients",
        "dead_relu",
        "saturated_activations",
    ),
    looks_like=("too_few_epochs", "learning_rate_too_high", "batch_size_too_small"),
    sources=(
        "Shorten and Khoshgoftaar, 'A survey on Image Data Augmentation for Deep Learning', 2019, on label-preserving "
        "transformations",
        "https://keras.io/guides/preprocessing_layers/",
    ),
)
def excessive_augmentation(
    operations: list[str],
    probe_training_loss: np.ndarray,
    probe_loss: np.ndarray,
    baseline_loss: float,
    epochs: np.ndarray,
    perfect_loss: float | None = None,
    loss: np.ndarray | None = None,
    penalty: np.ndarray | None = None,
    val_loss: np.ndarray | None = None,
    accuracy: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
    step_loss_std: np.ndarray | None = None,
    batch_size: float | None = None,
    steps_per_epoch: float | None = None,
    dropout_rates: list[float] | None = None,
    model: dict[str, Any] | None = None,
    input_std: list[float] | None = None,
    label_run_ratio: float | None = None,
) -> Answer:
    scale = baseline_loss - (perfect_loss or 0.0)
    if scale <= 0:
        return Fine(f"A constant answer has a loss of {number(baseline_loss)} already: nothing to compare with.")
    layers = sorted({name for name in operations if any(mark in name for mark in MARKS)})
    if layers:
        wrong = (
            _level(_during(probe_accuracy), epochs) - _level(accuracy, epochs)
            if accuracy is not None and probe_accuracy is not None
            else 0.0
        )
        measured = _by_layers(
            layers, probe_training_loss, probe_loss, scale, epochs, max(dropout_rates or [0.0]), wrong
        )
        learned = (baseline_loss - _level(probe_loss, epochs)) / scale
        set_to = _by_settings(model or {}, input_std or [1.0]) if not learned >= UNLEARNED else measured
        return max(measured, set_to, key=lambda finding: finding.weight)
    training = _level(_during(probe_training_loss), epochs)
    given = _level(loss, epochs) if loss is not None else np.nan
    theirs = _level(val_loss, epochs) if val_loss is not None else np.nan
    added = given - training - (max(_level(penalty, epochs), 0.0) if penalty is not None else 0.0)
    if not np.isfinite(added):
        return Fine("No layer of 0 augments, and fit reports no loss to compare with.")
    saw = (
        f"The samples that fit sees have a loss of {number(given)}, the same samples as they were given {number(training)}, "
        f"validation samples {number(theirs)}"
    )
    jumps = float(np.nan_to_num(_level(step_loss_std, epochs))) if step_loss_std is not None else 0.0
    alone = np.isnan(theirs) or theirs >= given
    small = "BatchNormalization" in operations and (batch_size or SMALL_BATCH) < SMALL_BATCH
    found, wrong = 0.0, 0.0
    if accuracy is not None and probe_accuracy is not None:
        right = _level(_during(probe_accuracy), epochs)
        wrong = right - _level(accuracy, epochs)
        saw += f"; accuracy is {_level(accuracy, epochs):.2f} in fit and {right:.2f} on the samples as given"
    if added > SPIKES * jumps and (accuracy is None or wrong > HEALTHY / 2):
        found = degree(max(added / scale, 1e-9), HEALTHY, RUINOUS)
    dropped = any("Dropout" in name for name in operations)
    if added > max(HARDER * scale, MEAN_ERRORS * jumps / np.sqrt(steps_per_epoch or 100.0)) and not dropped:
        # Near a constant answer the loss can hardly tell, but accuracy can.
        found = max(found, degree(max(wrong, 1e-9), HEALTHY, RUINOUS))
    in_order = label_run_ratio is not None and label_run_ratio < SORTED
    if not found or alone or small or in_order:  # batches of few labels are hard as well
        return Fine(f"{saw}.")
    return Finding(
        found,
        0.8,
        f"{saw}: what comes to fit is harder than the samples in `data`.",
        f"a difference of at most {number(HEALTHY * scale)}.",
        "Look at ten samples of what fit is given, halve the strength of each augmentation, and train without it first.",
        since=1,
        picture="loss",
    )


def _by_layers(
    layers: list[str],
    training: np.ndarray,
    raw: np.ndarray,
    scale: float,
    epochs: np.ndarray,
    dropout: float,
    wrong: float,
) -> Answer:
    gaps = (training - raw) / scale
    # Where augmentation leaves nothing to learn, both losses end at the constant answer: then it shows in the untrained model.
    first = float(gaps[0]) if epochs[0] == 0 and np.isfinite(gaps[0]) else 0.0
    last = _level(gaps, epochs)
    last = last if np.isfinite(last) else 0.0
    at = 0 if first > last else len(gaps) - 1
    when = "before training" if at == 0 else f"after epoch {int(epochs[at])}"
    saw = (
        f"{when[0].upper()}{when[1:]} the probe samples have a loss of {number(float(raw[at]))} as they are and of "
        f"{number(float(training[at]))} behind {', '.join(layers)}"
    )
    found = degree(max(first, last, 1e-9), HEALTHY, RUINOUS)
    if wrong > HEALTHY:
        found = max(found, degree(wrong, HEALTHY, RUINOUS))
        saw += f"; {wrong:.0%} fewer of them are right"
    if not found:
        return Fine(f"{saw}.")
    if dropout >= STRONG_DROPOUT:
        found /= 2
        saw += f" and Dropout of {dropout:g}"
    return Finding(
        found,
        0.8,
        f"{saw}.",
        f"at most {number(HEALTHY * scale)} more.",
        f"Halve the strength of {', '.join(layers)}, and train without "
        f"{'it' if len(layers) == 1 else 'them'} for one epoch to see what is lost.",
        picture="probe_training_loss",
    )


def _by_settings(model: dict[str, Any], input_std: list[float]) -> Answer:
    spread = float(np.sqrt(np.mean(np.square(input_std)))) or 1.0
    strengths: dict[str, float] = {}
    for name, config in _walk(model):
        if name == "GaussianNoise":
            ratio = float(config.get("stddev") or 0.0) / (LIGHT_NOISE * spread)
        elif name in LIGHT:
            found = [
                np.abs(value).max() for key, value in config.items() if key.endswith("factor") and value is not None
            ]
            ratio = float(max(found, default=0.0)) / LIGHT[name]
        else:
            continue
        strengths[name] = float(np.hypot(strengths.get(name, 0.0), ratio))
    total = float(np.sqrt(sum(ratio**2 for ratio in strengths.values())))
    each = ", ".join(f"{name} {ratio:.2g}" for name, ratio in strengths.items())
    saw = f"Augmentation is {total:.2g} times as strong as what is light ({each}), and samples as they are were not learned"
    found = degree(max(total, 1e-9), STRONG, TOO_STRONG)
    if not found:
        return Fine(f"{saw}.")
    return Finding(
        found,
        0.8,
        f"{saw}.",
        f"less than {STRONG:g} times.",
        f"Train without {', '.join(strengths)} first, and bring {'it' if len(strengths) == 1 else 'them'} back at a "
        f"{2 * np.ceil(total / 2):.0f}th of the strength.",
        picture="probe_training_loss",
    )


def _walk(model: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Class names and settings of all layers of a serialized model."""
    for layer in (model.get("config") or {}).get("layers", []):
        config = layer.get("config") or {}
        yield layer.get("class_name", ""), config
        yield from _walk(layer) if "layers" in config else ()


def _during(values: np.ndarray) -> np.ndarray:
    """Means of the measurements before and after each epoch: what fit reports is a mean over an epoch, too."""
    before = np.append(np.nan, values[:-1])
    return np.where(np.isfinite(before), (before + values) / 2, values)


def _level(values: np.ndarray, epochs: np.ndarray) -> float:
    """Mean of the last epochs that were measured, the state before training left out; NaN where there are none."""
    known = values[(epochs > 0) & np.isfinite(values)][-LAST:]
    return float(known.mean()) if len(known) else float("nan")
