"""Figures of the same samples that differ: which count, which have a healthy reason, and what is said of them."""

import numpy as np
import pytest

from tb_diagnose.diagnosis.engine import judge
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.disagreement import disagreements
from tb_diagnose.status.moving_statistics import KEPT

EPOCHS = np.arange(6)
LEARNED = np.array([0.1, 0.7, 0.9, 0.97, 0.99, 1.0])
FACTS = dict(
    label_form="integer",
    label_counts=[20] * 10,
    label_shape=[],
    compiled_metrics=["accuracy"],
    output={"name": "out", "units": 10, "activation": "softmax"},
    loss_function={"name": "sparse_categorical_crossentropy", "from_logits": False, "custom": False},
    baseline_accuracy=0.1,
    baseline_loss=2.3,
    perfect_loss=0.0,
    sample_count=200,
    probe_sample_count=200,
    validation_sample_count=200,
    validation_label_shift=0.0,
    planned_epochs=5,
    training_only=[],
    layers=[{"name": "out", "class": "Dense", "units": 10, "activation": "softmax"}],
)
NORMALIZED = dict(
    FACTS,
    training_only=["BatchNormalization"],
    layers=[{"name": "normalized", "class": "BatchNormalization", "momentum": 0.99, "trainable": True}],
)


def evidence(facts=FACTS, **series):
    given = dict(
        probe_accuracy=LEARNED,
        probe_loss=2.3 * (1 - LEARNED),
        accuracy=np.append(np.nan, LEARNED[1:]),
        loss=np.append(np.nan, 2.3 * (1 - LEARNED[1:])),
        probe_val_accuracy=LEARNED,
        probe_val_loss=2.3 * (1 - LEARNED),
        val_accuracy=np.append(np.nan, LEARNED[1:]),
        val_loss=np.append(np.nan, 2.3 * (1 - LEARNED[1:])),
    )
    return Evidence("run", EPOCHS, {name: np.array(v, float) for name, v in (given | series).items()}, dict(facts))


def modes(in_inference, in_training=LEARNED, facts=NORMALIZED, iterations=8, **series):
    """A run whose figures of the probe batch differ between the modes; validation goes with inference mode."""
    in_inference = np.array(in_inference, float)
    shown = dict(
        probe_accuracy=in_inference,
        probe_loss=2.3 * (1 - in_inference),
        probe_val_accuracy=in_inference,
        probe_val_loss=2.3 * (1 - in_inference),
        val_accuracy=np.append(np.nan, in_inference[1:]),
        val_loss=np.append(np.nan, 2.3 * (1 - in_inference[1:])),
        accuracy=np.append(np.nan, np.array(in_training, float)[1:]),
        probe_training_accuracy=in_training,
        probe_training_loss=2.3 * (1 - np.array(in_training, float)),
        iterations=iterations * EPOCHS,
        moving_statistics_update_ratio=np.append(np.nan, np.ones(5))[:, None],
        moving_statistics_error_ratio=np.full((6, 1), 2.0),
    )
    return evidence(facts, **(shown | series))


STUCK = [0.1, 0.1, 0.12, 0.1, 0.1, 0.11]


def test_figures_that_agree_are_no_disagreement():
    assert disagreements(evidence()) == ()
    assert judge(evidence()).status.name == "reached"


def test_nothing_is_reached_beside_a_validation_accuracy_that_fit_reports_otherwise():
    reported = np.append(np.nan, np.full(5, 0.37))
    run = evidence(val_accuracy=reported, val_loss=np.append(np.nan, np.full(5, 4.0)))
    (apart,) = disagreements(run)
    assert (apart.pair, apart.what, apart.one, apart.other, apart.since) == ("validation", "accuracy", 0.37, 1.0, 1)
    found = judge(run)
    assert found.status.name == "misreported" and "nothing" not in found.headline
    assert "0.37" in found.headline and not found.probable_causes


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_few_epochs_must_differ_by_more(epochs):
    def run(shown):
        series = evidence(val_accuracy=np.append(np.nan, np.full(5, shown)), val_loss=np.full(6, np.nan)).series
        return Evidence("run", EPOCHS[: epochs + 1], {k: v[-epochs - 1 :].copy() for k, v in series.items()}, FACTS)

    assert [each.pair for each in disagreements(run(0.3))] == ["validation"]
    assert not disagreements(run(0.95))


def test_a_validation_figure_within_its_error_agrees():
    few = {**FACTS, "validation_sample_count": 20}
    assert not disagreements(evidence(few, val_accuracy=np.append(np.nan, LEARNED[1:] - 0.06)))
    assert disagreements(evidence(FACTS, val_accuracy=np.append(np.nan, LEARNED[1:] - 0.1)))


