"""What is written about the data: nothing but what README lists, and with `probe_samples=0` nothing at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import keras
import numpy as np
import pytest
from small_run import X, Y, model

import tb_diagnose
from tb_diagnose import event_file
from tb_diagnose.recorder.model_facts import without_data

REPORTED = {"loss", "accuracy", "val_loss", "val_accuracy"}
"""What Keras itself reports."""
OF_THE_MOMENT = {"environment", "run_start", "source"}
SECRET = 8_675_309.0


def still():
    """A model that no step moves, so that its weights say nothing of the data."""
    keras.utils.clear_session()  # names of layers are counted
    keras.utils.set_random_seed(1)
    net = model()
    net.compile(keras.optimizers.SGD(0.0), "binary_crossentropy", metrics=["accuracy"])
    return net


def dataset(x, y):
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((x, y)).batch(16)


FORMS = {
    "arrays": lambda x, y: {"x": x, "y": y, "validation_data": (x, y), "batch_size": 16},
    "dataset": lambda x, y: {"x": dataset(x, y), "validation_data": dataset(x, y)},
    "split": lambda x, y: {"x": x, "y": y, "validation_split": 0.25, "batch_size": 16},
}


def logged(folder: Path, x, y, form: str):
    callback = tb_diagnose.KerasCallback(folder, probe_samples=0, verbose=0)
    still().fit(**FORMS[form](x, y), epochs=2, verbose=0, callbacks=[callback])
    return event_file.newest(str(folder / "diagnosis"))


@pytest.mark.parametrize("form", list(FORMS))
def test_without_probe_samples_nothing_depends_on_the_data(tmp_path, form):
    one = logged(tmp_path / "one", X, Y, form)
    other = logged(tmp_path / "other", X * 100 + SECRET, 1 - Y[::-1], form)
    assert one.finished_epochs == other.finished_epochs == 2 and 0 in one.epochs
    assert {name: fact for name, fact in one.facts.items() if name not in OF_THE_MOMENT} == {
        name: fact for name, fact in other.facts.items() if name not in OF_THE_MOMENT
    }
    assert set(one.metrics) == set(other.metrics) == REPORTED
    reported = {"step_loss_std", "largest_step_loss"}  # of the losses that Keras reports after each step
    alike = set(one.series) - {"seconds", *reported}
    assert {"weight_norm", "update_ratio", "learning_rate"} <= alike
    for name in alike:
        np.testing.assert_array_equal(one.series[name], other.series[name], err_msg=name)


def test_such_a_run_is_judged_by_what_there_is(tmp_path):
    logged(tmp_path, X, Y, "arrays")
    (diagnosis,) = tb_diagnose.diagnose(tmp_path)
    assert diagnosis.status.name != "unreadable" and not diagnosis.failed


def test_a_loop_that_gives_no_data(tmp_path):
    net = still()
    for loss in (None, 0.7, 0.6):
        tb_diagnose.log(net, None, tmp_path, loss=loss)
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert evidence.epochs.tolist() == [0, 1, 2] and "sample_count" not in evidence.facts


def test_an_error_that_quotes_a_sample(tmp_path):
    callback = tb_diagnose.KerasCallback(tmp_path, probe_samples=0, verbose=0)
    with pytest.raises(Exception, match="."):
        model().fit(np.array([["a secret"] * 3] * 4), np.zeros(4), verbose=0, callbacks=[callback])
    (file,) = (tmp_path / "diagnosis").iterdir()
    assert b"a secret" not in file.read_bytes()


def test_what_layers_were_given_of_the_data():
    layer = {"class_name": "TextVectorization", "config": {"vocabulary": ["a", "secret"], "max_tokens": 9}}
    assert without_data({"layers": [layer], "mean": 0.0}) == {
        "layers": [{"class_name": "TextVectorization", "config": {"vocabulary": None, "max_tokens": 9}}],
        "mean": 0.0,
    }


def test_no_sample_is_written(tmp_path):
    """A sample of which every value is known, among others: its bytes, as numbers or text, are in no file."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3)).astype("float32")
    callback = tb_diagnose.KerasCallback(tmp_path, verbose=0)
    model().fit(x, Y, epochs=2, verbose=0, callbacks=[callback])
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*tfevents*"))
    ends = {x.min(), x.max()}  # the range of the inputs is written
    inner = [value for value in x.ravel() if value not in ends]
    assert not [value for value in inner if value.tobytes() in content]
    assert not [value for value in inner if repr(float(value)).encode() in content]


@pytest.mark.skipif(os.name == "nt", reason="there is no umask")
@pytest.mark.parametrize("umask", [0o077, 0o022])
def test_files_get_the_umask_of_the_user(tmp_path, umask):
    before = os.umask(umask)
    try:
        model().fit(X, Y, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path / "run", verbose=0)])
    finally:
        os.umask(before)
    for path in (tmp_path / "run").rglob("*"):
        allowed = 0o777 if path.is_dir() else 0o666
        assert stat.S_IMODE(path.stat().st_mode) == allowed & ~umask, path
