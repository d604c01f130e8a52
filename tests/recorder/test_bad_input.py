"""What `fit` refuses, streams that fail, and a Keras whose internals moved: training is as without logging."""

from __future__ import annotations

import traceback
import warnings
from typing import Any

import keras
import numpy as np
import pytest
from small_run import X, Y, model

import tb_diagnose
from tb_diagnose import event_file
from tb_diagnose.recorder import fit_hook, passing
from tb_diagnose.recorder.arguments import LogdirError

BATCH = 16


def run(logdir: Any, make: Any, log: bool) -> tuple[Any, list[str], list[np.ndarray]]:
    """What `fit` raised, our warnings, and the weights afterwards."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(2)
    net, arguments = model(), make()
    error = None
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        tb_diagnose.autolog(logdir, verbose=0, disable=not log)
        try:
            net.fit(**{"verbose": 0, "epochs": 3, **arguments})
        except Exception as raised:  # noqa: BLE001 - it is compared
            error = raised
        finally:
            tb_diagnose.autolog(disable=True)
    variables = [np.array(keras.ops.convert_to_numpy(v.value)) for v in (*net.variables, *net.optimizer.variables)]
    return error, [str(w.message) for w in given if "tb_diagnose" in str(w.message)], variables


def compared(tmp_path: Any, make: Any) -> tuple[Any, list[str]]:
    """Trains with and without logging; what was raised and trained is the same. Our warnings, too."""
    before, _, expected = run(tmp_path, make, log=False)
    error, ours, trained = run(tmp_path, make, log=True)
    assert type(error) is type(before)
    assert plain(error) == plain(before)
    assert frames(error) == frames(before), (frames(error), frames(before))
    assert error is None or error.__context__ is None or type(error.__context__) is type(before.__context__)
    for a, b in zip(trained, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    return error, ours


def plain(error: Exception | None) -> list[str]:
    """A message without the numbers that TensorFlow counts up, and addresses."""
    import re

    return (
        [] if error is None else [re.sub(r"0x\w+|pyfunc_\d+|_\d+\b", "", line) for line in str(error).splitlines()[:3]]
    )


def frames(error: Exception | None) -> list[str]:
    """Functions that an error passed on its way; ours is the one that stands in for `fit`."""
    if error is None:
        return []
    walked = traceback.extract_tb(error.__traceback__)
    ours = [frame.name for frame in walked if "tb_diagnose" in frame.filename and "tests" not in frame.filename]
    assert ours in ([], ["fit"])
    return [frame.name for frame in walked if not ("tb_diagnose" in frame.filename and "tests" not in frame.filename)]


def dataset() -> Any:
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(BATCH)


def extension_types() -> dict[str, Any]:
    import pandas as pd

    return {"x": pd.DataFrame(X).astype("Float32"), "y": Y}


REFUSED = {
    "numbers in lists": lambda: {"x": X.tolist(), "y": Y.tolist()},
    "lengths that differ": lambda: {"x": X, "y": Y[:-1]},
    "strings": lambda: {"x": np.array([["a", "b", "c"]] * len(X)), "y": Y},
    "objects": lambda: {"x": X.astype(object), "y": Y},
    "labels that are strings": lambda: {"x": X, "y": np.array(["a", "b"])[Y]},
    "pandas extension types": extension_types,
    "a shape that the model does not take": lambda: {"x": X[:, :2], "y": Y},
    "labels beside a dataset": lambda: {"x": dataset(), "y": Y},
    "a split of a dataset": lambda: {"x": dataset(), "validation_split": 0.2},
    "a split of everything": lambda: {"x": X[:1], "y": Y[:1], "validation_split": 0.9},
    "class weights for a generator": lambda: {"x": iter(zip([X], [Y], strict=True)), "class_weight": {0: 1.0, 1: 2.0}},
    "an argument that does not exist": lambda: {"x": X, "y": Y, "epoch": 3},
    "validation of another shape": lambda: {"x": X, "y": Y, "validation_data": (X[:, :2], Y)},
    "validation without an end": lambda: {"x": X, "y": Y, "validation_data": 5},
    "a dataset of single samples": lambda: {"x": dataset().unbatch()},
    "an object": lambda: {"x": object(), "y": Y},
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_fit_refuses_gets_its_own_error_and_a_diagnosis(tmp_path, name):
    error, ours = compared(tmp_path, REFUSED[name])
    assert error is not None and ours == [], (error, ours)
    if name == "an argument that does not exist":
        return  # no call of fit
    (folder,) = tmp_path.iterdir()
    facts = event_file.newest(str(folder / "diagnosis")).facts
    assert facts["error"]["type"] == type(error).__name__
    assert tb_diagnose.diagnose(str(tmp_path))[0].status.name == "crashed"


class Raising(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        if index == 2:
            raise KeyError("no such file")
        return X[:BATCH], Y[:BATCH]


def stream(*kinds: str) -> Any:
    """Batches: whole ones, of another number of parts, of other shapes, or an error."""
    for number, kind in enumerate(kinds):
        rows = slice(BATCH * number % 64, BATCH * number % 64 + BATCH)
        if kind == "raises":
            raise OSError("the disk is gone")
        if kind == "weighted":
            yield X[rows], Y[rows], np.ones(BATCH)
        elif kind == "narrow":
            yield X[rows, :2], Y[rows]
        elif kind == "words":
            yield X[rows].astype(str), Y[rows]
        else:
            yield X[rows], Y[rows]


def failing_map() -> Any:
    import tensorflow as tf

    def read(x: Any, y: Any) -> Any:
        tf.debugging.assert_less(tf.reduce_max(tf.abs(x)), 2.0)
        return x, y

    return dataset().map(read)


def once() -> Any:
    """A Dataset whose source can be read once."""
    import tensorflow as tf

    source = iter([(X[i : i + BATCH], Y[i : i + BATCH]) for i in range(0, 64, BATCH)])
    spec = (tf.TensorSpec((None, 3), tf.float32), tf.TensorSpec((None,), tf.int64))
    return tf.data.Dataset.from_generator(lambda: source, output_signature=spec)


FAILING = {
    "no samples": lambda: {"x": X[:0], "y": Y[:0]},
    "a generator that ends early": lambda: {"x": stream(*["ok"] * 6), "steps_per_epoch": 4},
    "a generator that ends in the first epoch": lambda: {"x": stream("ok", "ok"), "steps_per_epoch": 4},
    "a generator that is read once": lambda: {"x": stream(*["ok"] * 4)},
    "a generator that raises": lambda: {"x": stream("ok", "ok", "ok", "raises"), "steps_per_epoch": 4},
    "a generator that raises later": lambda: {"x": stream(*["ok"] * 6, "raises"), "steps_per_epoch": 4},
    "a generator that raises at once": lambda: {"x": stream("raises"), "steps_per_epoch": 4},
    "parts that change between epochs": lambda: {"x": stream(*["ok"] * 4, *["weighted"] * 8), "steps_per_epoch": 4},
    "shapes that change": lambda: {"x": stream("ok", "ok", "ok", "narrow"), "steps_per_epoch": 4},
    "types that change": lambda: {"x": stream("ok", "ok", "words", "ok"), "steps_per_epoch": 4},
    "a PyDataset that raises": lambda: {"x": Raising()},
    "a PyDataset that raises in a thread": lambda: {"x": Raising(workers=2)},
    "a dataset that raises": lambda: {"x": failing_map()},
    "a dataset that can be read once": lambda: {"x": once()},
    "an empty dataset": lambda: {"x": dataset().take(0)},
    "a dataset that ends early": lambda: {"x": dataset(), "steps_per_epoch": 3},
    "validation that raises": lambda: {"x": X, "y": Y, "validation_data": failing_map()},
    "validation that ends early": lambda: {"x": X, "y": Y, "validation_data": dataset(), "validation_steps": 9},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(FAILING))
def test_streams_that_fail_fail_as_without_logging(tmp_path, name):
    _, ours = compared(tmp_path, FAILING[name])
    assert len(ours) <= 1
    (folder,) = tmp_path.iterdir()
    assert event_file.newest(str(folder / "diagnosis")) is not None


def test_a_batch_that_cannot_be_noted_is_one_warning(tmp_path, monkeypatch):
    def broken(*_: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("tb_diagnose.recorder.batches.unpacked", broken)
    error, ours = compared(tmp_path, lambda: {"x": dataset()})
    assert error is None and len(ours) == 1 and "out of order" in ours[0]


def test_a_logdir_that_is_a_file_is_said_once_and_training_goes_on(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    error, ours = compared(file, lambda: {"x": X, "y": Y})
    assert error is None and len(ours) == 1 and ours[0].startswith("tb_diagnose: nothing is logged. `logdir`")


@pytest.mark.parametrize("place", ["check_logdir", "event_file"])
def test_a_logdir_that_cannot_be_written_later_on(tmp_path, monkeypatch, place):
    def refused(*_: Any) -> None:
        raise LogdirError("`logdir` is gone.") if place == "check_logdir" else OSError("read-only file system")

    make = lambda: {"x": X, "y": Y}  # noqa: E731
    if place == "check_logdir":
        monkeypatch.setattr("tb_diagnose.recorder.prepare.arguments.check_logdir", lambda path: path)
        monkeypatch.setattr("tb_diagnose.recorder.autolog._folder", refused)
    else:
        monkeypatch.setattr("tb_diagnose.recorder.run_file.RunFile.open", refused)
    error, ours = compared(tmp_path, make)
    assert error is None and len(ours) == 1 and ours[0].startswith("tb_diagnose: this fit is not logged. `logdir`")


def test_the_users_own_callback_says_so_before_training(tmp_path, monkeypatch):
    def refused(*_: Any) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr("tb_diagnose.recorder.run_file.RunFile.open", refused)
    with pytest.raises(LogdirError):
        model().fit(X, Y, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path)])


@pytest.mark.parametrize("moved", ["EpochIterator", "get_tf_dataset"])
def test_a_keras_whose_internals_moved_is_said_once(tmp_path, monkeypatch, moved):
    from keras.src.trainers import epoch_iterator

    fit_hook.install()
    monkeypatch.setattr(fit_hook, "_moved", [])
    if moved == "EpochIterator":
        # Keras keeps its own reference: what is wrapped already is unwrapped, and what is looked for is not there.
        monkeypatch.setattr(epoch_iterator.EpochIterator, "__init__", epoch_iterator.EpochIterator.__init__.__wrapped__)
        monkeypatch.delattr(epoch_iterator, "EpochIterator")
    else:
        monkeypatch.setattr(passing, "_seam", lambda: "get_batches")
    held_out = lambda: {"x": X, "y": Y, "validation_split": 0.25, "batch_size": BATCH}  # noqa: E731
    error, first = compared(tmp_path / "arrays", held_out)
    facts = event_file.newest(str(next((tmp_path / "arrays").iterdir()) / "diagnosis")).facts
    assert error is None and facts["sample_count"] == 48 and facts["validation_sample_count"] == 16
    error, second = compared(tmp_path / "dataset", lambda: {"x": dataset()})
    recorded = event_file.newest(str(next((tmp_path / "dataset").iterdir()) / "diagnosis"))
    assert error is None and recorded.finished_epochs == 3 and "sample_count" not in recorded.facts
    assert len([*first, *second]) == 1 and "takes its batches in another way" in [*first, *second][0]
