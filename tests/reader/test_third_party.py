"""Logdirs that other programs wrote: recordings by the real libraries, diagnosed as a person would."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from places import RECORDINGS
from scalar_logs import written

from tb_diagnose import diagnose
from tb_diagnose.causes import CATALOGUE, Finding
from tb_diagnose.causes._unmoved import stuck
from tb_diagnose.reader import curves, tag_names, weight_histograms
from tb_diagnose.reader.tag_names import UserTags, recognise
from tb_diagnose.reader.weight_histograms import place

EXPECTED = {
    "estimator": ("levelled off", None),
    "keras2_stalled": ("stalled", None),
    "keras3_batches": ("reached", None),
    "keras3_cut": ("stalled", "disconnected_gradient"),
    "keras3_dead": ("stalled", "poor_initialization"),
    "keras3_histograms": ("stalled", "output_activation"),
    "keras3_hparams/rate_0.05": ("learning", None),
    "keras3_hparams/rate_1e-05": ("stalled", "learning_rate_too_low"),
    "keras3_learns": ("reached", None),
    "keras3_resumed": ("stalled", None),
    "keras3_reused_folder (earlier 1)": ("stalled", None),
    "keras3_reused_folder": ("stalled", "output_activation"),
    "keras3_stalled": ("stalled", "output_activation"),
    "lightning": ("levelled off", None),
    "lightning_memorized": ("not generalizing", "overfitting"),
    "schema1/healthy": ("reached", None),
    "schema1/rounded": ("stalled", "disconnected_gradient"),
    "stable_baselines3/PPO_1": ("not judged", None),
    "tensorboardx": ("levelled off", None),
    "tf1_simple_values": ("stalled", "constant_prediction"),
    "tf2_own_loop": ("levelled off", None),
    "torch_add_scalars": ("levelled off", None),
    "torch_batches": ("levelled off", None),
    "torch_epochs": ("stalled", "constant_prediction"),
    "torch_hparams": ("stalled", None),
    "transformers": ("reached", None),
}


@pytest.fixture(scope="module")
def found():
    return {d.run: d for d in diagnose(RECORDINGS)}


def test_every_run_is_found_and_nothing_else(found):
    assert sorted(found) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_diagnosed_as_a_person_would(found, name):
    diagnosis = found[name]
    assert not diagnosis.failed
    probable = [named.cause.id for named in diagnosis.probable_causes]
    assert (diagnosis.status.name, probable[0] if probable else None) == EXPECTED[name], diagnosis.headline


REMOTE = """
import pathlib, sys
import fsspec
from tb_diagnose import diagnose
from tb_diagnose.reader import logdir
logdir.read_plainly()  # TensorFlow's own file access, where it is installed, does not know fsspec
root, memory = pathlib.Path(sys.argv[1]), fsspec.filesystem("memory")
for path in root.rglob("*tfevents*"):
    memory.pipe("/logs/" + path.relative_to(root).as_posix(), path.read_bytes())
print(*(found.run for found in diagnose("memory://logs/")), sep="\\n")
for wrong in ("memory://nowhere", "strange://logs"):
    try:
        diagnose(wrong)
    except OSError as error:
        print(error)
