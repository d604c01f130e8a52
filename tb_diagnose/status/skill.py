"""The curve that a run is judged by, on one scale: skill.

Skill is 0 for the best constant answer (the majority class, the mean of the targets) and 1 for a perfect one. So
"0.94 accuracy" on 94 % zeros counts as nothing learned, and a regression is measured like a classification.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence import Evidence
from tb_diagnose.evidence.keras_config import REGRESSION_LOSSES

FORGOTTEN = 0.05
"""Accuracy over an epoch above that on the probe samples at its end, in each of the last epochs: usually it is
below."""
LAST = 3
"""Epochs at the end that a level is the mean of: single ones are noisy."""
FINISHED = 0.9
"""Share of what the inputs allow from which a run has done its work: more epochs are polish."""
LEARNED = 0.2
"""Skill that no untrained model shows: a fifth of the way from the best constant answer to a perfect one."""
FAR = 0.2
"""Skill below what the inputs allow that no healthy run of the demo setups ends with: on a plateau there, something is
wrong even if nobody can say what."""
ALIKE = 0.1
"""Distance between the label shares of training and validation up to which a constant answer is as good on both."""
SHORT = 0.08
"""Skill below what the inputs allow that is not worth a diagnosis: healthy nets of the demo setups end up to 0.05 below
the best simple method (a small CNN at 0.94 of the digits that ridge regression on patches tells to 0.99)."""
SIGNIFICANT = 2.5
"""Standard errors by which a gap or a gain must exceed zero: chance does so in 1 of 160 runs."""
MEMORIZED = 0.97
"""Training skill from which little is left to learn that could help the validation samples."""
WORTHWHILE = 0.1
"""Gain of skill for which it is worth to train as long again: a tenth of the way to a perfect answer."""
AREA = 0.5
"""Area under a curve of a random order."""
UNKNOWN_SAMPLES = 1000
"""Samples that a figure of a log is taken to be measured on where nothing tells."""
PROBE_SAMPLES = 512
"""Samples that a figure is taken to be measured on where a log does not tell: the recorder's default."""


@dataclass(frozen=True)
class Progress:
    """The curve that is judged.

    Args:
        name: Series it was taken from.
        epochs: Finished epochs, shape `(epoch,)`.
        values: Accuracy or loss, shape `(epoch,)`.
        skill: The same from 0 (best constant answer) to 1 (perfect), shape `(epoch,)`.
        samples: Samples that a value was measured on.
        baseline: Value of the best constant answer, None when unknown.
        floor: Accuracy that counts as skill 0; None for a loss.
        reference: Skill that the inputs allow as far as known, from neighbours and ridge regression; None when unknown.
        reference_samples: Samples that it was measured on.
        chance: Accuracy of a uniform guess, NaN where the number of classes is not known, None for a regression.
        inference: Skill on the probe samples in inference mode at the end: it can be well above what Keras reports, a
            mean over an epoch and, with Dropout and the like, of training mode.
        validation: Skill on validation samples at the end; None where they are of another kind than the training
            samples.
        validation_samples: Samples that it was measured on.
        called: What it is called at the beginning of a sentence.
    """

    name: str
    epochs: np.ndarray
    values: np.ndarray
    skill: np.ndarray
    samples: int
    baseline: float | None
    floor: float | None
    reference: float | None
    reference_samples: int
    chance: float | None
    inference: float | None = None
    validation: float | None = None
    validation_samples: int = 0
    called: str = "Accuracy"

    def error_at(self, skill: float, samples: int | None = None) -> float:
        """Standard error of a skill from the number of samples, this curve's own if none are given."""
        samples = samples or self.samples
        if self.floor is None:
            # A mean of squared normal errors has a relative standard error of sqrt(2 / samples).
            return float((1 - min(skill, 1.0)) * np.sqrt(2 / samples))
        return standard_error(float(np.clip(self.floor + skill * (1 - self.floor), 0, 1)), samples) / (1 - self.floor)

    @property
    def error(self) -> float:
        """Standard error of the skill of a constant answer."""
        return self.error_at(0.0)

    def margin(self, level: float, samples: int | None = None, errors: float = 2.0) -> float:
        """What chance may put between a level and the reference: some standard errors of their difference."""
        if self.reference is None:
            return float("nan")
        return errors * float(
            np.hypot(self.error_at(level, samples), self.error_at(self.reference, self.reference_samples))
        )


VALIDATION = {"probe_accuracy": "probe_val_accuracy", "probe_loss": "probe_val_loss"}
"""The validation curve of a curve; of others it is called `val_` and the curve's name."""


def beside(name: str, evidence: Evidence) -> np.ndarray | None:
    """The validation curve that is drawn beside a curve; None where there is none."""
    values: np.ndarray | None = evidence.get(VALIDATION.get(name, f"val_{name}"))
    return values


