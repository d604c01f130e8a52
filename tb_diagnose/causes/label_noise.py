"""Many labels are wrong, and set a ceiling that accuracy cannot pass without memorizing.

Where a share of the labels is wrong, a model that has learned the rule is wrong about just these. Accuracy stops at the
share of right labels, and goes on only by memorizing single samples. The gradient of the wrong labels pulls against
that of the right ones, so learning is slower too.

How it is told: samples that carry another label than the similar samples around them agree on; equal samples with
different labels; a model that is right about validation samples more often than about its own training samples.

Not this: neighbours that know nothing of the labels (their errors are their own), a few percent of wrong labels, which
every large data set has, and a model that is right more often than the ceiling allows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, Edit, Finding, Fine, Try, cause, degree
from tb_diagnose.status.skill import probe_samples, reference_skill

HEALTHY, RUINOUS = 0.1, 0.5
"""Share of wrong labels. Common benchmark sets have 3.3 % on average and up to 10 % (Northcutt et al., 2021);
half of the labels wrong is where two classes say nothing any more."""
ERRORS = 2.0
"""Standard errors by which neighbours or ridge regression must be better than chance to be judges of labels at all."""
CLEANER_ERRORS = 3.0
"""Standard errors by which validation labels must be easier to tell than training labels to be called cleaner."""
UNFAIR = 0.2
"""Distance between the label shares of training and validation from which their accuracies cannot be compared."""
REFUTED = 0.5
"""Share of the suspected labels that a model is right about in training and validation: then they are not wrong."""
UNTOUCHED = 0.2
"""Share of the harm that is left where the model has not come near the ceiling: something else holds it first."""
CONFIRMED, COUNTED, SUSPECTED = 0.9, 0.8, 0.6
"""Certainty where validation labels, which are easier to tell, confirm it; where equal samples are counted, which can
only be told apart by an input that is missing; where nothing but disagreeing neighbours speaks for it. Inputs that were
spoiled leave that trace, too."""


@dataclass(frozen=True)
class Sign:
    """One trace of wrong labels.

    Args:
        picture: Name of the evidence.
        share: Share of wrong labels that it speaks for.
        saw: What was measured.
        certainty: How sure it is.
    """

    picture: str
    share: float
    saw: str
    certainty: float


AGREEING = Try(
    "only samples whose label agrees with those around them",
    (
        Edit("training", "kept", "sample_choice.agreeing(x, y)"),
        Edit("training", "x, y", "x[kept], y[kept]"),
    ),
)


@cause(
    title="Wrong labels",
    family="data",
    fix="Look at the samples that the trained model is surest to be labelled wrongly, and correct or drop them.",
    brings_about=("overfitting", "constant_prediction"),
    sets_ceiling=True,
    sources=(
        "Northcutt, Jiang and Chuang, 'Confident Learning: Estimating Uncertainty in Dataset Labels', 2021",
        "Northcutt, Athalye and Mueller, 'Pervasive Label Errors in Test Sets', 2021: 3.3 % on average",
    ),
)
def label_noise(
    confident_error_fraction: float,
    neighbour_skill: float,
    neighbour_sample_count: int,
    ridge_skill: float | None = None,
    conflicting_sample_fraction: float | None = None,
    baseline_accuracy: float | None = None,
    final_accuracy: float | None = None,
    final_validation_accuracy: float | None = None,
    validation_sample_count: int | None = None,
    probe_sample_count: int | None = None,
    validation_probe_sample_count: int | None = None,
    validation_label_shift: float | None = None,
    validation_reference_skill: float | None = None,
) -> Answer:
    floor = min(baseline_accuracy if baseline_accuracy is not None else 0.5, 0.99)
    known = reference_skill(neighbour_skill, ridge_skill) or 0.0
    error = float(np.sqrt(floor * (1 - floor) / neighbour_sample_count)) / (1 - floor)
    better = _better_on_validation(
        final_accuracy,
        final_validation_accuracy,
        probe_samples(probe_sample_count),
        validation_probe_sample_count,
        validation_label_shift,
    )
    cleaner = better is not None or _easier_to_tell(
        validation_reference_skill, known, neighbour_sample_count, validation_sample_count
    )
    disagreement = _disagreement(confident_error_fraction, neighbour_sample_count, known > ERRORS * error, cleaner)
    signs = [disagreement, _conflicts(conflicting_sample_fraction or 0.0), better]
    strongest = max((sign for sign in signs if sign is not None), key=lambda sign: sign.share)
    saw, share = strongest.saw, strongest.share
    if known <= ERRORS * error and not share:
        return CouldNotTell(("simple methods that tell labels from these inputs",))
    if share <= HEALTHY:
        return Fine(_cleared(confident_error_fraction, neighbour_sample_count, conflicting_sample_fraction or 0.0))
    both = [level for level in (final_accuracy, final_validation_accuracy) if level is not None]
    if len(both) == 2 and min(both) > 1 - (1 - REFUTED) * share:
        return Fine(
            f"{share:.0%} of the labels look wrong, yet accuracy is {both[0]:.2f} and {both[1]:.2f} in validation."
        )
    ceiling = 1 - share
    conflicts = strongest.picture == "conflicting_sample_fraction"
    return Finding(
        degree(share, HEALTHY, RUINOUS) * (1.0 if better else _nearness(final_accuracy, floor, ceiling)),
        strongest.certainty,
        f"{saw}{'' if conflicts else f': {_limited(ceiling, final_accuracy)}'}.",
        f"less than {HEALTHY:.0%} of wrong labels; large data sets have about 3 %.",
        "Look at the samples where `model.predict(x)` is surest and `y` says otherwise, and correct or drop them; find "
        "the step that mixed the labels up.",
        picture=strongest.picture,
        limit=HEALTHY if strongest.picture == "confident_error_fraction" else None,
        # Cleaner validation labels are no part of the claim: accuracy on them may well be higher. Of conflicting labels
        # half are wrong at most, which claims no ceiling.
        ceiling=None if conflicts or cleaner or validation_reference_skill is None else ceiling,
        attempt=AGREEING,
    )


def _disagreement(errors: float, samples: int, judges: bool, cleaner: bool) -> Sign:
    """Labels other than those that neighbours or ridge regression are surest of."""
    saw = (
        f"Of {samples:,} samples looked at, {errors:.1%} of the half whose neighbours agree best on a label carry "
        "another one"
    )
    by_chance = ERRORS * float(np.sqrt(errors * (1 - errors) / (samples / 2)))
    share = errors if judges and errors - by_chance > HEALTHY else 0.0
    return Sign("confident_error_fraction", share, saw, CONFIRMED if cleaner else SUSPECTED)


def _cleared(errors: float, samples: int, conflicting: float) -> str:
    """How few labels there are that their neighbours are sure to be others, or where these know nothing, conflict."""
    if errors > HEALTHY:
        return f"{conflicting:.1%} of the samples have an input that occurs with another label too."
    if not errors:
        return f"No label that is easy to tell disagrees with its nearest samples ({samples:,} checked)."
    return f"{errors:.1%} of the labels that are easiest to tell disagree with their nearest samples."


def _conflicts(conflicting: float) -> Sign:
    """Equal samples with different labels: one of each two is wrong."""
    saw = f"{conflicting:.1%} of the samples have an input that occurs with another label too"
    return Sign("conflicting_sample_fraction", conflicting / 2, saw, COUNTED)


def _better_on_validation(
    training: float | None, validation: float | None, probed: int, samples: int | None, shift: float | None
) -> Sign | None:
    """A model that is better on validation samples than on training samples; None within chance.

    Only wrong training labels, or easier validation samples, do that.
    """
    if training is None or validation is None or shift is None or shift >= UNFAIR:
        return None
    error = float(np.sqrt(training * (1 - training) / probed + validation * (1 - validation) / (samples or probed)))
    if validation - training <= max(CLEANER_ERRORS * error, HEALTHY):
        return None
    saw = (
        f"The model is right about {validation:.1%} of the validation samples and only {training:.1%} of the training "
        "samples"
    )
    return Sign("probe_val_accuracy", validation - training, saw, CONFIRMED)


def _easier_to_tell(on_validation: float | None, among: float, samples: int, validation_samples: int | None) -> bool:
    """Whether simple methods tell the labels of validation samples better than those of other training samples."""
    if on_validation is None:
        return False
    return on_validation - among > CLEANER_ERRORS * float(np.sqrt(1 / samples + 1 / (validation_samples or 100)))


def _nearness(accuracy: float | None, floor: float, ceiling: float) -> float:
    """How near the run has come to the ceiling, from `UNTOUCHED` to 1."""
    if accuracy is None:
        return 1.0
    return float(np.clip((accuracy - floor) / max(ceiling - floor, 0.05), UNTOUCHED, 1))


def _limited(ceiling: float, accuracy: float | None) -> str:
    claim = f"without memorizing, accuracy on such labels ends at about {ceiling:.2f}"
    if accuracy is None:
        return claim
    return f"{claim}; it is {accuracy:.2f} on the training samples" + (
        ", some of which must be memorized" if accuracy > ceiling + HEALTHY / 2 else ""
    )
