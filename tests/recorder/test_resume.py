"""A run that was stopped and goes on is one curve: nothing lost, nothing twice."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import small_run

import tb_diagnose
from tb_diagnose import event_file


class Stop(keras.callbacks.Callback):
    """Ends a run in the middle of an epoch, as a crash does."""

    def on_train_batch_begin(self, batch, logs=None):
        if self.model.optimizer.iterations == 7:
            raise RuntimeError("stopped")


def fit(net, *callbacks, **arguments):
    net.fit(small_run.X, small_run.Y, batch_size=16, epochs=4, verbose=0, callbacks=list(callbacks), **arguments)


@pytest.mark.parametrize("first", ["ours", "backup"])
def test_backup_and_restore(tmp_path, first):
    def callbacks():
        ours = tb_diagnose.KerasCallback(tmp_path / "run", verbose=0)
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        return [ours, backup] if first == "ours" else [backup, ours]

    keras.utils.set_random_seed(0)
    with pytest.raises(RuntimeError, match="stopped"):
        fit(small_run.model(), *callbacks(), Stop())
    fit(small_run.model(), *callbacks())
    recorded = event_file.newest(str(tmp_path / "run" / "diagnosis"))
    assert recorded.epochs.tolist() == [0, 1, 2, 3, 4]
    assert recorded.get("iterations").tolist() == [0, 4, 8, 12, 16]
    (diagnosis,) = tb_diagnose.diagnose(str(tmp_path / "run"))
    assert diagnosis.evidence.epochs.tolist() == [0, 1, 2, 3, 4]


def test_initial_epoch_of_a_model_that_was_saved(tmp_path):
    keras.utils.set_random_seed(0)
    net = small_run.model()
    net.fit(small_run.X, small_run.Y, batch_size=16, epochs=2, verbose=0, callbacks=[callback(tmp_path)])
    net.save(tmp_path / "net.keras")
    fit(keras.models.load_model(tmp_path / "net.keras"), callback(tmp_path), initial_epoch=2)
    recorded = event_file.newest(str(tmp_path / "run" / "diagnosis"))
    assert recorded.epochs.tolist() == [0, 1, 2, 3, 4]
    assert np.isfinite(recorded.get("probe_loss")).all()


def callback(folder):
    return tb_diagnose.KerasCallback(folder / "run", verbose=0)
