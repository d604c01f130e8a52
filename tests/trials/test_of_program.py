"""A trial of a program: that of its last `fit`, whatever it has shown, by the way that follows any `fit`."""

import json
import sys

import pytest

import tb_diagnose
from tb_diagnose.recorder import watchers
from tb_diagnose.trials import after_fit, of_program

BEGINNING = """
import sys, keras, numpy as np, tb_diagnose
x = np.random.default_rng(0).normal(size=(96, 2)).astype("float32")
y = (x.sum(axis=1) > 0).astype("float32")

def model(output):
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1, output)])
    made.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return made
"""


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """The interpreter is that of the tests; the command has one of its own."""
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    tb_diagnose.autolog(disable=True)


@pytest.fixture
def asked(monkeypatch):
    """What would be tried, and how: the trials are not made."""
    subjects = []

    def note(subject, **how):
        subjects.append((subject, how))
        raise after_fit.CannotTryError("it is only noted.")

    monkeypatch.setattr(after_fit, "tried", note)
    return subjects


def tried(folder, source, *arguments):
    """The exit status of the command for a program."""
    (folder / "train.py").write_text(BEGINNING + source)
    settings = {"script": str(folder / "train.py"), "arguments": arguments, "logdir": str(folder / "logs")}
    return of_program.main([json.dumps({**settings, "budget": 20.0, "seeds": 2})])


def test_the_last_fit_is_tried_once_though_it_is_healthy(tmp_path, asked, capsys):
    first_and_last = f"""
own = tb_diagnose.KerasCallback({str(tmp_path / "own")!r}, verbose=0, trial=True)
model("softmax").fit(x, y, epochs=4, verbose=0, callbacks=[own])
model("sigmoid").fit(x, y, epochs=2, batch_size=16, validation_split=0.25, verbose=0)
print(*sys.argv[1:])
sys.exit(3)
"""
    assert tried(tmp_path, first_and_last, "its", "arguments") == of_program.NOT_MADE
    ((subject, how),) = asked
    assert how == {"budget": 20.0, "seeds": 2}
    assert subject.training.sample_count == 72 and subject.validation.sample_count == 24
    assert dict(subject.fit) == {"batch_size": 16, "shuffle": True, "epochs": 2}
    assert subject.run.folder.startswith(str(tmp_path / "logs"))
    assert subject.run.diagnosis.status.name not in after_fit.TRIED
    assert capsys.readouterr().out == "its arguments\nNo trial: it is only noted.\n"


def test_a_fit_that_raises_is_tried_too(tmp_path, asked, capsys):
    words = 'model("sigmoid").fit(x, np.array(["cat", "dog"])[y.astype(int)], epochs=2, verbose=0)'
    assert tried(tmp_path, words) == of_program.NOT_MADE
    ((subject, _),) = asked
    assert subject.run.diagnosis.status.name == "crashed" and subject.training.sample_count == 96
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("", "the program has called no fit of Keras."),
        (
            'own = tb_diagnose.KerasCallback(sys.path[0], probe_samples=0, verbose=0)\nmodel("sigmoid")'
            ".fit(iter([(x, y)]), steps_per_epoch=1, verbose=0, callbacks=[own])",
            "cannot be read twice without a trace",
        ),
        (
            'own = tb_diagnose.KerasCallback(sys.path[0], probe_samples=0, verbose=0)\nmodel("sigmoid")'
            ".fit(x, y, verbose=0, callbacks=[own])",
            "`probe_samples` is 0",
        ),
    ],
)
def test_what_cannot_be_tried_is_said(tmp_path, asked, capsys, source, why):
    assert tried(tmp_path, source) == of_program.NOT_MADE
    told = capsys.readouterr().out
    assert told.startswith("No trial: ") and why in told
    assert asked == []


def test_a_run_that_is_none_of_the_program_is_not_kept():
    stop = watchers.watch(None, lambda run, verbose: None, watchers.OfTrials(keeps=lambda ended: None))
    with watchers.silent():
        assert watchers.keeper() is None
    assert watchers.keeper() is not None
    stop()
    assert watchers.keeper() is None
