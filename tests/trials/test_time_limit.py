"""A limit of time holds inside of what looks at no clock, and is no Ctrl+C of the program's."""

import _thread
import signal
import threading
import time
from contextlib import suppress

import keras
import numpy as np
import pytest

import tb_diagnose
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.session import Session
from tb_diagnose.trials import known_run, time_limit, training
from tb_diagnose.trials.held_out import Split
from tb_diagnose.trials.time_limit import TimeOverError, within_time

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
    monkeypatch.setattr(time_limit, "_watch", lambda ends, over, done: limits.append(over))

    def ends(*_, **__):
        limits[-1].set()
        _thread.interrupt_main()
        long()
        pytest.fail("It goes on.")

    return ends


def model():
    layers = [keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "relu")]
    made = keras.Sequential([keras.Input((2,)), *layers])
    made.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return made


def test_what_takes_longer_is_broken_off_and_the_rest_goes_on():
    with pytest.raises(TimeOverError):
        within_time(time.monotonic() + 0.05, long)
    assert within_time(FOREVER, lambda: long(0.01) or "done") == "done"


def test_an_interruption_that_is_passed_over_comes_again_and_none_comes_behind(monkeypatch):
    monkeypatch.setattr(time_limit, "AGAIN", 1e-4)

    def stubborn():
        with suppress(KeyboardInterrupt):
            long()
        long()

    for number in range(200):
        with pytest.raises(TimeOverError):
            within_time(time.monotonic() + number % 7 * 1e-4, stubborn)
        long(1e-4)


def test_ctrl_c_stays_ctrl_c():
    def pressed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        within_time(FOREVER, pressed)


def test_a_program_that_takes_ctrl_c_for_something_else_is_told_nothing():
    told = []
    before = signal.signal(signal.SIGINT, lambda *_: told.append("pressed"))
    try:
        within_time(time.monotonic(), lambda: long(0.1))
    finally:
        signal.signal(signal.SIGINT, before)
    assert told == []


def test_in_another_thread_nothing_is_broken_off():
    done = []
    thread = threading.Thread(target=lambda: done.append(within_time(time.monotonic(), lambda: long(0.1) or True)))
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
    trial = tb_diagnose.trial(model(), (DATA.x, DATA.y), budget=30)
    assert trial.stopped == "budget" and not trial.rows
    assert "before anything was known" in str(trial)


@pytest.mark.parametrize("part", ["changed_copy", "Scorer"])
def test_a_copy_whose_building_or_measuring_takes_too_long_is_given_up(monkeypatch, fire, part):
    monkeypatch.setattr(training, part, fire)
    setting = training.Setting(model(), Split(DATA, DATA, False), {"epochs": 1, "batch_size": 32}, 1, False)
    with pytest.raises(training.OutOfTimeError):
        training.train(setting, [], 0, FOREVER)