"""


def test_a_remote_logdir_is_read_like_a_local_one(found):
    command = [sys.executable, "-c", REMOTE, str(RECORDINGS)]
    *names, missing, unknown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert names == list(found)
    assert "does not exist" in missing and "'memory://nowhere'" in missing
    assert "'strange://logs' cannot be read" in unknown


def test_keras_tells_more_than_curves(found):
    facts = found["keras3_stalled"].evidence.facts
    assert facts["steps_per_epoch"] == 4
    assert facts["optimizer"]["name"] == "adam"
    assert found["keras3_stalled"].evidence.get("learning_rate").round(3).tolist() == [0.05] * 8
    # Keras 3 writes the accuracy before the loss, a fraction of a millisecond.
    assert np.isfinite(found["keras3_stalled"].evidence.get("accuracy")).all()
    assert found["keras3_hparams/rate_1e-05"].evidence.facts["hparams"] == {"learning_rate": 1e-5, "units": 8}


def test_weight_histograms_show_what_does_not_move(found):
    """A layer that is dead from its start, and one that the gradient never reaches."""
    dead = {named.cause.id: named for named in found["keras3_dead"].probable_causes}
    assert "begin at -50" in dead["poor_initialization"].finding.saw
    follows, answer = dead["poor_initialization"].consequences
    assert answer.cause.id == "constant_prediction" and "the logarithm of" in answer.finding.saw
    assert follows.cause.id == "dead_relu" and "Nothing but zeros" in follows.finding.saw
    (cut,) = found["keras3_cut"].probable_causes
    assert cut.cause.id == "disconnected_gradient" and "have not moved at all" in cut.finding.saw
    for name in ("keras3_dead", "keras3_cut"):
        assert "kernel_unmoved" in found[name].evidence.series
    unknown = {entry.id for entry, _ in found["keras3_learns"].could_not_tell}
    assert {"dead_relu", "disconnected_gradient"} <= unknown  # without histograms nothing is said of either


@pytest.mark.parametrize(
    ("kernels", "biases", "expected"),
    {
        "all move": ([0, 0, 0], [0, 0, 0], None),
        "nothing moves": ([1, 1, 1], [1, 1, 1], None),
        "cut": ([1, 0, 0], [1, 0, 0], ((0,), 1, False)),
        "dead": ([1, 1, 0], [1, 0, 0], ((0,), 1, True)),
        "dead, and what follows it": ([1, 1, 1], [1, 1, 0], ((0, 1), 2, True)),
        "only the last one stands": ([0, 0, 1], [0, 0, 1], None),
        "without biases": ([1, 0, 0], [np.nan] * 3, ((0,), 1, False)),
        "frozen": ([np.nan, 0, 0], [np.nan, 0, 0], None),
    }.values(),
)
def test_weights_that_stand_still(kernels, biases, expected):
    found = stuck(np.array([[np.nan] * 3, kernels]), np.array([[np.nan] * 3, biases]), np.array([1, 5]))
    assert (found and (found.layers, found.behind, found.zeros)) == expected


class Histograms:
    """A data provider that has these weight histograms, each at epochs 1 and 2."""

    def __init__(self, tags):
        self._tags = tags

    def read_tensors(self, ctx, **asked):
        datum = lambda step, moved: SimpleNamespace(  # noqa: E731
            step=step, wall_time=float(step), numpy=np.array([[-1.0, 0.0, 3.0], [0.0, 1.0 + step * moved, 5.0]])
        )
        return {"train": {tag: [datum(step, moved) for step in (0, 1)] for tag, moved in self._tags.items()}}


def unmoved(tags, *layers):
    rows = [{"trainable": True, "units": 8, "class": "Dense", **layer} for layer in layers]
    return weight_histograms.read(Histograms(tags), None, "", ["train"], rows, np.array([1, 2]), (-1.0, 9.0))


def test_a_layer_moves_where_one_of_its_weights_does():
    """Two weights of one name: a block of somebody's own, or a frozen model with layers of the same names."""
    tags = {"block/a/kernel/histogram": 1, "block/z/kernel/histogram": 0}
    assert unmoved(tags, {"name": "block"}).series["kernel_unmoved"][1].tolist() == [0.0]


def test_a_lookup_table_may_move_where_no_histogram_shows_it():
    found = unmoved(
        {"embedding/embeddings/histogram": 0, "dense/kernel/histogram": 1},
        {"name": "embedding", "class": "Embedding"},
        {"name": "dense"},
    )
    assert np.isnan(found.series["kernel_unmoved"][:, 0]).all()


def test_a_layer_of_ones_own_costs_no_run():
    found = unmoved({"mine/kernel/histogram": 0}, {"name": "mine", "class": "Mine", "units": [8, 4]})
    assert found.series["kernel_unmoved"][1].tolist() == [1.0]


@pytest.mark.parametrize(
    ("activations", "operations", "named"),
    [
        (["linear", "linear"], [], True),
        (["relu", "linear"], [], True),  # dead, the second layer would not move
        (["tanh", "linear"], [], False),  # saturated, it would
        (["linear", "sigmoid", "linear"], [], False),
        (["relu", "linear"], ["Concatenate"], False),  # dead, and something else arrives
        (["linear", "relu", "linear"], ["Add"], False),
    ],
)
def test_what_stands_still_by_its_values_is_not_cut_off(activations, operations, named):
    last = len(activations) - 1
    layers = [
        {"name": f"layer{i}", "class": "Dense", "activation": one, "weighted": True, "trainable": True}
        for i, one in enumerate(activations)
    ]
    kernels = np.full((2, last + 1), np.nan)
    kernels[1, 0], kernels[1, last] = 1.0, 0.0
    given = {"layers": layers, "epochs": np.array([1, 2]), "kernel_unmoved": kernels, "operations": operations}
    assert isinstance(CATALOGUE["disconnected_gradient"].judge(**given), Finding) == named


