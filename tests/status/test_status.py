"""Status of a run from its curve: stalled since when and where, or left alone."""

import dataclasses

import numpy as np
import pytest

from tb_diagnose.evidence import Evidence
from tb_diagnose.status import status
from tb_diagnose.status.skill import progress, with_skill


def curve(values, *, majority=0.5, classes=2, samples=2000, near=0.95, **more):
    values = np.asarray(values, float)
    facts = {
        "label_form": "binary" if classes == 2 else "integer",
        "label_counts": [round(majority * samples)] + [round((1 - majority) * samples / (classes - 1))] * (classes - 1),
        "baseline_accuracy": majority,
        "sample_count": samples,
        "neighbour_accuracy": near,
        "neighbour_skill": (near - majority) / (1 - majority),
        "neighbour_sample_count": 1000,
        **more,
    }
    epochs = np.arange(len(values) + 1)
    series = {"accuracy": np.concatenate([[np.nan], values])}
    return Evidence("run", epochs, series, facts)


def judged(evidence, alive=False):
    state = status.judge(evidence, progress(evidence), lambda _: alive)
    # As good as the inputs tell: a stall only where the labels turn out to be at fault.
    return state.otherwise if state.where == status.AT_REFERENCE else state


def noise(size, deviation=0.005):
    return np.random.default_rng(0).normal(0, deviation, size)


@pytest.mark.parametrize(
    ("evidence", "since", "where"),
    [
        (curve(0.5 + noise(10)), 1, "at the majority share"),
        (curve(0.94 + noise(10, 0.002), majority=0.94), 1, "at the majority share"),
        (curve(0.1 + noise(10), majority=0.3, classes=10), 1, "at chance"),
        (curve(np.zeros(10), majority=0.3, classes=10), 1, "at zero"),
        (curve(np.r_[0.55, 0.65, 0.7, 0.7 + noise(12)]), 3, "on a plateau"),
        (curve(np.linspace(0.5, 0.52, 10)), 1, "at the majority share"),  # crawling is stalled too
    ],
)
def test_a_stall_is_found_with_its_place_and_start(evidence, since, where):
    state = judged(evidence)
    assert (state.name, state.where) == ("stalled", where)
    assert abs(state.since - since) <= 1
    assert state.until == evidence.epochs[-1]
    assert f"since epoch {state.since}" in state.sentence


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (np.linspace(0.5, 0.8, 8), "learning"),
        (1 - 0.5 * 0.6 ** np.arange(12), "reached"),
        (np.r_[0.6, 0.8, 0.9, 0.94 + noise(10)], "reached"),  # as good as its neighbours
        (np.r_[0.5, 0.5, 0.5, 0.6, 0.72, 0.85], "learning"),  # a slow start is no stall
        ([0.5, 0.8], "learning"),
        ([0.5, 0.5], "too short to tell"),
        (np.ones(100), "reached"),
    ],
)
def test_a_healthy_curve_is_left_alone(values, name):
    assert judged(curve(values)).name == name


@pytest.mark.parametrize("epochs", [5, 8, 10, 15, 20, 40])
def test_a_steady_rise_is_learning_at_every_epoch(epochs):
    for samples in (400, 100_000):
        assert judged(curve(np.linspace(0.5, 0.9, 40)[:epochs], samples=samples)).name == "learning"


def test_four_evaluations_that_all_rise_are_no_stall():
    assert judged(curve([0.07, 0.195, 0.259, 0.261], majority=0.05)).name != "stalled"


def test_a_single_class_is_named_as_such():
    one = curve(np.ones(5), majority=0.9, baseline_accuracy=1.0, label_counts=[100, 0])
    assert "all labels are of one class" in judged(one).sentence


def test_a_plateau_at_a_noisy_ceiling_is_reached():
    assert judged(curve(np.r_[0.6, 0.7, 0.75 + noise(15)], near=0.72)).name == "reached"


def test_a_few_samples_above_the_majority_are_chance():
    samples = curve(0.995 + noise(10, 0.001), majority=0.99, samples=200, near=0.99)
    assert judged(samples).name == "stalled"