def test_a_single_epoch_that_differs_is_none():
    shown = np.append(np.nan, LEARNED[1:])
    shown[4] = 0.3
    assert not disagreements(evidence(val_accuracy=shown))


def test_training_figures_above_the_samples_of_data_are_said():
    low = np.full(6, 0.3)
    memorized = evidence(
        accuracy=np.append(np.nan, np.ones(5)), probe_accuracy=low, probe_val_accuracy=low, val_accuracy=low
    )
    assert [each.pair for each in disagreements(memorized)] == ["training"]
    assert "fit reports an accuracy of 1, and samples of `data` have 0.3" in judge(memorized).headline


def test_a_mean_over_an_epoch_in_which_the_model_learns_is_healthy():
    late = [0.1, 0.1, 0.1, 0.3, 0.6, 0.9]
    over_the_epoch = [np.nan, 0.1, 0.1, 0.2, 0.45, 0.75]
    assert not disagreements(evidence(accuracy=over_the_epoch, probe_accuracy=late))


def test_augmentation_makes_training_figures_lower_and_is_healthy():
    run = evidence(accuracy=np.append(np.nan, LEARNED[1:] - 0.3))
    assert run.get("training_disagreement").excuse and not disagreements(run)


def test_dropout_makes_training_mode_worse_and_is_healthy():
    facts = {**FACTS, "training_only": ["Dropout"]}
    dropped = LEARNED - 0.3
    run = modes(LEARNED, dropped, facts)
    assert run.get("modes_disagreement").excuse == "Dropout in training" and not disagreements(run)
    assert judge(run).status.name == "reached"


def test_moving_statistics_that_lag_at_the_end_are_the_cause():
    run = modes(STUCK)
    assert run.get("moving_statistics").kept == pytest.approx(0.99**40)
    found = judge(run)
    assert found.status.name == "misreported"
    assert [named.cause.id for named in found.probable_causes] == ["batch_statistics"]
    assert "1 in training mode and 0.11 in inference mode" in found.headline


def test_moving_statistics_that_will_catch_up_are_not():
    run = modes(STUCK, facts={**NORMALIZED, "planned_epochs": 50})
    assert run.get("modes_disagreement").excuse and run.get("moving_statistics").catch_up
    found = judge(run)
    assert not found.probable_causes and found.status.name in ("learning", "too short to tell")


def test_modes_that_differ_with_statistics_that_caught_up_are_said_and_not_explained():
    run = modes(STUCK, iterations=200)
    assert run.get("moving_statistics").kept < KEPT
    found = judge(run)
    assert "batch_statistics" not in [named.cause.id for named in found.probable_causes]
    assert found.status.name not in ("reached", "learning")
    assert "1 in training mode and 0.11 in inference mode" in found.headline


def test_a_small_difference_of_accuracy_counts_beside_one_of_the_loss():
    near = LEARNED - 0.08
    assert not disagreements(modes(near))
    lost = modes(near, probe_loss=np.full(6, 0.9))
    assert [each.pair for each in disagreements(lost)] == ["modes"]


def test_places_that_a_mask_leaves_out_are_not_compared():
    masked = {"class_name": "Sequential", "config": {"layers": [{"class_name": "Masking", "config": {}}]}}
    apart = dict(val_accuracy=np.append(np.nan, np.full(5, 0.37)), val_loss=np.full(6, np.nan))
    assert not disagreements(evidence({**FACTS, "label_shape": [12], "model": masked}, **apart))
    assert disagreements(evidence({**FACTS, "label_shape": [1], "model": masked}, **apart))


def test_a_loss_of_continuous_targets_is_compared():
    facts = {**NORMALIZED, "label_form": "continuous", "baseline_loss": 1.0, "compiled_metrics": ["mae"]}
    nothing = np.full(6, np.nan)
    run = modes(
        nothing,
        nothing,
        facts,
        probe_training_loss=[1.0, 0.3, 0.2, 0.1, 0.1, 0.1],
        probe_loss=[1.0, 1.5, 1.3, 1.2, 1.1, 1.0],
        loss=[np.nan, 0.5, 0.3, 0.2, 0.1, 0.1],
        probe_val_loss=np.ones(6),
        val_loss=np.ones(6),
    )
    (apart,) = disagreements(run)
    assert (apart.pair, apart.what, apart.one, apart.other) == ("modes", "loss", 0.1, 1.0)
    found = judge(run)
    assert [named.cause.id for named in found.probable_causes] == ["batch_statistics"], found.headline
