"""What becomes of a run whose folder is deleted, or whose disk is full, while it trains."""

from __future__ import annotations

import errno
import shutil
import warnings

import keras
import numpy as np
import small_run

import tb_diagnose
from tb_diagnose import event_file, storage

EPOCHS = 6


def trained(*callbacks):
    """Weights after six epochs, and our warnings."""
    keras.utils.set_random_seed(0)
    net = small_run.model()
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        net.fit(small_run.X, small_run.Y, epochs=EPOCHS, verbose=0, callbacks=list(callbacks))
    return net.get_weights(), [str(w.message) for w in given if "tb_diagnose" in str(w.message)]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_folder_deleted_is_written_anew(tmp_path):
    class Delete(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 3:
                shutil.rmtree(tmp_path / "run")

    weights, said = trained(tb_diagnose.KerasCallback(tmp_path / "run", verbose=0), Delete())
    assert len(said) == 1 and "deleted while the model trains" in said[0] and "are lost" in said[0]
    assert same(weights, trained()[0])
    recorded = event_file.newest(str(tmp_path / "run" / "diagnosis"))
    assert recorded.epochs.tolist() == [4, 5, 6] and recorded.facts["sample_count"] == 64
    (diagnosis,) = tb_diagnose.diagnose(str(tmp_path))
    assert diagnosis.failed == ()


def test_a_program_may_go_into_another_folder(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()

    class Go(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            monkeypatch.chdir(tmp_path / "other")

    monkeypatch.chdir(tmp_path)
    _, said = trained(tb_diagnose.KerasCallback("run", verbose=0), Go())
    assert said == [] and list((tmp_path / "other").iterdir()) == []
    assert event_file.newest(str(tmp_path / "run" / "diagnosis")).epochs.tolist() == list(range(EPOCHS + 1))


def test_a_disk_that_is_full_for_a_while_costs_its_epochs_alone(tmp_path, monkeypatch):
    create, full = storage.create, []

    class Disk:
        """A file that takes half of what is written while the disk is full."""

        def __init__(self, path):
            self._file = create(path)

        def write(self, data):
            if full:
                self._file.write(data[: len(data) // 2])
                raise OSError(errno.ENOSPC, "No space left on device")
            return self._file.write(data)

        def flush(self):
            self._file.flush()

        def close(self):
            self._file.close()

    class Fill(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            full[:] = [True] if epoch in (2, 3) else []

    monkeypatch.setattr(storage, "create", Disk)
    weights, said = trained(tb_diagnose.KerasCallback(tmp_path, verbose=0), Fill())
    assert len(said) == 1 and "No space left on device" in said[0]
    assert same(weights, trained()[0])
    recorded = event_file.newest(str(tmp_path / "diagnosis"))
    assert recorded.epochs.tolist() == [0, 1, 2, 5, 6]