def test_weights_that_stand_still_since_an_epoch():
    kernels = np.array([[np.nan, np.nan], [0, 0], [1, 0], [1, 0]], float)
    found = stuck(kernels, None, np.array([1, 2, 3, 4]))
    assert (found.since, found.always) == (2, False)


@pytest.mark.parametrize(
    ("tag", "expected"),
    {
        "sequential/dense/kernel/histogram": (0, "kernel"),
        "dense_1/bias_0/histogram": (1, "bias"),  # Keras 2
        "model/inner/dense_2/kernel/histogram": (2, "kernel"),
        "model/lstm/lstm_cell/recurrent_kernel/histogram": (3, "recurrent_kernel"),
        "model/dense_9/kernel/histogram": (None, "kernel"),
    }.items(),
)
def test_a_histogram_is_of_a_layer(tag, expected):
    assert place(tag, ["dense", "dense_1", "inner/dense_2", "lstm"]) == expected


def test_a_resumed_run_is_one(found):
    assert found["keras3_resumed"].evidence.epochs.tolist() == list(range(1, 10))


def test_what_counts_steps_says_so(found):
    diagnosis = found["tf1_simple_values"]
    assert diagnosis.evidence.unit == "step"
    assert "since step 1," in diagnosis.headline and "epoch" not in diagnosis.headline
    assert found["torch_batches"].evidence.unit == "step"


def test_accuracy_in_percent_is_a_fraction(found):
    assert 0.9 < found["torch_batches"].evidence.get("val_accuracy")[-1] < 1


def test_lightning_counts_epochs_beside_its_steps(found):
    evidence = found["lightning"].evidence
    assert (evidence.unit, evidence.epochs.tolist()) == ("epoch", list(range(1, 8)))
    assert np.isfinite(evidence.get("val_accuracy")).all() and np.isfinite(evidence.get("loss")).all()


def test_what_the_newest_libraries_write_is_read(found):
    assert found["lightning_memorized"].evidence.get("learning_rate") is not None
    assert found["lightning_memorized"].evidence.facts["writer"] == "lightning"
    transformers = found["transformers"].evidence
    assert (transformers.unit, transformers.epochs.tolist()) == ("epoch", list(range(1, 9)))
    assert np.isfinite(transformers.get("val_accuracy")).all() and transformers.facts["writer"] == "transformers"
    assert "reinforcement learning" in found["stable_baselines3/PPO_1"].headline
    estimator = found["estimator"].evidence
    assert np.isfinite(estimator.get("val_accuracy")).sum() == 6 and 0.5 < estimator.facts["baseline_accuracy"] < 0.6


def test_tags_of_ones_own():
    assert recognise("reward") is None
    (found,) = diagnose(RECORDINGS / "unrecognised", accuracy_tags=("reward",))
    assert found.evidence.metrics["accuracy"].tolist() == [0.0, 0.01, 0.02, 0.03, 0.04]


@pytest.mark.parametrize(
    ("tag", "expected"),
    {
        "loss": ("loss", "train", None),
        "epoch_loss": ("loss", "train", "epoch"),
        "train/loss": ("loss", "train", None),
        "val_acc": ("accuracy", "validation", None),
        "Accuracy/train": ("accuracy", "train", None),
        "train_loss_step": ("loss", "train", "batch"),
        "trainLoss": ("loss", "train", None),
        "eval/accuracy": ("accuracy", "validation", None),
        "lr-Adam/pg1": ("learning_rate", "train", None),
        "LearningRate": ("learning_rate", "train", None),
        "epoch_sparse_categorical_accuracy": ("accuracy", "train", "epoch"),
        "epoch": ("epoch", "train", None),
    }.items(),
)
def test_names_that_are_recognised(tag, expected):
    found = recognise(tag)
    assert (found.what, found.part, found.per) == expected


@pytest.mark.parametrize(
    "tag",
    [
        "generator_loss",
        "train/box_loss",
        "val/top5_acc",
        "top10_accuracy",
        "train/grad_norm",
        "hp_metric",
        "accelerator",
        "",
        "ε",
    ],
)
def test_names_that_are_something_else(tag):
    assert recognise(tag) is None