def test_dropout_is_judged_in_inference_mode():
    evidence = curve(
        np.r_[0.6, 0.7, 0.8, 0.85 + noise(8)], near=0.96, training_only=["Dropout"], probe_sample_count=500
    )
    evidence = Evidence(
        "run",
        evidence.epochs,
        {**evidence.series, "probe_accuracy": np.r_[0.5, 0.8, 0.9, np.full(9, 0.97)]},
        evidence.facts,
    )
    assert judged(evidence).name == "reached"


def with_loss(evidence, losses, baseline=0.69):
    return Evidence(
        "run",
        evidence.epochs,
        {**evidence.series, "loss": np.r_[np.nan, losses]},
        {**evidence.facts, "baseline_loss": baseline},
    )


def test_accuracy_that_waits_for_a_falling_loss_is_learning():
    plateau = curve(np.r_[0.6, 0.7, 0.7 + noise(10, 0.001)])
    assert judged(with_loss(plateau, 0.6 * 0.96 ** np.arange(12))).otherwise.name == "learning"
    assert judged(with_loss(plateau, 0.6 * 0.8 ** np.arange(12))).name == "learning"
    assert judged(with_loss(plateau, np.full(12, 0.6))).otherwise is None
    assert judged(with_loss(plateau, np.linspace(9, 3, 12))).otherwise is None  # worse than a constant answer


def test_a_falling_loss_does_not_clear_a_run_at_the_majority_share():
    assert judged(with_loss(curve(0.5 + noise(12)), np.linspace(0.6, 0.01, 12))).otherwise is None


def regression(losses, **facts):
    epochs = np.arange(len(losses) + 1)
    known = {
        "label_form": "continuous",
        "baseline_loss": 2.0,
        "probe_sample_count": 500,
        "neighbour_skill": 0.8,
        **facts,
    }
    return Evidence("run", epochs, {"probe_loss": np.r_[2.5, losses]}, known)


def test_a_regression_is_judged_against_the_best_constant_answer():
    state = judged(regression(2.0 + noise(8)))
    assert (state.name, state.where) == ("stalled", "at the best constant answer")
    assert "best constant answer (2)" in state.sentence
    assert judged(regression(2 * 0.6 ** np.arange(12))).name == "reached"


def test_soft_labels_are_judged_against_what_a_perfect_answer_costs():
    """An autoencoder with a cross-entropy cannot come below the entropy of its targets."""
    assert judged(regression(1.02 + noise(8, 0.001), perfect_loss=1.0)).name == "reached"


def test_diverged_since_the_first_epoch_that_stays_so():
    evidence = curve([0.5, 0.6, 0.5, 0.5])
    losses = np.array([np.nan, 0.7, 0.6, np.nan, np.nan])
    state = judged(Evidence("run", evidence.epochs, {**evidence.series, "loss": losses}, evidence.facts))
    assert (state.name, state.since) == ("diverged", 3)


def test_no_finished_epoch_is_crashed_unless_it_may_still_run():
    nothing = Evidence("run", np.zeros(0, int), {}, {"label_form": "binary"})
    assert judged(nothing).name == "crashed"
    assert judged(nothing, alive=True).name == "too short to tell"


def test_without_any_measure_nothing_is_said():
    assert judged(Evidence("run", np.arange(6), {}, {})).name == "not judged"


def test_labels_of_minus_one_are_not_judged_by_keras_accuracy():
    evidence = curve(np.full(6, 0.2), label_min=-1.0, probe_sample_count=500)
    evidence = Evidence(
        "run", evidence.epochs, {**evidence.series, "probe_accuracy": np.r_[0.5, np.full(6, 0.99)]}, evidence.facts
    )
    assert judged(evidence).name == "reached"


def ended(values, planned, **more):
    """A run that ended as planned, its probe samples as good as its training samples."""
    run = curve(values, planned_epochs=planned, **more)
    probe = np.concatenate([[0.5], values])
    return dataclasses.replace(run, series={**run.series, "probe_accuracy": probe, "skill": with_skill_of(run)})


def with_skill_of(evidence):
    return with_skill(evidence, progress(evidence)).series["skill"]