def progress(evidence: Evidence) -> Progress | None:
    """The curve to judge a run by; None when neither accuracy nor a comparable loss was logged."""
    finished = evidence.epochs > 0
    if not finished.any():
        return None
    form = evidence.get("label_form")
    regression = form is None and (evidence.get("loss_function") or {}).get("name") in REGRESSION_LOSSES
    if form != "continuous" and not regression:
        for name, samples in (
            ("accuracy", "sample_count"),
            ("probe_accuracy", "probe_sample_count"),
            ("val_accuracy", "validation_sample_count"),
        ):
            values = evidence.get(name)
            if values is not None and not (name == "accuracy" and (_misleading(evidence) or _forgets(evidence))):
                return _accuracy_progress(evidence, name, values, finished, evidence.get(samples))
    baseline, perfect = evidence.get("baseline_loss"), evidence.get("perfect_loss") or 0.0
    for name in ("probe_loss", "loss"):
        values = evidence.get(name)
        if values is not None and baseline is not None and baseline > perfect:
            skill = (baseline - values) / (baseline - perfect)
            probed = probe_samples(evidence.get("probe_sample_count"))
            return Progress(
                name,
                evidence.epochs[finished],
                values[finished],
                np.maximum(skill[finished], -1.0),
                probed,
                baseline,
                None,
                _loss_reference(evidence),
                evidence.get("neighbour_sample_count") or probed,
                None,
                called="The loss",
            )
    return _score_progress(evidence, finished)


def _loss_reference(evidence: Evidence) -> float | None:
    """What the inputs allow of a regression; None of an autoencoder, whose inputs are the answer."""
    if evidence.get("labels_are_inputs"):
        return None
    skills = evidence.get("neighbour_skill"), evidence.get("ridge_skill")
    return reference_skill(*skills, evidence.get("loss_function"))


def reference_skill(
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    loss_function: dict[str, Any] | None = None,
) -> float | None:
    """What the inputs allow as far as known: the better of nearest neighbours and ridge regression.

    Args:
        neighbour_skill: Of nearest neighbours, R^2 for continuous targets.
        ridge_skill: Of ridge regression.
        loss_function: That the skill of a regression is taken from. A mean absolute error falls with the root of a mean
            square, so a model that explains 96 % of the variance has a skill of 0.8 only.
    """
    known = [value for value in (neighbour_skill, ridge_skill) if value is not None and np.isfinite(value)]
    if not known:
        return None
    absolute = (loss_function or {}).get("name") == "mean_absolute_error"
    return float(1 - np.sqrt(max(1 - max(known), 0.0)) if absolute else max(known))


def _misleading(evidence: Evidence) -> bool:
    """Keras's accuracy measures something else than the share of right answers, which the probe samples tell."""
    if evidence.get("probe_accuracy") is None:
        return False
    if (evidence.get("label_min") or 0) < 0 or evidence.get("misreport") is not None:
        return True  # of labels -1 and 1 Keras's threshold of 0.5 is the wrong one
    logits = (evidence.get("loss_function") or {}).get("from_logits")
    single = (evidence.get("output") or {}).get("units") == 1
    return bool(logits and single and "accuracy" in (evidence.get("compiled_metrics") or []))  # so it is for logits


def _forgets(evidence: Evidence) -> bool:
    """What fit sees during an epoch is lost at its end: samples in order, or batch statistics that no longer hold."""
    reported, probed = evidence.get("accuracy"), evidence.get("probe_accuracy")
    if reported is None or probed is None or np.count_nonzero(evidence.epochs > 0) < LAST or _statistics_lag(evidence):
        return False
    return bool((reported[-LAST:] - probed[-LAST:] > FORGOTTEN).all())


def _statistics_lag(evidence: Evidence) -> bool:
    """What fit sees is so in training mode, at the end of the epoch as well: only moving statistics lag behind."""
    modes, moving = evidence.get("modes_disagreement"), evidence.get("moving_statistics")
    if modes is None or moving is None or evidence.get("training_disagreement") is not None:
        return False
    return bool(modes.better_in_training and moving.lag)