def test_the_run_says_the_part_where_the_tag_does_not():
    assert recognise("loss", "sweep/validation").part == "validation"
    assert recognise("train_loss", "sweep/validation").part == "train"


@pytest.mark.parametrize(("run", "part"), [("val", True), ("Loss_test", True), ("testbed", False), ("lr_1e-3", False)])
def test_runs_that_are_parts(run, part):
    assert tag_names.is_part(run) is part


def points(steps, values=None, began=0.0):
    steps = np.array(steps)
    values = np.linspace(0, 1, len(steps)) if values is None else np.array(values, float)
    return curves.Points(steps, began + np.arange(len(steps), dtype=float), values)


def test_batches_are_gathered_between_validations():
    scalars = {"run": {"loss": points(range(50), range(50)), "val_loss": points([9, 19, 29, 39, 49])}}
    (found,) = curves.curves(scalars)
    assert (found.unit, found.epochs.tolist()) == ("step", [9, 19, 29, 39, 49])
    assert found.metrics["loss"].tolist() == [4.5, 14.5, 24.5, 34.5, 44.5]


def test_a_loss_that_is_not_finite_does_not_vanish_in_a_mean():
    values = [1, 1, np.nan, 1, 1, np.inf, 1, 1, 1, 1]
    scalars = {"run": {"loss": points(range(10), values), "val_loss": points([1, 3, 5, 7, 9])}}
    (found,) = curves.curves(scalars)
    assert np.isnan(found.metrics["loss"][1]) and np.isinf(found.metrics["loss"][2])


def test_runs_in_one_folder_are_told_apart_by_their_times():
    loss = curves.Points(np.array([0, 1, 2, 0, 1]), np.array([1.0, 2, 3, 11, 12]), np.arange(5.0))
    accuracy = curves.Points(np.array([0, 1, 0, 1]), np.array([1.5, 2.5, 11.5, 12.5]), np.array([0.1, 0.2, 0.8, 0.9]))
    earlier, newest = curves.curves({"run": {"loss": loss, "acc": accuracy}})
    assert (len(earlier.epochs), len(newest.epochs)) == (3, 2)
    assert newest.metrics["accuracy"].tolist() == [0.8, 0.9] or np.isnan(newest.metrics["accuracy"]).any()


def test_validation_alone_is_a_run():
    (found,) = curves.curves({"run": {"val_loss": points(range(10, 100, 10))}})
    assert (found.unit, found.epochs.tolist()) == ("step", list(range(10, 100, 10)))


def test_nothing_is_recognised():
    assert curves.curves({"run": {"reward": points([0, 1])}}) == []
    assert curves.curves({}) == []


def test_own_names_are_taken_as_they_are():
    (found,) = curves.curves({"run": {"box_loss": points([0, 1, 2])}}, UserTags(loss=("box_loss",)))
    assert list(found.metrics) == ["loss"]


def test_what_comes_behind_the_last_validation_is_not_lost():
    values = np.where(np.arange(0, 1001, 10) < 650, 0.5, np.nan)
    scalars = {"run": {"train/loss": points(range(0, 1001, 10), values), "val/acc": points(range(100, 601, 100))}}
    (found,) = curves.curves(scalars)
    assert found.epochs.tolist() == [100, 200, 300, 400, 500, 600, 1000]
    assert np.isnan(found.metrics["loss"][-1]) and np.isfinite(found.metrics["loss"][:-1]).all()


def test_an_evaluation_after_the_last_batch_is_no_divergence():
    scalars = {
        "run": {"train/loss": points(range(1, 501), np.ones(500)), "val/loss": points([100, 200, 300, 400, 500, 501])}
    }
    (found,) = curves.curves(scalars)
    assert np.isfinite(found.metrics["loss"]).all()


def test_a_few_tests_do_not_set_the_pace_of_many_epochs():
    scalars = {"run": {"train/acc": points(range(300)), "test/acc": points([99, 199, 299])}}
    (found,) = curves.curves(scalars)
    assert (found.unit, len(found.epochs)) == ("epoch", 300)
    assert np.isfinite(found.metrics["val_accuracy"]).sum() == 3