def test_a_run_that_ended_while_it_was_learning_is_unfinished():
    rising = np.linspace(0.52, 0.75, 6)
    assert judged(ended(rising, 6)).name == "unfinished"
    assert "when the run ended after 6 epochs" in judged(ended(rising, 6)).sentence
    assert judged(ended(rising, 20)).name == "learning"  # still running, or stopped by a callback
    assert judged(ended(np.linspace(0.7, 0.93, 6), 6)).name == "learning"  # close to what the inputs allow


def test_a_slow_run_far_below_what_the_inputs_allow_is_unfinished_only_with_a_cause():
    slow = ended(0.5 + 0.04 * np.sqrt(np.arange(1, 13)), 12, near=0.97)
    assert (judged(slow).name, judged(slow).otherwise.name) == ("unfinished", "learning")


def test_training_samples_that_are_learned_and_validation_samples_that_are_not():
    run = ended(np.r_[0.7, 0.9, np.full(8, 0.99)], 10)
    behind = {"probe_val_accuracy": np.concatenate([[0.5], np.full(10, 0.6)])}
    state = judged(dataclasses.replace(run, series={**run.series, **behind}))
    assert (state.name, state.where) == ("not generalizing", "on the validation samples")
    near = {"probe_val_accuracy": np.concatenate([[0.5], np.full(10, 0.96)])}
    assert judged(dataclasses.replace(run, series={**run.series, **near})).name == "reached"


def test_samples_of_other_shares_are_measured_from_another_constant_answer():
    """0.96 on even validation samples is no worse than 0.99 where nine of ten training samples are of one class."""
    run = ended(np.r_[0.93, 0.96, np.full(8, 0.99)], 10, majority=0.9)
    even = {"probe_val_accuracy": np.concatenate([[0.5], np.full(10, 0.96)])}
    shifted = dataclasses.replace(
        run, series={**run.series, **even}, facts={**run.facts, "validation_label_shift": 0.4}
    )
    assert judged(shifted).name == "reached"


def test_an_accuracy_of_continuous_targets_measures_nothing():
    facts = {
        "label_form": "continuous",
        "baseline_loss": 1.0,
        "probe_sample_count": 500,
        "compiled_metrics": ["accuracy"],
        "neighbour_skill": 0.9,
    }
    falling = np.concatenate([[1.2], 0.9 * 0.7 ** np.arange(12)])
    series = {"loss": falling, "probe_loss": falling, "accuracy": np.r_[np.nan, np.zeros(12)]}
    state = judged(Evidence("run", np.arange(13), series, facts))
    assert state.name == "misreported"
    assert "accuracy of 0" in state.sentence


def test_what_is_forgotten_at_the_end_of_an_epoch_was_not_learned():
    run = ended(np.full(10, 0.95), 10)
    lost = {"probe_accuracy": np.concatenate([[0.5], 0.5 + noise(10)])}
    state = judged(dataclasses.replace(run, series={**run.series, **lost}))
    assert (state.name, state.where) == ("stalled", "at the majority share")


def test_a_plateau_that_is_worse_than_a_constant_answer_where_nothing_is_known_of_the_inputs():
    facts = {"label_counts": [50, 50], "baseline_accuracy": 0.5, "baseline_loss": 0.69}
    series = {"accuracy": np.full(10, 0.9), "loss": np.full(10, 3.0), "probe_loss": np.full(10, 3.0)}
    evidence = Evidence("run", np.arange(1, 11), series, facts)
    assert status.judge(evidence, progress(evidence)).name == "stalled"


def test_a_flat_curve_is_reached_only_where_something_tells_that_there_is_no_more():
    flat = np.r_[0.6, 0.7, 0.75 + noise(15)]
    known, unknown = curve(flat, near=0.72), curve(flat)
    unknown = dataclasses.replace(
        unknown, facts={k: v for k, v in unknown.facts.items() if not k.startswith("neighbour")}
    )
    assert judged(known).name == "reached"
    assert judged(unknown).name == "levelled off"
    assert "nothing left" not in judged(unknown).sentence


