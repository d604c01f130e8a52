"""Curves that were read wrongly once: each with what is to be said of it."""

import numpy as np

from tb_diagnose.diagnosis.engine import judge
from tb_diagnose.evidence import Evidence
from tb_diagnose.recorder.data import DATASET_SAMPLES
from tb_diagnose.status.status import READ_AHEAD

BALANCED = {
    "label_form": "integer",
    "label_counts": [500, 500],
    "baseline_accuracy": 0.5,
    "sample_count": 1000,
    "probe_sample_count": 512,
    "planned_epochs": 20,
}
SQUARES = {
    "label_form": "continuous",
    "baseline_loss": 1.0,
    "sample_count": 1000,
    "planned_epochs": 20,
    "loss_function": {"name": "mean_squared_error"},
}


def diagnosis(series, facts=BALANCED, **more):
    arrays = {name: np.array(values, float) for name, values in series.items()}
    epochs = np.arange(1, len(next(iter(arrays.values()))) + 1)
    return judge(Evidence("run", epochs, arrays, {**facts, **more}))


def line(*points):
    """Values on straight lines through `(epoch, value)`, from epoch 1 on."""
    epochs, values = zip(*points, strict=True)
    return np.interp(np.arange(1, epochs[-1] + 1), epochs, values)


def test_validation_in_every_other_epoch_shows_a_gap():
    learned = line((1, 0.6), (5, 0.99), (20, 0.99))
    series = {
        "accuracy": learned,
        "probe_accuracy": learned,
        "val_accuracy": [np.nan, 0.5] * 10,
        "loss": [0.1] * 20,
        "val_loss": [np.nan, 2.0] * 10,
    }
    status = diagnosis(series).status
    assert (status.name, status.until) == ("not generalizing", 20)
    assert status.since in range(2, 7, 2), "an epoch with a validation"
    assert "accuracy is 0.99 against 0.5; they have been apart" in status.sentence
    near = {**series, "val_accuracy": [np.nan, 0.97] * 10, "val_loss": [np.nan, 0.12] * 10}
    assert diagnosis(near).status.name == "reached"


def test_validation_in_every_other_epoch_that_still_rises_is_learning():
    learned = line((1, 0.6), (5, 0.99), (20, 0.99))
    rising = np.where(np.arange(20) % 2, line((1, 0.5), (20, 0.86)), np.nan)
    status = diagnosis({"accuracy": learned, "val_accuracy": rising}, planned_epochs=100).status
    assert status.name == "learning"
    assert "validation still rises" in status.sentence


def test_a_loss_that_was_not_logged_is_no_divergence():
    series = {"accuracy": line((1, 0.5), (20, 0.9)), "loss": line((1, 0.7), (20, 0.3))}
    gaps, broken = series["loss"].copy(), series["loss"].copy()
    gaps[1::2] = np.nan
    broken[15:] = np.nan
    assert diagnosis({**series, "loss": gaps}).status.name == "unfinished"
    status = diagnosis({**series, "loss": broken}).status
    assert (status.name, status.since) == ("diverged", 16), "accuracy stays finite where a loss is NaN"
    both = np.where(np.arange(20) >= 15, np.nan, gaps)
    assert diagnosis({**series, "loss": both}).status.name == "diverged", "longer than its gaps"
    probed = {**series, "loss": broken, "probe_loss": series["loss"]}
    assert diagnosis(probed).status.name != "diverged", "measured, and finite"
    weights = {**probed, "nonfinite_weight_count": np.r_[np.zeros(15), np.ones(5)][:, None]}
    assert diagnosis(weights).status.since == 16


def test_two_epochs_that_memorized_are_too_few_to_call_it_reached():
    series = {
        "accuracy": [0.9, 0.99],
        "val_accuracy": [0.5, 0.5],
        "probe_accuracy": [0.95, 0.99],
        "probe_val_accuracy": [0.5, 0.5],
    }
    facts = {"planned_epochs": 2, "validation_sample_count": 500, "validation_label_shift": 0.0}
    status = diagnosis(series, **facts).status
    assert status.name == "too short to tell"
    assert "accuracy is 0.99 on them and 0.5 on validation samples, after 2 epochs" in status.sentence
    near = {**series, "val_accuracy": [0.9, 0.98], "probe_val_accuracy": [0.9, 0.98]}
    assert diagnosis(near, **facts).status.name == "reached"


def test_two_validations_in_twenty_epochs_do_not_say_reached():
    rare = np.full(20, np.nan)
    rare[[9, 19]] = 0.5
    status = diagnosis({"accuracy": line((1, 0.6), (5, 0.99), (20, 0.99)), "val_accuracy": rare}).status
    assert status.name == "levelled off"
    assert "measured 2 times only" in status.sentence


def test_what_holds_in_training_mode_only_is_not_reached():
    series = {"accuracy": [0.95, 0.995], "probe_accuracy": [0.5, 0.5], "probe_loss": [3, 3]}
    status = diagnosis(series, planned_epochs=2).status
    assert status.name == "too short to tell"
    assert "but 0.5 on the same samples in inference mode" in status.sentence
    same = {**series, "probe_accuracy": [0.97, 0.99], "probe_loss": [0.1, 0.05]}
    assert diagnosis(same, planned_epochs=2).status.name == "reached"
    unsteady = {"accuracy": [0.99] * 6, "probe_accuracy": [0.99, 0.99, 0.99, 0.96, 0.5, 0.5]}
    assert diagnosis(unsteady).status.name == "learning"


