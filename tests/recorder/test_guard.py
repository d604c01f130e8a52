"""Whatever fails inside of the logging, the run goes on, and each kind of failure is told once."""

from __future__ import annotations

import gc
import warnings
import weakref
from unittest import mock

import keras
import numpy as np
import pytest
from small_run import X, Y, model

import tb_diagnose
from tb_diagnose import event_file
from tb_diagnose.recorder import model_facts, run_file, session
from tb_diagnose.recorder.arguments import LogdirError
from tb_diagnose.recorder.guard import Guard


def fit(logdir):
    """Epochs that were trained, and our warnings."""
    callback = tb_diagnose.KerasCallback(logdir, (X, Y), (X, Y))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model().fit(X, Y, epochs=3, verbose=0, callbacks=[callback])
    return len(history.history["loss"]), [str(w.message) for w in caught if "tb_diagnose" in str(w.message)]


def broken(*arguments, **options):
    raise RuntimeError("out of order\nwith a second line")


PLACES = [
    (model_facts, "iterations"),
    (model_facts, "learning_rate"),
    (model_facts, "environment"),
    (model_facts, "model_facts"),
    (run_file.RunFile, "open"),
    (run_file.RunFile, "write_facts"),
    (run_file.RunFile, "write_epoch"),
    (run_file.RunFile, "close"),
    (event_file, "newest"),
    (session.Session, "kernels"),
    (session.Session, "plan"),
    (session.Session, "_draw_probes"),
    (session.Session, "_data_facts"),
    (session.Session, "_reference_facts"),
    (session.Session, "_copied_weights"),
    (session.forward, "walk"),
    (session.forward, "explore"),
    (session.probe, "predictions"),
    (session.probe, "layer_gradients"),
    (session.probe, "initial_weights"),
    (session, "loss_levels"),
    (session, "layer_change"),
    (session.measure, "norm_and_nonfinite"),
]


@pytest.mark.parametrize(("owner", "name"), PLACES, ids=[name for _, name in PLACES])
def test_a_run_outlives_every_failure(tmp_path, owner, name):
    with mock.patch.object(owner, name, broken):
        epochs, told = fit(tmp_path)
    assert epochs == 3
    assert told and all("RuntimeError: out of order)" in text and "The run goes on" in text for text in told)
    assert len(told) == len({text.partition(" failed")[0].partition(" after epoch")[0] for text in told})


def test_a_step_count_that_is_no_number_costs_the_step_count_alone(tmp_path):
    """An optimizer of somebody's own may keep something else there."""
    with mock.patch.object(model_facts, "iterations", broken):
        fit(tmp_path)
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert evidence.finished_epochs == 3 and "iterations" not in evidence.series
    assert np.isfinite(evidence.series["probe_loss"][1:]).all()


@pytest.mark.parametrize("value", ["not JSON", b"\xff"], ids=["JSON", "UTF-8"])
def test_earlier_events_that_cannot_be_read_do_not_end_a_run(tmp_path, value):
    """What reading raises for them are ValueErrors, as are mistakes in arguments."""
    from tensorboard.compat.proto.event_pb2 import Event

    earlier = event_file.EventFile(str(tmp_path / "diagnosis"), 0)
    event = Event(wall_time=1.7e9)
    earlier._add(event, event_file.FACT_TAG + "run_start", np.array(value, dtype=object), {})
    earlier._writer.write(event)
    earlier.close()
    epochs, told = fit(tmp_path)
    assert epochs == 3
    assert told and "opening the event file failed" in told[0] and "The run goes on" in told[0]


def test_each_kind_is_told_once_with_its_first_occasion():
    guard = Guard()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for epoch in (1, 2):
            for doing in ("measuring gradients", "measuring weights"):
                with guard(doing, f"after epoch {epoch}"):
                    broken()
    assert [str(w.message).partition(" failed")[0] for w in caught] == [
        "tb_diagnose: measuring gradients after epoch 1",
        "tb_diagnose: measuring weights after epoch 1",
    ]


def test_an_error_that_does_not_say_what_it_is_ends_nothing():
    class SilentError(Exception):
        def __str__(self):
            raise ValueError("nothing to say")

    with pytest.warns(RuntimeWarning, match=r"measuring failed \(SilentError\)"), Guard()("measuring"):
        raise SilentError


def test_mistakes_in_arguments_are_raised():
    guard = Guard()
    with pytest.raises(ValueError, match="logdir"), guard("opening", unless=(LogdirError,)):
        raise LogdirError("`logdir` cannot be written.")


@pytest.mark.parametrize("options", [{"probe_samples": 16}, {"probe_rows": 16}])
def test_the_size_of_the_probe_batch(tmp_path, options, recwarn):
    callback = tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0, **options)
    model().fit(X, Y, epochs=1, verbose=0, callbacks=[callback])
    assert event_file.newest(str(tmp_path / "diagnosis")).facts["probe_sample_count"] == 16
    assert not [warning for warning in recwarn if "probe" in str(warning.message)]


def test_what_is_not_said_while_measuring_is_said_at_its_next_occasion(recwarn):
    guarded = Guard()

    def program():
        return np.log(np.zeros(1))

    with guarded("measuring"):
        program()
    assert len(recwarn) == 0
    warnings.simplefilter("default")
    program()
    program()
    assert [str(w.message) for w in recwarn] == ["divide by zero encountered in log"]


def test_a_model_is_not_kept_alive(tmp_path):
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = keras.layers.Dense(1, "sigmoid")

        def call(self, inputs):
            return self.last(inputs)

        def own_loss(self, y_true, y_pred):
            return keras.losses.binary_crossentropy(y_true, y_pred)

    net = Net()
    net.compile("adam", net.own_loss)
    net.fit(X, Y, epochs=2, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, verbose=0)])
    gone = weakref.ref(net)
    del net
    keras.utils.clear_session()
    gc.collect()
    assert gone() is None
