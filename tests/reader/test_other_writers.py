"""Kinds of logs that people have: what each is taken for, and what is said of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scalar_logs import written

from tb_diagnose import diagnose
from tb_diagnose.reader.tag_names import recognise, recognised
from tb_diagnose.report.advice import advice
from tb_diagnose.report.text import text

EPOCHS = range(20)
RISING = [0.5 + 0.45 * (1 - 0.8**i) for i in EPOCHS]
FALLING = [0.05 + 0.9 * 0.8**i for i in EPOCHS]


def noise(size, deviation):
    return np.random.default_rng(0).normal(0, deviation, size)


def one(tmp_path, curves, run="run"):
    """The only run of a log with these curves: a list of values a step each from 0, or of points."""
    points = {tag: list(enumerate(c)) if not isinstance(c[0], tuple) else c for tag, c in curves.items()}
    written(tmp_path / run, points)
    (found,) = diagnose(tmp_path)
    return found


def causes(diagnosis):
    return [named.cause.id for named in diagnosis.probable_causes]


@pytest.mark.parametrize(
    ("tag", "expected"),
    {
        "lr-AdamW": ("learning_rate", "train"),
        "lr-RMSprop": ("learning_rate", "train"),
        "lr-NAdam/pg1": ("learning_rate", "train"),
        "lr-SomebodysOwn": ("learning_rate", "train"),
        "x/lr0": ("learning_rate", "train"),
        "Performance/Training/LR": ("learning_rate", "train"),
        "OptimizeLoss/loss": ("loss", "train"),
        "cross_entropy_1": ("loss", "train"),
        "xentropy": ("loss", "train"),
        "train_loss_sum_epoch": ("loss", "train"),
        "ptl/val_loss": ("loss", "validation"),
        "losses/total_loss": ("loss", "train"),
        "Performance/Training/Objective_Loss": ("loss", "train"),
        "train_accuracy_score": ("accuracy", "train"),
        "val/top1": ("accuracy", "validation"),
        "Performance/Validation/Top1": ("accuracy", "validation"),
        "val_dense_accuracy": ("accuracy", "validation"),
        "Prec@1": ("accuracy", "train"),
        "val/acc1": ("accuracy", "validation"),
        "metrics/mAP50(B)": ("score", "train"),
        "val_f1_score": ("score", "validation"),
        "eval/exact_match": ("score", "validation"),
        "epoch_mean_io_u": ("score", "train"),
        "accuracy_baseline": ("baseline", "train"),
        "rollout/ep_rew_mean": ("reward", "train"),
    }.items(),
    ids=str,
)
def test_a_name_says_what_a_scalar_holds(tag, expected):
    found = recognise(tag)
    assert found is not None and (found.what, found.part) == expected


@pytest.mark.parametrize(
    "tag",
    [
        "lr-AdamW-weight_decay",
        "lr-SGD-momentum",
        "Performance/Validation/Top5",
        "val/acc5",
        "train/entropy_loss",
        "train/policy_gradient_loss",
        "train/value_loss",
        "best_acc",
        "sparse_top_k_categorical_accuracy",
        "reward",
    ],
)
def test_a_name_that_says_something_else(tag):
    assert recognise(tag) is None


def test_one_section_may_have_any_name_and_two_are_two_things():
    assert set(recognised(["Model/loss", "Model/accuracy"])) == {"Model/loss", "Model/accuracy"}
    assert recognised(["actor/loss", "critic/loss"]) == {}
    assert set(recognised(["loss", "encoder/loss"])) == {"loss"}
    assert set(recognised(["train_loss_epoch", "ptl/val_loss"])) == {"train_loss_epoch", "ptl/val_loss"}
    assert recognised(["head_a_accuracy", "head_b_accuracy"]) == {}


def test_validation_alone_is_a_run(tmp_path):
    points = [(10 * i, min(0.68 + 0.05 * i, 0.94)) for i in range(50)]
    found = one(tmp_path, {"accuracy_1": points}, "mobilenet/validation")
    assert found.status.name == "levelled off" and found.evidence.get("val_accuracy")[-1] == pytest.approx(0.94)


def test_an_evaluation_behind_the_last_training_point_counts(tmp_path):
    written(tmp_path / "model", {"loss": [(1 + 100 * i, 2.3 / (1 + i / 5) + 0.1) for i in range(200)]})
    written(tmp_path / "model" / "eval", {"accuracy": [(20000, 0.969)], "loss": [(20000, 0.101)]})
    (found,) = diagnose(tmp_path)
    assert found.status.name == "reached"
    assert "is at 0.969 after step 20,000, logged only once in 20,000 steps" in found.headline


def test_the_majority_share_is_read_where_it_was_logged(tmp_path):
    at = [(1000 * k, value) for k, value in enumerate([0.764, 0.766, 0.765, 0.763, 0.765], 1)]
    found = one(tmp_path, {"accuracy": at, "accuracy_baseline": [(5000, 0.764)], "loss": at})
    assert found.status.where == "at the majority share"


def test_memorizing_is_seen_in_accuracies_alone(tmp_path):
    training = [min(1.0, 0.5 + i / 30) for i in range(40)]
    found = one(tmp_path, {"train_acc": training, "val_acc": [0.52, 0.51] * 20})
    assert (found.status.name, causes(found)) == ("not generalizing", ["overfitting"])
    assert "Stopping earlier does not help" in found.probable_causes[0].finding.fix


def test_memorizing_is_seen_without_a_training_accuracy(tmp_path):
    """The validation loss has doubled since its best epoch, and validation accuracy is no better for it."""
    curves = {
        "train/loss": [0.5, 0.3, 0.2, 0.1, 0.05, 0.02],
        "val/loss": [0.5, 0.45, 0.5, 0.62, 0.75, 0.9],
        "val/acc": [0.76, 0.79, 0.79, 0.78, 0.78, 0.775],
    }
    found = one(tmp_path / "a", curves)
    assert (found.status.name, causes(found)) == ("not generalizing", ["overfitting"])
    better = one(tmp_path / "b", curves | {"val/acc": [0.76, 0.79, 0.81, 0.83, 0.84, 0.85]})
    assert better.status.name == "learning"


def test_a_loss_that_runs_away_has_diverged(tmp_path):
    found = one(
        tmp_path, {"loss": [0.7 + 0.1 * 1.5**i for i in range(30)], "acc": [0.6 - 0.003 * i for i in range(30)]}
    )
    assert found.status.name == "diverged" and "rose from 0.8 to 12,784" in found.headline
    assert "a tenth of the learning rate" in advice(found)


def test_overfitting_is_not_cleared_by_losses_that_are_far_apart(tmp_path):
    found = one(
        tmp_path, {"train_loss": [2.0 / (1 + i) for i in range(30)], "val_loss": [2.0 - 0.01 * i for i in range(30)]}
    )
    assert "overfitting" in {cause.id for cause, _ in found.could_not_tell}


def test_two_evaluations_of_which_the_second_is_lower_are_no_learning(tmp_path):
    curves = {"loss": [(1 + 100 * i, 9 / (1 + i)) for i in range(21)], "val_acc": [(2000, 0.826), (2010, 0.823)]}
    assert one(tmp_path, curves).status.name == "not judged"


def test_what_is_reached_in_training_is_said_beside_validation(tmp_path):
    found = one(tmp_path, {"train_acc": [1.0] * 20, "val_acc": [0.93] * 20})
    assert found.status.name == "reached" and "on validation samples it is 0.93" in found.headline


def test_more_epochs_are_not_advised_where_validation_has_turned(tmp_path):
    curves = {
        "accuracy": [0.531, 0.583, 0.628, 0.665, 0.679, 0.728, 0.769, 0.813, 0.836, 0.862],
        "val_accuracy": [0.495, 0.59, 0.58, 0.57, 0.52, 0.57, 0.635, 0.595, 0.635, 0.605],
        "loss": [1.65, 0.661, 0.624, 0.593, 0.561, 0.505, 0.466, 0.397, 0.339, 0.296],
        "val_loss": [0.691, 0.7, 0.703, 0.737, 0.731, 0.794, 0.769, 0.862, 1.01, 1.01],
    }
    assert causes(one(tmp_path, curves)) == ["overfitting"]


def test_more_epochs_are_not_advised_where_validation_was_best_before(tmp_path):
    """Its loss has risen by 4 % since, which is no overfitting yet."""
    falls = np.linspace(0.7, 0.5, 10).tolist()
    curves = {"accuracy": np.linspace(0.5, 0.7, 20).tolist(), "val_loss": [*falls, *np.linspace(0.5, 0.52, 10)]}
    found = one(tmp_path, curves | {"loss": np.linspace(0.7, 0.5, 20).tolist()})
    assert not causes(found) and found.evidence.get("unfinished") is None


def test_silence_is_not_called_the_planned_end(tmp_path):
    found = one(tmp_path, {"acc": np.linspace(0.3, 0.55, 30).tolist()})
    assert found.status.name == "unfinished" and "when the log ends after 30 epochs" in found.headline
    assert "planned" not in text(found)


def test_a_curve_at_rest_is_not_said_to_rise(tmp_path):
    found = one(tmp_path, {"accuracy": RISING, "loss": FALLING})
    assert found.status.name == "levelled off"
    assert "still r" not in text(found, full=True)
    assert found.evidence.get("unfinished") is None


@pytest.mark.parametrize("deviation", [0.003, 0.01, 0.03])
@pytest.mark.parametrize("points", [100, 300])
def test_a_slow_rise_is_seen_through_the_noise_of_its_curve(tmp_path, points, deviation):
    """Three points in a row that gain nothing are no stall where the noise is more than their share of the rise."""
    rises = np.linspace(0.55, 0.75, points) + noise(points, deviation)
    assert one(tmp_path / "rises", {"val_acc": rises.tolist()}).status.name in ("learning", "unfinished")
    rests = 0.8 - 0.3 * np.exp(-6 * np.linspace(0, 1, points)) + noise(points, deviation)
    assert one(tmp_path / "rests", {"val_acc": rests.tolist()}).status.name == "levelled off"


def test_the_losses_are_told_where_nothing_else_was_logged(tmp_path):
    falls = [21 * math.exp(-i / 37) for i in range(100)]
    rests = [9.6 + 10.4 * math.exp(-i / 22) for i in range(100)]
    found = one(tmp_path, {"train_loss": falls, "val_loss": rests})
    assert found.status.name == "not judged"
    assert "the training loss fell from 21 to 1.45 and still falls" in found.headline
    assert "about level since epoch 59, 6.7 times the training loss" in found.headline


def test_a_validation_loss_on_another_scale(tmp_path):
    losses = [2.4 / (1 + i / 5) for i in range(500)]
    beside = [(99 + 100 * i, value) for i, value in enumerate([35.4, 31.3, 31.8, 31.5, 32.0])]
    found = one(tmp_path, {"train_loss_epoch": losses, "valid_loss": beside})
    assert (found.evidence.unit, found.evidence.finished_epochs) == ("epoch", 500)
    assert "1,344 times the training loss: what was learned holds for the training samples alone, or" in found.headline


def test_reinforcement_learning_is_no_run_to_judge(tmp_path):
    steps = [2048 * (i + 1) for i in range(300)]
    curves = {
        "rollout/ep_rew_mean": [(step, 6 + 7 * i) for i, step in enumerate(steps)],
        "train/loss": [(step, 0.7 + 0.3 * ((i * 7) % 5)) for i, step in enumerate(steps)],
        "train/value_loss": [(step, 3.5) for step in steps],
    }
    found = one(tmp_path, curves, "PPO_1")
    assert found.status.name == "not judged" and "reinforcement learning" in found.headline
    assert "rose from" in found.headline and not found.probable_causes and not found.notes
    assert len(text(found, 80).splitlines()) <= 5 and advice(found) is None


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_an_answer_that_does_not_depend_on_the_input(tmp_path, classes):
    curves = {"train/loss": math.log(classes) + noise(12, 0.002), "train/acc": 1 / classes + noise(12, 0.02 / classes)}
    found = one(tmp_path, {tag: values.tolist() for tag, values in curves.items()})
    assert (found.status.where, causes(found)) == ("at chance", ["constant_prediction"])
    assert f"the logarithm of {classes}" in found.probable_causes[0].finding.saw


def test_a_slow_start_is_no_constant_answer(tmp_path):
    accuracy = [0.1, 0.1, 0.1, 0.1, 0.12, 0.2, 0.35, 0.5]
    found = one(tmp_path, {"loss": [2.3, 2.3, 2.3, 2.29, 2.25, 2.1, 1.8, 1.4], "accuracy": accuracy})
    assert not causes(found) and found.status.name in ("learning", "unfinished") or causes(found) == ["too_few_epochs"]


def test_a_loss_below_zero_beside_an_accuracy_that_stands(tmp_path):
    loss = [0.5 if not i else -17 * i**3.2 for i in EPOCHS]
    found = one(tmp_path, {"accuracy": [0.48, 0.475] * 10, "loss": loss})
    assert (found.status.name, causes(found)) == ("stalled", ["label_encoding"])


def test_a_loss_below_zero_of_a_run_that_learns(tmp_path):
    found = one(tmp_path, {"accuracy": RISING, "loss": [-3.0 * i for i in EPOCHS]})
    assert found.status.name == "levelled off" and not found.probable_causes and not found.notes


def test_the_first_accuracy_is_not_the_floor(tmp_path):
    """A model that knows much after its first epoch has learned; one at a half with a loss of ln 2 has not."""
    assert one(tmp_path / "a", {"accuracy": [0.85, 0.851] * 10}).status.name == "levelled off"
    half = {"val_acc": (0.5 + noise(20, 0.01)).tolist(), "val_loss": (0.693 + noise(20, 0.001)).tolist()}
    assert one(tmp_path / "b", half).status.where == "at chance"


def test_values_of_single_batches_are_no_epochs(tmp_path):
    steps = range(1, 151)
    accuracy = np.random.default_rng(0).binomial(128, 0.2, 150) / 128
    written(tmp_path / "s" / "train", {"Accuracy_1": zip(steps, accuracy, strict=True)})
    written(tmp_path / "s" / "valid", {"Accuracy_1": [(100, 0.23)], "Loss_1": [(100, 7.33)]})
    (found,) = diagnose(tmp_path)
    assert found.evidence.unit == "step" and found.status.name == "stalled"
    assert "epoch" not in text(found)


def test_steady_values_at_each_step_are_epochs(tmp_path):
    found = one(tmp_path, {"train/acc": RISING * 2, "train/loss": FALLING * 2})
    assert found.evidence.unit == "epoch"


@pytest.mark.parametrize("percent", [1, 100])
def test_training_by_batch_and_validation_by_epoch_have_one_axis(tmp_path, percent):
    training = [(51 * (i + 1), percent * value) for i, value in enumerate(RISING)]
    validation = [(i, percent * (value - 0.04)) for i, value in enumerate(RISING)]
    rates = [(51 * (i + 1), 0.001) for i in EPOCHS]
    curves = {"Performance/Training/Top1": training, "Performance/Validation/Top1": validation}
    found = one(tmp_path, curves | {"Performance/Training/LR": rates})
    assert (found.evidence.unit, found.evidence.epochs.tolist()) == ("epoch", list(range(1, 21)))
    difference = found.evidence.get("accuracy") - found.evidence.get("val_accuracy")
    assert difference == pytest.approx(0.04) and np.isfinite(found.evidence.get("learning_rate")).all()


def test_a_validation_that_ended_early_has_the_same_axis(tmp_path):
    """Its steps end where it ended, not because it counts something else."""
    folder = tmp_path / "run"
    written(folder, {"train/acc": [(i, 0.9) for i in range(90)]})
    written(folder, {"val/acc": [(i, 0.8) for i in range(20)]}, seconds=1200)
    (found,) = diagnose(tmp_path)
    assert len(found.evidence.epochs) == 90


def test_percent_and_fractions_in_one_run_are_one_unit(tmp_path):
    found = one(tmp_path, {"train/acc": [100 * value for value in RISING], "val/acc": RISING})
    assert found.evidence.get("accuracy") == pytest.approx(found.evidence.get("val_accuracy"))


def test_a_score_is_judged_where_there_is_no_accuracy(tmp_path):
    found = one(tmp_path, {"metrics/mAP50(B)": [0.8 * (1 - 0.9**i) for i in range(60)], "train/box_loss": [1.0] * 60})
    assert found.status.name == "levelled off" and "`metrics/mAP50(B)` is at 0.798" in found.headline


def test_an_accuracy_comes_before_a_score(tmp_path):
    found = one(tmp_path, {"val_acc": RISING, "val_f1": [0.1] * 20})
    assert found.progress.name == "val_accuracy"


def test_the_name_of_an_output_does_not_hide_its_accuracy(tmp_path):
    found = one(tmp_path, {"epoch_loss": FALLING, "epoch_dense_accuracy": RISING})
    assert found.progress.name == "accuracy"


def test_parts_of_epochs_are_epochs_once_there_are_enough(tmp_path):
    steps = [500 * (i + 1) for i in range(60)]
    curves = {
        "train/epoch": [(step, step / 5000) for step in steps],
        "train/loss": [(step, 0.7 * 0.95**i) for i, step in enumerate(steps)],
        "eval/accuracy": [(5000 * (k + 1), value) for k, value in enumerate([0.7, 0.76, 0.8, 0.82, 0.83, 0.83])],
    }
    found = one(tmp_path / "long", curves)
    assert (found.evidence.unit, found.evidence.epochs.tolist()) == ("epoch", [1, 2, 3, 4, 5, 6])
    assert np.isfinite(found.evidence.get("val_accuracy")).all()
    few = {tag: [(step, value) for step, value in points if step <= 15000] for tag, points in curves.items()}
    assert one(tmp_path / "short", few).evidence.unit == "step"


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"lr-AdamW": [1e-3] * 20, "epoch": list(EPOCHS)}, "validation_step"),
        ({"train/grad_norm": [1.0] * 20}, "compute_metrics"),
        ({"global_step/sec": [30.0] * 20}, "eval_metric_ops"),
    ],
)
def test_the_advice_is_for_the_program_that_wrote_the_log(tmp_path, extra, named):
    found = one(tmp_path, {"train_loss": FALLING, **extra})
    assert named in advice(found) and "KerasCallback" not in advice(found)