@pytest.mark.parametrize(
    ("train", "validation", "expected"),
    [
        ([1.05, 1.0, 0.95], [1.0, 1.0, 1.0], (0.0095, 0.01)),  # a hundred classes, in percent, at chance
        ([0.9, 0.95, 1.0], [0.8, 0.9, 0.95], (1.0, 0.95)),
        ([0.5, np.inf, 0.5], [0.5, 0.5, 0.5], (0.5, 0.5)),
    ],
)
def test_both_accuracies_are_in_percent_or_none(train, validation, expected):
    (found,) = curves.curves({"run": {"train/acc": points(range(3), train), "val/acc": points(range(3), validation)}})
    assert (found.metrics["accuracy"][-1], found.metrics["val_accuracy"][-1]) == pytest.approx(expected)


@pytest.mark.parametrize(("values", "shown"), [([5e3, 6e3, 7e3], 7e3), ([90.0, 101.0, 103.0], 1.03)])
def test_what_is_above_one_is_shown_and_not_judged(tmp_path, values, shown):
    written(tmp_path, {"loss": enumerate([3.0, 2.0, 1.0]), "acc": enumerate(values)})
    (found,) = diagnose(tmp_path)
    assert found.evidence.get("accuracy")[-1] == pytest.approx(shown)
    assert found.status.name == "not judged" and "no share of right answers is above 1" in found.headline


def test_what_an_earlier_run_left_behind_is_not_the_newer_ones():
    def epochs(count, began):
        return curves.Points(np.arange(count), began + 10.0 * np.arange(count), np.linspace(1, 0.1, count))

    def joined(one, other):
        return curves.Points(
            *(np.concatenate(both) for both in zip(dataclasses.astuple(one), dataclasses.astuple(other), strict=True))
        )

    validation = dataclasses.replace(epochs(10, 0.5), steps=np.arange(10))
    scalars = {
        "a/train": {"epoch_loss": joined(epochs(10, 0.0), epochs(5, 200.0))},
        "a/validation": {"epoch_loss": validation},
    }
    earlier, newest = curves.curves(scalars)
    assert np.isfinite(earlier.metrics["val_loss"]).all() and len(earlier.epochs) == 10
    assert newest.epochs.tolist() == [1, 2, 3, 4, 5] and "val_loss" not in newest.metrics
    # TensorBoard's fast loader has dropped the overwritten losses, and not the old validation.
    (alone,) = curves.curves({"a/train": {"epoch_loss": epochs(2, 200.0)}, "a/validation": {"epoch_loss": validation}})
    assert alone.epochs.tolist() == [1, 2] and "val_loss" not in alone.metrics


def test_steps_that_are_counted_anew_in_each_epoch_are_epochs():
    steps, values = np.tile(np.arange(20), 8), np.repeat(np.linspace(0.1, 0.8, 8), 20)
    (found,) = curves.curves({"run": {"acc": points(steps, values)}})
    assert (found.unit, found.epochs.tolist()) == ("epoch", list(range(1, 9)))
    assert found.metrics["accuracy"] == pytest.approx(np.linspace(0.1, 0.8, 8))


def test_steps_that_nobody_counted_are_taken_as_they_come():
    (found,) = curves.curves({"run": {"acc": points([0] * 30)}})
    assert len(found.epochs) == 30 and found.epochs[0] == 1


def test_epochs_that_are_logged_at_their_beginning():
    count = points([0, 10, 20, 30, 40, 50], [0, 1, 2, 3, 4, 5])
    scalars = {"run": {"epoch": count, "train_loss": points(range(9, 60, 10), [6, 5, 4, 3, 2, 1])}}
    (found,) = curves.curves(scalars)
    assert (found.epochs.tolist(), found.metrics["loss"].tolist()) == ([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1])


def test_old_names_of_keras():
    scalars = {"run": {tag: points(range(5)) for tag in ("epoch_loss", "epoch_val_loss", "epoch_val_acc", "epoch_lr")}}
    (found,) = curves.curves(scalars)
    assert sorted(found.metrics) == ["loss", "val_acc", "val_loss"] and found.learning_rate is not None


def test_own_names_come_before_all_others():
    scalars = {
        "run": {"epoch_loss": points(range(5)), "epoch_masked": points(range(5)), "acc": points(range(5), np.zeros(5))}
    }
    (found,) = curves.curves(scalars, UserTags(accuracy=("epoch_masked",)))
    assert found.metrics["accuracy"][-1] == 1


@pytest.mark.parametrize("tag", ["генератор_loss", "pg_loss"])
def test_one_loss_of_several_is_not_the_loss(tag):
    assert recognise(tag) is None