def test_a_curve_that_falls_has_not_levelled_off():
    status = diagnosis({"accuracy": line((1, 0.5), (10, 0.95), (20, 0.6))}).status
    assert (status.name, status.where, status.until) == ("stalled", "below its best", 20)
    assert status.sentence.startswith("Accuracy fell from 0.9")
    assert status.since > 10
    simple = {"neighbour_skill": 0.4, "neighbour_sample_count": 1000}
    status = diagnosis({"accuracy": line((1, 0.5), (5, 1), (20, 0.72))}, **simple).status
    assert (status.name, status.sentence) == ("stalled", "Accuracy fell from 1 in epoch 5 to 0.72")


def test_a_loss_that_rises_again_has_not_levelled_off():
    losses = line((1, 1), (10, 0.05), (20, 0.6))
    status = diagnosis({"loss": losses, "probe_loss": losses}, SQUARES).status
    assert (status.name, status.where) == ("stalled", "below its best")
    assert status.sentence.startswith("The loss rose from 0.05 in epoch 10")


def test_one_bad_epoch_at_the_end_is_said_and_is_no_stall():
    status = diagnosis({"accuracy": [*np.linspace(0.5, 1, 15), 1, 1, 1, 1, 0.5]}).status
    assert status.name == "learning"
    assert (
        status.sentence == "Accuracy fell from 1 in epoch 19 to 0.5 in epoch 20, too late to tell whether it recovers"
    )


def test_a_single_bad_epoch_on_the_way_changes_nothing():
    assert diagnosis({"accuracy": [*np.linspace(0.5, 0.96, 8), 0.6, *[0.96] * 11]}).status.name == "levelled off"


def test_a_run_that_recovers_from_a_fall_is_learning():
    status = diagnosis({"accuracy": line((1, 0.5), (8, 0.9), (10, 0.5), (20, 0.8))}, planned_epochs=50).status
    assert status.name == "learning"


def test_a_stall_begins_where_the_curve_came_down():
    status = diagnosis({"accuracy": [*np.linspace(0.5, 0.95, 10), *[0.5] * 10]}).status
    assert (status.name, status.since, status.where) == ("stalled", 11, "at the majority share")
    status = diagnosis({"accuracy": [*np.linspace(0.5, 0.95, 17), 0.5, 0.5, 0.5]}).status
    assert (status.name, status.since) == ("stalled", 18)


def test_too_few_is_not_said_of_two_hundred_epochs():
    accuracy = np.full(200, np.nan)
    accuracy[[99, 199]] = 0.5, 0.52
    series = {"accuracy": accuracy, "loss": line((1, 0.7), (200, 0.6))}
    status = diagnosis(series, {"label_counts": [500, 500], "baseline_accuracy": 0.5}).status
    assert status.name == "not judged"
    assert status.sentence.startswith("Accuracy is at 0.52 after epoch 200, logged only 2 times in 200 epochs")


def test_labels_of_the_first_samples_of_a_dataset_are_not_all_labels():
    facts = {
        "label_form": "integer",
        "label_counts": [20_000],
        "classes": ["0"],
        "sample_count": 20_000,
        "data_form": "dataset",
        "planned_epochs": 20,
    }
    accuracy = {"accuracy": line((1, 0.5), (20, 0.99))}
    assert diagnosis(accuracy, facts).status.where != "at constant labels"
    assert diagnosis(accuracy, facts, data_form="arrays").status.where == "at constant labels"
    small = {**facts, "sample_count": 5000, "label_counts": [5000]}
    assert diagnosis(accuracy, small).status.where == "at constant labels"
    assert diagnosis(accuracy, small, steps_per_epoch=157, batch_size=32).status.where == "at constant labels"
    assert diagnosis(accuracy, small, steps_per_epoch=200, batch_size=32).status.where != "at constant labels"
    assert diagnosis(accuracy, small, data_is_whole=False).status.where != "at constant labels"


def test_a_regression_that_overfits_is_told_from_the_losses_that_fit_reports():
    losses = 0.9 / np.arange(1, 31) ** 1.5
    turned = line((1, 1), (5, 0.8), (30, 3))
    series = {"loss": losses, "probe_loss": losses, "val_loss": turned}
    status = diagnosis(series, SQUARES, planned_epochs=30).status
    assert status.name == "not generalizing"
    assert "the loss is 0.00548 against 3;" in status.sentence
    near = {**series, "val_loss": losses + 0.03}
    assert diagnosis(near, SQUARES, planned_epochs=30).status.name == "reached"
    # A penalty is in both losses and says nothing of the targets.
    penalized = {**series, "loss": losses + 2, "val_loss": losses + 2.03, "penalty": np.full(30, 2.0)}
    assert diagnosis(penalized, SQUARES, planned_epochs=30).status.name == "reached"


def test_what_is_read_of_a_dataset_is_what_the_recorder_reads():
    assert READ_AHEAD == DATASET_SAMPLES
