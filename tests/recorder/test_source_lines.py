"""Noting the user's lines: nothing of the program changes, and what has no file has no place."""

from __future__ import annotations

import copy
import gc
import inspect
import pickle
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import keras
import numpy as np
import pytest
import small_run
from keras.src.layers.layer import Layer
from keras.src.losses.loss import Loss
from keras.src.optimizers.base_optimizer import BaseOptimizer
from keras.src.trainers.trainer import Trainer

import tb_diagnose
from tb_diagnose import event_file
from tb_diagnose.evidence import source as source_places
from tb_diagnose.recorder import source_lines

HOOKED = ((Layer, "__new__"), (BaseOptimizer, "__init__"), (Loss, "__init__"), (Trainer, "compile"))


@pytest.fixture(autouse=True)
def stopped():
    yield
    source_lines.stop()


def hooks() -> list[object]:
    return [owner.__dict__[name] for owner, name in HOOKED]


def test_it_is_taken_out_again():
    before = hooks()
    source_lines.start(True)
    noted = hooks()
    assert all(now is not then for now, then in zip(noted, before, strict=True))
    source_lines.start(False)
    assert hooks() == noted  # once is enough
    source_lines.stop()
    source_lines.stop()
    assert all(now is then for now, then in zip(hooks(), before, strict=True))
    assert source_lines.facts(small_run.model()) == {}


def test_a_hook_of_somebody_else_stays():
    source_lines.start(True)
    ours = Trainer.compile

    def theirs(self, *args, **kwargs):
        return ours(self, *args, **kwargs)

    Trainer.compile = theirs
    try:
        source_lines.stop()
        assert Trainer.compile is theirs
        small_run.model()
    finally:
        Trainer.compile = ours.__wrapped__


class Scaled(keras.layers.Layer):
    """A layer with a config that Keras makes of its arguments."""

    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor


class Careful(keras.Model):
    """A model with a `compile` of its own."""

    def compile(self, speed, **kwargs):
        super().compile(optimizer=keras.optimizers.SGD(speed), **kwargs)


def told() -> list[object]:
    """What a program can see of Keras's classes and objects."""
    layer = Scaled(3.0, name="scaled")
    twin = copy.deepcopy(keras.optimizers.Adam(0.5))
    signatures = [inspect.signature(keras.Model.compile), inspect.signature(keras.layers.Dense)]
    signatures += [inspect.getfullargspec(keras.layers.Dense.__init__), inspect.signature(keras.losses.Loss)]
    model = small_run.model()
    again = pickle.loads(pickle.dumps(model))
    same = [(a == b).all() for a, b in zip(model.get_weights(), again.get_weights(), strict=True)]
    return [
        signatures,
        layer.get_config(),
        Scaled.from_config(layer.get_config()).factor,
        sorted(vars(layer)),
        twin.get_config(),
        model.get_compile_config(),
        again.get_config()["layers"][1]["config"]["units"],
        same,
        keras.layers.Dense.__init__.__doc__,
        keras.Model.compile.__doc__,
    ]


def test_the_program_sees_nothing_of_it():
    keras.backend.clear_session()
    without = told()
    source_lines.start(True)
    keras.backend.clear_session()
    assert told() == without


@pytest.mark.parametrize("source", [True, False])
def test_weights_are_the_same_to_the_last_bit(tmp_path, source):
    def train(noted: bool) -> list[np.ndarray]:
        if noted:
            source_lines.start(source)
        keras.utils.set_random_seed(3)
        model = small_run.model()
        logged = tb_diagnose.KerasCallback(tmp_path, (small_run.X, small_run.Y), verbose=0)
        model.fit(small_run.X, small_run.Y, epochs=2, verbose=0, callbacks=[logged] if noted else [])
        return [*model.get_weights(), np.asarray(np.random.random()), np.asarray(keras.random.normal((2,)))]

    assert all((a == b).all() for a, b in zip(train(False), train(True), strict=True))
    fact = event_file.newest(str(tmp_path / "diagnosis")).facts["source"]
    noted = source_places.read({"source": fact})
    here, made = Path(__file__).name, Path(small_run.__file__).name
    assert Path(noted.fit.file).name == here and Path(noted.compile.file).name == made
    for place in fact["places"]:
        assert ("text" in place) is source
    if source:
        assert noted.compile.text == '    net.compile("adam", "binary_crossentropy", metrics=["accuracy"])'
    assert noted.compile.positional == ("optimizer", "loss")


@pytest.mark.parametrize("source", [True, False])
def test_autolog_notes_the_lines(tmp_path, source):
    before = hooks()
    with tb_diagnose.autolog(tmp_path, verbose=0, source=source):
        model = small_run.model()
        model.fit(small_run.X, small_run.Y, epochs=1, verbose=0)
    assert hooks() == before
    (folder,) = tmp_path.iterdir()
    noted = source_places.read(event_file.newest(str(folder / "diagnosis")).facts)
    assert Path(noted.fit.file).name == Path(__file__).name and set(noted.layers) == {model.layers[0].name}
    assert (noted.fit.text is not None) is source
    assert noted.fit.positional == ("x", "y") and not noted.fit.repeated


def test_nothing_is_kept_alive():
    source_lines.start(True)
    layer = keras.layers.Dense(3)
    assert source_lines._notes._spots
    del layer
    gc.collect()
    assert not source_lines._notes._spots


def test_an_error_inside_is_no_error_of_the_program(monkeypatch):
    source_lines.start(True)
    monkeypatch.setattr(source_lines, "_user_spot", lambda *_: 1 / 0)
    assert small_run.model().layers


def test_a_compile_of_the_users_own_is_no_call_to_change():
    source_lines.start(True)
    inputs = keras.Input((3,))
    model = Careful(inputs, keras.layers.Dense(1)(inputs))
    model.compile(0.1, loss="mse")
    compiled = source_places.read(source_lines.facts(model)).compile
    line = inspect.getsourcelines(test_a_compile_of_the_users_own_is_no_call_to_change)[1] + 4
    assert (compiled.line, compiled.end_column) == (line, None)


PROGRAM = textwrap.dedent(
    """
    import keras
    from tb_diagnose.recorder import source_lines
    source_lines.start(True)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    print(source_lines.facts(model))
    """
)


@pytest.mark.parametrize("name", ["<string>", "<stdin>", "<ipython-input-3-0123456789ab>", "deleted.py", "."])
def test_what_has_no_file_has_no_place(capsys, name):
    exec(compile(PROGRAM, name, "exec"), {})
    assert capsys.readouterr().out.strip() == "{}"


@pytest.mark.parametrize("text", ["def broken(:\n", "one = 1\n", "\n" * 20 + "two = 2\n", "\0"])
def test_a_file_that_is_another_by_now_has_no_call(tmp_path, capsys, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(text)
    exec(compile(PROGRAM, "program.py", "exec"), {})
    assert not re.search(r"'end_column': \d", capsys.readouterr().out)


@pytest.mark.slow
def test_without_columns_a_call_is_found_by_its_name(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    shown = subprocess.run(
        [sys.executable, "-X", "no_debug_ranges", str(path)], capture_output=True, text=True, check=True, cwd=tmp_path
    ).stdout
    column = PROGRAM.splitlines()[4].index("Dense(1)") + len("Dense(1)")
    assert f"'end_column': {column}" in shown and "'text': 'model.compile(\"sgd\", \"mse\")'" in shown