def _accuracy_progress(
    evidence: Evidence, name: str, values: np.ndarray, finished: np.ndarray, samples: int | None
) -> Progress:
    counts = evidence.get("label_counts")
    units = (evidence.get("output") or {}).get("units")
    classes = len(counts) if counts else units
    chance = float("nan") if classes is None else 1 / max(classes, 2)
    if evidence.get("label_form") == "multi_label":
        chance = 0.5
    baseline = evidence.get("baseline_accuracy")
    floor = baseline if baseline is not None else chance
    guess = evidence.get("guess") if np.isnan(floor) else None
    if guess is not None:
        floor = guess.share
        chance = guess.share if guess.is_known(values[finished]) else chance
    floor = min(floor, 0.999)
    samples = samples or UNKNOWN_SAMPLES
    probe = evidence.get("probe_accuracy")
    return Progress(
        name,
        evidence.epochs[finished],
        values[finished],
        (values[finished] - floor) / (1 - floor),
        samples,
        baseline,
        floor,
        reference_skill(evidence.get("neighbour_skill"), evidence.get("ridge_skill")),
        evidence.get("neighbour_sample_count") or UNKNOWN_SAMPLES,
        chance,
        None if probe is None else float((_end(probe[finished]) - floor) / (1 - floor)),
        *_validation(evidence, finished, floor),
        called="Validation accuracy" if name == "val_accuracy" else "Accuracy",
    )


def _score_progress(evidence: Evidence, finished: np.ndarray) -> Progress | None:
    """A score between 0 and 1 that is no accuracy, of logs that hold none."""
    name = next((name for name in ("score", "val_score") if evidence.get(name) is not None), None)
    if name is None:
        return None
    values, tag = evidence.get(name), str(evidence.get("score_name"))
    floor = AREA if "auc" in tag.lower() or "roc" in tag.lower() else 0.0
    return Progress(
        name,
        evidence.epochs[finished],
        values[finished],
        (values[finished] - floor) / (1 - floor),
        UNKNOWN_SAMPLES,
        None,
        floor,
        None,
        UNKNOWN_SAMPLES,
        float("nan"),
        called=f"The score `{tag}`",
    )


def _validation(evidence: Evidence, finished: np.ndarray, floor: float) -> tuple[float | None, int]:
    """Skill on the validation samples at the end, and how many they are."""
    values, shift = evidence.get("probe_val_accuracy"), evidence.get("validation_label_shift")
    if values is None or shift is None or shift > ALIKE:
        return None, 0
    samples = validation_probe_samples(
        evidence.get("validation_sample_count"), evidence.get("probe_sample_count"), evidence.get("sample_count")
    )
    return float((_end(values[finished]) - floor) / (1 - floor)), samples


def _end(values: np.ndarray) -> float:
    """Level at the end: the mean of the last few finite values, of fewer where there are not many; NaN of none."""
    finite = values[np.isfinite(values)]
    return float(finite[-min(LAST, max(len(values) // LAST, 1)) :].mean()) if len(finite) else float("nan")


def standard_error(share: float, samples: int) -> float:
    """Standard error of a share of `samples`, at least that of a single sample."""
    return float(np.sqrt(max(share * (1 - share), 1 / samples) / samples))


def probe_samples(probe_sample_count: int | None) -> int:
    """Samples that the figures of the probe batch are taken from."""
    return int(probe_sample_count or PROBE_SAMPLES)


def validation_probe_samples(
    validation_sample_count: int | None, probe_sample_count: int | None, sample_count: int | None = None
) -> int:
    """Samples that the figures of the validation probe batch are taken from.

    Both probe batches have the same limit. Where the training probe holds all training samples, the limit is above
    that.

    Args:
        validation_sample_count: Validation samples that were given.
        probe_sample_count: Samples of the training probe batch.
        sample_count: Training samples that were given.
    """
    probed = probe_samples(probe_sample_count)
    limit = max(probed, PROBE_SAMPLES) if sample_count is not None and probed >= sample_count else probed
    return min(int(validation_sample_count), limit) if validation_sample_count else limit


def with_skill(evidence: Evidence, curve: Progress | None) -> Evidence:
    """The evidence with the series `skill` added, NaN for epoch 0."""
    if curve is None:
        return evidence
    skill = np.full(len(evidence.epochs), np.nan)
    skill[evidence.epochs > 0] = curve.skill
    return dataclasses.replace(evidence, series={**evidence.series, "skill": skill})


def probe_skill(
    probe_accuracy: np.ndarray | None = None,
    baseline_accuracy: float | None = None,
    probe_loss: np.ndarray | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
) -> np.ndarray | None:
    """Skill on probe samples, shape `(epoch,)`: from their accuracy, or from their loss where there are no classes."""
    if probe_accuracy is not None and baseline_accuracy is not None and np.isfinite(probe_accuracy).any():
        floor = min(baseline_accuracy, 0.999)
        return (np.asarray(probe_accuracy, float) - floor) / (1 - floor)
    perfect = perfect_loss or 0.0
    if probe_loss is not None and baseline_loss is not None and baseline_loss > perfect:
        return (baseline_loss - np.asarray(probe_loss, float)) / (baseline_loss - perfect)
    return None
