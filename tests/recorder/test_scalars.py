"""What TensorBoard's own tabs show of a run that our callback alone has logged."""

from __future__ import annotations

import os
import warnings

import keras
import numpy as np
import pytest
import small_run
from tensorboard import context

import tb_diagnose
from tb_diagnose import event_file
from tb_diagnose.event_data import EventData

MOST_BYTES = 400
"""An epoch in both folders: two metrics and the learning rate in one, two metrics in the other."""


def fit(*callbacks, epochs=3, net=None, **arguments):
    net = net or small_run.model()
    held_out = (small_run.X[:16], small_run.Y[:16])
    options = {"validation_data": held_out, "epochs": epochs, "verbose": 0, **arguments}
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        net.fit(small_run.X, small_run.Y, callbacks=list(callbacks), **options)
    return net, [str(w.message) for w in given if "tb_diagnose" in str(w.message)]


def ours(folder):
    return tb_diagnose.KerasCallback(folder, verbose=0)


def scalars(folder):
    """All scalars of a run's parts: by part and tag, the pairs of step and value."""
    parts = {part: str(folder / part) for part in ("train", "validation") if (folder / part).is_dir()}
    data, ctx = EventData(parts), context.RequestContext()
    read = data.read_scalars(ctx, experiment_id="", plugin_name="scalars", downsample=event_file.ALL)
    return {
        part: {tag: (list(points.steps), np.float32(points.values).tolist()) for tag, points in tags.items()}
        for part, tags in read.items()
    }


def files_of(folder, part):
    return sorted((folder / part).glob("*tfevents*")) if (folder / part).is_dir() else []


def test_they_are_those_of_keras_to_the_last_bit(tmp_path):
    """The same program twice, once with Keras's own callback: the same charts, steps and values."""
    for callback in (ours(tmp_path / "ours"), keras.callbacks.TensorBoard(tmp_path / "stock")):
        keras.utils.set_random_seed(0)
        fit(callback)
    stock = scalars(tmp_path / "stock")
    expected = {
        part: {tag: points for tag, points in tags.items() if tag.startswith("epoch_")} for part, tags in stock.items()
    }
    assert sorted(expected["train"]) == ["epoch_accuracy", "epoch_learning_rate", "epoch_loss"]
    assert scalars(tmp_path / "ours") == expected


def test_a_run_with_them_is_one_run(tmp_path):
    fit(ours(tmp_path / "run1"))
    fit(ours(tmp_path / "run2"), validation_data=None)
    assert [(d.run, d.evidence.finished_epochs) for d in tb_diagnose.diagnose(tmp_path)] == [("run1", 3), ("run2", 3)]
    (one,) = tb_diagnose.diagnose(tmp_path / "run1")
    assert (one.run, one.evidence.epochs.tolist()) == (".", [0, 1, 2, 3])
    assert "environment" in one.evidence.facts  # read from our own file, not from curves
    assert list(scalars(tmp_path / "run2")) == ["train"]


def test_autolog_writes_them_too(tmp_path):
    with tb_diagnose.autolog(tmp_path, verbose=0):
        net, _ = fit(epochs=2)
        fit(net=net, epochs=2)
    (run,) = tmp_path.iterdir()
    # A second fit of the same model goes on in its run: so do its curves.
    assert scalars(run)["train"]["epoch_loss"][0] == [0, 1, 2, 3]
    assert [d.evidence.finished_epochs for d in tb_diagnose.diagnose(tmp_path)] == [4]


def test_of_two_runs_in_one_folder_the_newest_is_shown(tmp_path):
    for epochs in (4, 2):
        fit(ours(tmp_path / "run"), epochs=epochs)
    assert scalars(tmp_path / "run")["train"]["epoch_loss"][0] == [0, 1]
    assert [d.run for d in tb_diagnose.diagnose(tmp_path)] == ["run (earlier 1)", "run"]


@pytest.mark.parametrize("of_keras", ["run", "other", "other/below"])
def test_nothing_is_doubled_beside_the_callback_of_keras(tmp_path, of_keras):
    fit(ours(tmp_path / "run"), keras.callbacks.TensorBoard(tmp_path / of_keras))
    written = [file for part in ("train", "validation") for file in files_of(tmp_path / "run", part)]
    assert not [file for file in written if file.name.endswith(".diagnosis")]
    fit(ours(tmp_path / "alone" / "run"), keras.callbacks.TensorBoard(tmp_path / of_keras))
    assert files_of(tmp_path / "alone" / "run", "train"), "a logdir in which Keras's callback writes nothing"


def test_a_folder_that_somebody_else_writes_into_is_left_alone(tmp_path):
    """TensorBoard's slower loader follows one file of a folder: it would never show the rest of theirs."""
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(tmp_path / "run" / "train"))

    class Write(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            with writer.as_default():
                tf.summary.scalar("mine", float(epoch), step=epoch)

    fit(ours(tmp_path / "run"), Write())
    writer.close()
    assert [file.name.endswith(".diagnosis") for file in files_of(tmp_path / "run", "train")] == [False]
    assert files_of(tmp_path / "run", "validation") == []


def test_what_cannot_be_written_is_one_warning_and_costs_them_alone(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "train").write_text("a file, where a folder should be")
    keras.utils.set_random_seed(0)
    net, said = fit(ours(tmp_path / "run"))
    assert len(said) == 1 and "writing scalars for TensorBoard's own tabs failed" in said[0]
    recorded = event_file.newest(str(tmp_path / "run" / "diagnosis"))
    assert recorded.epochs.tolist() == [0, 1, 2, 3]
    keras.utils.set_random_seed(0)
    assert all(np.array_equal(a, b) for a, b in zip(net.get_weights(), fit()[0].get_weights(), strict=True))


def test_they_stay_small(tmp_path):
    sizes = {}
    for epochs in (5, 45):
        fit(ours(tmp_path / str(epochs)), epochs=epochs)
        parts = [file for part in ("train", "validation") for file in files_of(tmp_path / str(epochs), part)]
        sizes[epochs] = sum(map(os.path.getsize, parts))
    assert (sizes[45] - sizes[5]) / 40 < MOST_BYTES


def test_a_loop_of_ones_own_has_its_own_writers(tmp_path):
    net = small_run.model()
    for _ in range(2):
        loss = float(net.train_on_batch(small_run.X, small_run.Y)[0])
        tb_diagnose.log(net, (small_run.X, small_run.Y), tmp_path / "loop", loss=loss)
    assert sorted(os.listdir(tmp_path / "loop")) == ["diagnosis"]


def test_scalars_of_a_folder_that_was_deleted_are_written_anew(tmp_path):
    import shutil

    class Delete(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                shutil.rmtree(tmp_path / "run")

    fit(ours(tmp_path / "run"), Delete(), epochs=4)
    assert scalars(tmp_path / "run")["train"]["epoch_loss"][0] == [2, 3]