@pytest.mark.parametrize(("near", "name"), [(0.99, "levelled off"), (0.6, "misreported")])
def test_copies_of_training_samples_among_the_validation_samples_clear_nothing(near, name):
    run = ended(np.r_[0.7, 0.9, np.full(8, 0.99)], 10, near=near, validation_overlap_fraction=1.0)
    copied = {"probe_val_accuracy": np.concatenate([[0.5], np.full(10, 0.99)])}
    state = judged(dataclasses.replace(run, series={**run.series, **copied}))
    assert state.name == name
    assert "100% of the validation samples are among them: nothing tells how it is on others" in state.sentence


def test_labels_that_are_all_alike_are_a_stall_at_the_labels():
    one = judged(curve(np.ones(5), majority=0.9, baseline_accuracy=1.0, label_counts=[100, 0]))
    assert (one.name, one.where) == ("stalled", "at constant labels")
    same = regression(np.zeros(6), baseline_loss=0.0, label_min=3.0, label_max=3.0)
    assert (judged(same).name, judged(same).where) == ("stalled", "at constant labels")
    assert judged(same).sentence.startswith("All targets are 3")


def bag_of_words(samples, reference, operations=("Dense", "Dense")):
    """Accuracy 1.00 on training samples and 0.79 on validation samples."""
    run = ended(
        np.r_[0.8, 0.95, np.full(8, 1.0)],
        10,
        samples=samples,
        near=0.5 + reference / 2,
        validation_reference_skill=reference,
        operations=list(operations),
        validation_sample_count=500,
    )
    behind = {"probe_val_accuracy": np.concatenate([[0.5], np.full(10, 0.79)])}
    return judged(dataclasses.replace(run, series={**run.series, **behind}))


def test_a_gap_is_excused_where_simple_methods_do_no_better_on_the_same_samples():
    excused = bag_of_words(2000, 0.58)
    assert excused.name == "reached"
    assert "accuracy is 1 on them and 0.79 on validation samples, where simple methods get" in excused.sentence
    assert bag_of_words(2000, 0.9).name == "not generalizing"  # more was to be had
    assert bag_of_words(100, 0.58).name == "not generalizing"  # they lack data as well
    assert bag_of_words(2000, 0.58, ("Embedding", "LSTM", "Dense")).name == "not generalizing"  # they see no order
    assert bag_of_words(2000, 0.58, ("Embedding", "GlobalAveragePooling1D", "Dense")).name == "reached"


def test_a_loss_on_its_way_to_the_best_constant_answer_is_unfinished():
    """35 steps in all, or 600 steps that bring the loss from 72 to 49: nothing is blocked."""
    falling = regression(np.linspace(72, 49, 12), planned_epochs=12, baseline_loss=20.0)
    state = judged(falling)
    assert (state.name, state.where) == ("unfinished", "at the best constant answer")
    assert "the loss still falls" in state.sentence
    still = dataclasses.replace(falling, facts={**falling.facts, "planned_epochs": 50})
    assert (judged(still).name, judged(still).otherwise.name) == ("stalled", "learning")
    arrived = regression(20 + 50 * 0.1 ** np.arange(12.0), planned_epochs=12, baseline_loss=20.0)
    assert judged(arrived).name == "stalled"


def test_more_epochs_are_not_advised_where_the_validation_loss_has_turned():
    from tb_diagnose.status.generalization import validation_turn

    losses = np.r_[np.nan, np.linspace(0.7, 0.3, 10)]
    turned = np.r_[np.nan, 0.6, 0.5, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9]
    run = ended(np.linspace(0.52, 0.85, 10), 10)
    assert judged(run).name == "unfinished"
    both = dataclasses.replace(run, series={**run.series, "loss": losses, "val_loss": turned})
    assert validation_turn(both.epochs, turned, losses).best == 2
    assert both.get("unfinished") is None


def test_error_bars_follow_the_size_of_the_probe_batch():
    """0.8 on 40 samples may be 0.95: no gap. On 4,000 it is one."""

    def state(probed):
        run = ended(np.full(10, 0.99), 10, probe_sample_count=probed, validation_sample_count=4000)
        behind = {"probe_val_accuracy": np.concatenate([[0.5], np.full(10, 0.85)])}
        return dataclasses.replace(run, series={**run.series, **behind}).get("validation_gap")

    assert state(20) is None
    assert state(4000) is not None
