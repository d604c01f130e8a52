"""A folder that a newer tb_diagnose wrote into: one sentence before training, and no second schema beside the first."""

from __future__ import annotations

import keras
import pytest
from small_run import X, Y, model

import tb_diagnose
from tb_diagnose import event_file


@pytest.fixture
def newer(tmp_path, written, monkeypatch):
    """The folder of a run that a newer version logged."""
    with monkeypatch.context() as patch:
        patch.setattr(event_file, "SCHEMA", 3)
        written(tmp_path, "run1")
    return tmp_path / "run1"


def test_neither_way_of_logging_writes_beside_it(newer):
    before = sorted(newer.rglob("*"))
    for attempt in (
        lambda: tb_diagnose.KerasCallback(newer, (X, Y)),
        lambda: tb_diagnose.log(model(), (X, Y), newer),
    ):
        with pytest.raises(ValueError, match="`logdir` holds a run of a newer tb_diagnose") as caught:
            attempt()
        text = str(caught.value)
        assert "schema 3; this version writes schema 2" in text and "pip install --upgrade tb-diagnose" in text
        assert "Expected: another folder" in text and str(newer) in text
    assert sorted(newer.rglob("*")) == before


def test_one_that_appears_before_fit_begins_is_told_as_well(tmp_path, written, monkeypatch):
    callback = tb_diagnose.KerasCallback(tmp_path / "run1", (X, Y))
    with monkeypatch.context() as patch:
        patch.setattr(event_file, "SCHEMA", 3)
        written(tmp_path, "run1")
    with pytest.raises(ValueError, match="`logdir` holds a run of a newer tb_diagnose"):
        model().fit(X, Y, epochs=1, verbose=0, callbacks=[callback])


def test_the_verdict_says_so_where_it_appears_during_the_run(tmp_path, written, monkeypatch, capsys, recwarn):
    class Meanwhile(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            with monkeypatch.context() as patch:
                patch.setattr(event_file, "SCHEMA", 3)
                written(tmp_path, "run1")

    callback = tb_diagnose.KerasCallback(tmp_path / "run1", (X, Y))
    model().fit(X, Y, epochs=1, verbose=0, callbacks=[callback, Meanwhile()])
    printed = capsys.readouterr().out
    assert printed.startswith("tb_diagnose: This run was logged by a newer tb_diagnose (schema 3;")
    assert "Probable cause" not in printed and not [w for w in recwarn if "tb_diagnose" in str(w.message)]
