"""A limit of time holds inside of what looks at no clock, and is no Ctrl+C of the program's."""

import signal
import threading
import time

import keras
import numpy as np
import pytest

from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.session import Session
from tb_diagnose.trials import known_run, time_limit, training
from tb_diagnose.trials.held_out import Split

X = np.random.default_rng(0).normal(size=(96, 2)).astype("float32")
DATA = Data(X, (X.sum(axis=1) > 0).astype("float32"))
FOREVER = float("inf")


def long(seconds=60.0):
    """What takes long, in many steps of Python."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        pass


@pytest.fixture
def fire(monkeypatch):
    """Ends the time of the innermost limit, whatever the clock says."""
    limits = []

    class Timer(threading.Timer):
        def start(self):
            limits.append(self)

        def join(self, timeout=None):
            limits.remove(self)

    monkeypatch.setattr(time_limit.threading, "Timer", Timer)

    def ends(*_, **__):
        limits[-1].function()
        long()
        pytest.fail("It goes on.")

    return ends


def model():
    layers = [keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "relu")]
    made = keras.Sequential([keras.Input((2,)), *layers])
    made.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return made


def test_what_takes_longer_is_broken_off_and_the_rest_goes_on():
    with time_limit.time_limit(time.monotonic() + 0.05) as over:
        long()
        pytest.fail("It goes on.")
    assert over.is_set()
    with time_limit.time_limit(FOREVER) as over:
        long(0.01)
    assert not over.is_set()


def test_ctrl_c_stays_ctrl_c():
    with pytest.raises(KeyboardInterrupt), time_limit.time_limit(FOREVER):
        raise KeyboardInterrupt


def test_a_program_that_takes_ctrl_c_for_something_else_is_told_nothing():
    told = []
    before = signal.signal(signal.SIGINT, lambda *_: told.append("pressed"))
    try:
        with time_limit.time_limit(time.monotonic()) as over:
            long(0.1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert told == [] and not over.is_set()


def test_in_another_thread_nothing_is_broken_off():
    done = []

    def work():
        with time_limit.time_limit(time.monotonic()):
            long(0.1)
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


def test_a_control_that_is_broken_off_while_it_is_measured_tells_what_its_settings_tell(monkeypatch, fire):
    monkeypatch.setattr(Session, "begin_measuring", fire)
    run = known_run.control(model(), DATA, None, {"epochs": 1}, FOREVER)
    assert "output_activation" in [named.cause.id for named in run.diagnosis.probable_causes]


def test_a_control_that_is_broken_off_before_anything_is_known_is_none(monkeypatch, fire):
    monkeypatch.setattr(known_run, "changed_copy", fire)
    assert known_run.control(model(), DATA, None, {"epochs": 1}, FOREVER) is None


@pytest.mark.parametrize("part", ["changed_copy", "Scorer"])
def test_a_copy_whose_building_or_measuring_takes_too_long_is_given_up(monkeypatch, fire, part):
    monkeypatch.setattr(training, part, fire)
    setting = training.Setting(model(), Split(DATA, DATA, False), {"epochs": 1, "batch_size": 32}, 1, False)
    with pytest.raises(training.OutOfTimeError):
        training.train(setting, [], 0, FOREVER)
